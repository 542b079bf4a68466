"""I18: in the quiet every signal is answered, every UNKNOWN resolved, every shard ready.

Checked here: within 60 s after the last fault all of `hour` has come to rest: shards running,
backlogs empty, requests answered, the account reconciled; and risk has answered every signal.
After a restored backup a person has to act, so only what still runs is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import Verdict
from tidegate_contracts.signals import Signal
from tidegate_kernel.identifiers import signal_key
from tidegate_lab.simulate.evidence import RISK

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

SIGNALS = "signals/sim/0"


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.restored:
        return []
    faults = [f"not settled after the quiet: {reason}" for reason in evidence.unsettled]
    if faults:
        return faults
    answered = {verdict.signal_key for _, verdict in evidence.said(RISK, Verdict)}
    return [
        f"signal {key_of(signal)} was never answered"
        for _, signal in evidence.said(SIGNALS, Signal)
        if key_of(signal) not in answered
    ]


def key_of(signal: Signal) -> str:
    """Return a signal's logical key."""
    return signal_key(
        signal.session, signal.strategy, signal.symbol, signal.event_at_ns, signal.ordinal
    )
