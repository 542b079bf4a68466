"""I05: a missing input makes a REFUSED verdict.

Checked here for causes that did not arrive, and for prices that never came (before the first bar
of a symbol nothing is approved). Every other input has a rule with a test in services/risk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.inputs import InputKind
from tidegate_contracts.market import Bar
from tidegate_contracts.risk import Decision, Verdict
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import CauseMissing
from tidegate_lab.simulate.evidence import RISK
from tidegate_lab.simulate.invariants.legs import symbols_of
from tidegate_lab.simulate.session import instruments

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    verdicts = {said.n: verdict for said, verdict in evidence.said(RISK, Verdict)}
    priced: set[str] = set()
    symbols = len(instruments(legged=evidence.plan.venue.legged))
    faults = []
    for heard in evidence.heard(RISK):
        if heard.row.schema == "tidegate.market.v1.Bar" and len(priced) < symbols:
            assert isinstance(heard.event, Bar)
            priced.add(heard.event.symbol)
        verdict = verdicts.get(heard.n)
        if verdict is None or verdict.decision != Decision.APPROVED:
            continue
        order = verdict.specification
        if not priced.issuperset((verdict.symbol,) if order is None else symbols_of(order)):
            faults.append(f"{verdict.signal_key}: approved before any price was known")
        if heard.row.kind == int(InputKind.CAUSE_MISSING):
            event = heard.event
            assert isinstance(event, CauseMissing)
            if isinstance(event.body, Signal):
                faults.append(f"{verdict.signal_key}: approved without {event.missing}")
    return faults
