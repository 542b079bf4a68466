"""How values of messages become tokens of subjects."""

from __future__ import annotations

from functools import lru_cache

from tidegate_contracts.errors import SubjectError
from tidegate_kernel.identifiers import subject_token
from tidegate_kernel.time import NS_PER_MILLISECOND, format_duration

CACHE_SIZE = 65_536
_HOSTED = {"venue": "execution"}
"""Shards that another service hosts: the paper venue runs inside execution."""


@lru_cache(maxsize=CACHE_SIZE)
def token(text: str) -> str:
    """Return a name, venue or symbol as one subject token."""
    if not text:
        raise SubjectError("subject", "a name, venue or symbol", "an empty string")
    return subject_token(text)


@lru_cache(maxsize=CACHE_SIZE)
def timeframe_token(duration_ns: int) -> str:
    """Return a timeframe as a token: ``5m``."""
    if duration_ns <= 0 or duration_ns % NS_PER_MILLISECOND:
        expected = "a timeframe of whole milliseconds above 0"
        raise SubjectError("subject", expected, f"{duration_ns} ns")
    return format_duration(duration_ns)


def service_of(shard_or_channel: str) -> str:
    """Return the service that hosts a shard or writes a channel: ``risk/demo`` is ``risk``.

    A channel's name starts with the name of its producer shard.
    """
    kind, slash, _ = shard_or_channel.partition("/")
    if not slash:
        raise SubjectError("shard", "a name such as risk/demo", repr(shard_or_channel))
    return _HOSTED.get(kind, kind)
