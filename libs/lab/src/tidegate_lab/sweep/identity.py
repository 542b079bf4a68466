"""What makes two trials the same: what is tried, on which data, and by which code.

A trial plays the data from memory: many trials play them again and again.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate_chassis.host.version import core_version
from tidegate_execution.config import VenueSettings
from tidegate_lab.host.session import rounds_of
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_risk.config import RiskLimits
from tidegate_signals.core.strategies import definition_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_market_data.adapters.dataset import Bars

HASH_BYTES = 16
_COLUMNS = 7
"""Instrument, start, open, high, low, close and volume."""


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What trials are run on."""

    hash: str
    """Of every instrument and bar; the name of the feed does not count."""
    instruments: tuple[str, ...]
    """``venue:symbol``, sorted."""
    first_ns: int
    last_ns: int

    def overlaps(self, other: Data) -> bool:
        """Tell whether both hold a moment of the same instrument."""
        shared = set(self.instruments) & set(other.instruments)
        return bool(shared) and self.first_ns < other.last_ns and other.first_ns < self.last_ns


class _NoParameters(msgspec.Struct, frozen=True):
    """Stands for the parameters where only the code counts: a trial's key holds those."""


def in_memory(bars: Bars) -> Dataset:
    """Return the bars as columns in memory."""
    if isinstance(bars, Dataset):
        return bars
    parts = list(bars.chunks())
    return Dataset(
        feed=bars.feed,
        timeframe_ns=bars.timeframe_ns,
        instruments=bars.instruments,
        codes=np.concatenate([part.codes for part in parts]),
        values=np.concatenate([part.values for part in parts], axis=1),
        warnings=bars.warnings,
    )


def data_of(bars: Bars) -> Data:
    """Name bars by their content, however they are cut into chunks."""
    digest = blake2b(digest_size=HASH_BYTES)
    for each in bars.instruments:
        digest.update(f"{each.venue}|{each.symbol}|{each.price_scale}|{each.size_scale}|".encode())
    digest.update(bars.timeframe_ns.to_bytes(8, "little"))
    columns = [blake2b(digest_size=HASH_BYTES) for _ in range(_COLUMNS)]
    for codes, values in bars.chunks():
        for column, part in zip(columns, (codes.astype(np.int32), *values), strict=True):
            column.update(np.ascontiguousarray(part).tobytes())
    for column in columns:
        digest.update(column.digest())
    return Data(
        hash=digest.hexdigest(),
        instruments=tuple(sorted(f"{each.venue}:{each.symbol}" for each in bars.instruments)),
        first_ns=bars.first_ns,
        last_ns=bars.last_ns,
    )


def trial_key(session: Session, data: Data) -> str:
    """Name a trial by what it tries: strategies, limits, costs, capital, and the data.

    Defaults are written out, so that naming one makes no other trial.
    """
    tried: dict[str, Any] = {
        "strategies": [
            [
                each.strategy,
                definition_of(each.strategy).parse(each.parameters),
                each.entry and each.entry.model_dump(mode="json"),
            ]
            for each in session.strategies
        ],
        "limits": RiskLimits.model_validate(session.limits).model_dump(mode="json"),
        "venue": VenueSettings.model_validate(session.venue).model_dump(mode="json"),
        "capital": [str(session.capital.amount), session.capital.currency],
        "data": data.hash,
    }
    return _hashed(msgspec.json.encode(tried, order="deterministic"))


def code_version(session: Session, dataset: Bars) -> str:
    """Name the code that decides: a result of other code is not taken for this one's."""
    rounds = rounds_of(session, dataset)
    versions = [
        core_version(type(shard.machine), _NoParameters())
        for shard in (*rounds.shards, rounds.feed)
    ]
    return _hashed(msgspec.json.encode(versions))


def _hashed(text: bytes) -> str:
    return blake2b(text, digest_size=HASH_BYTES).hexdigest()
