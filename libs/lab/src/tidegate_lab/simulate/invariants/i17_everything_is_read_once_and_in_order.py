"""I17: gaps in what is read are seen and filled; nothing is known before it happened.

Checked here for every reader of every channel, market data included: places are journalled in
ascending order, each once; in the quiet none of the kinds that it reads is missing; no input is
journalled before the message was committed by its producer; and risk handles a signal after the
bars that it was decided on, or as `CauseMissing`. Gaps inside a feed's own data, and
corrections, are tested in services/market-data.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from tidegate_chassis.host import topology
from tidegate_chassis.host.envelope import unpack_depends
from tidegate_chassis.host.inputs import InputKind
from tidegate_lab.simulate.evidence import RISK

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

FEED, SIGNALS = "market-data/replay-sim", "signals/sim/0"
_FROM_CHANNELS = (int(InputKind.MESSAGE), int(InputKind.CAUSE_MISSING))


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.restored:
        return []
    produced: dict[str, list[tuple[float, str]]] = {}
    for books in evidence.books.values():
        for channel, rows in books.channels.items():
            produced[channel] = [
                (books.journal[row["n"] - 1]["at_s"], row["headers"].split(" ", 5)[4])
                for row in rows
            ]
    faults = _signals_before_their_bars(evidence)
    for shard, books in evidence.books.items():
        read: dict[str, list[tuple[int, float]]] = {}
        for record in books.journal:
            if record["kind"] in _FROM_CHANNELS and record["channel"] != topology.SOURCE:
                read.setdefault(record["channel"], []).append((record["k"], record["at_s"]))
        for channel, places in read.items():
            faults += _faults_of(shard, channel, places, produced[channel])
        if not evidence.unsettled:
            faults += _missing(evidence, shard, read, produced)
    return faults


def _faults_of(
    shard: str, channel: str, places: list[tuple[int, float]], produced: list[tuple[float, str]]
) -> list[str]:
    faults = []
    last = 0
    for k, at_s in places:
        if k <= last:
            faults.append(f"{shard}: read {channel} k={k} after k={last}")
        if k > len(produced) or at_s < produced[k - 1][0]:
            faults.append(f"{shard}: knew {channel} k={k} before it was committed")
        last = k
    return faults


def _missing(
    evidence: Evidence,
    shard: str,
    read: dict[str, list[tuple[int, float]]],
    produced: dict[str, list[tuple[float, str]]],
) -> list[str]:
    definition = evidence.definition(shard)
    schemas = topology.schemas_read(definition.reads)
    faults = []
    for channel, messages in produced.items():
        if not topology.reads_channel(definition.reads, channel):
            continue
        have = {k for k, _ in read.get(channel, ())}
        faults += [
            f"{shard}: never read {channel} k={k}"
            for k, (_, schema) in enumerate(messages, 1)
            if schema in schemas and k not in have
        ]
    return faults


def _signals_before_their_bars(evidence: Evidence) -> list[str]:
    """Compare the last bar's place: what else the feed has said, risk need not have journalled."""
    bars = [
        row["k"]
        for row in evidence.books[FEED].outbox
        if row["headers"].split(" ", 5)[4] == "tidegate.market.v1.Bar"
    ]
    depends = {
        row["k"]: unpack_depends(row["headers"].split("\n")[0].split(" ")[8])
        for row in evidence.books[SIGNALS].outbox
    }
    faults, reached = [], 0
    for record in evidence.books[RISK].journal:
        if record["channel"] == FEED:
            reached = max(reached, record["k"])
        is_signal = record["channel"] == SIGNALS and record["kind"] == int(InputKind.MESSAGE)
        if not is_signal:
            continue
        before = bisect_right(bars, depends[record["k"]].get(FEED, 0))
        if before and bars[before - 1] > reached:
            faults.append(f"risk decided on signal k={record['k']} before the bar it is about")
    return faults
