"""I04: nothing is sent after its expiry, nor decided on a stale or absent price.

Checked here by the world's clock, for every send, repeated ones too: a risk-increasing order leaves
within the verdict's life after its decision, plus the second for which a lease outlives its holder
(a process that slept between its last check and the call) and the half second by which clocks may
differ; a slice leaves as soon after execution has made it, and what replaces an order as soon after
that has ended. And by risk's journal: the newest bar of
the symbol, and of each leg, was at most two bars old. Closed markets and unapproved configurations
do not occur here; they are tested in services/risk. And along execution's messages: no
risk-increasing order is written down as being sent after its verdict has expired by execution's own
session time, and nothing new leaves while the outcome of an order is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderEvent, OrderState
from tidegate_contracts.market import Bar
from tidegate_contracts.risk import Decision, Verdict
from tidegate_kernel.identifiers import client_order_id
from tidegate_lab.simulate.evidence import EXECUTION, RISK
from tidegate_lab.simulate.invariants.legs import symbols_of
from tidegate_lab.simulate.session import TIMEFRAME_NS

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

LIFE_S = 2.0
SLACK_S = 1.5
PRICE_AGE_BARS = 2


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    decided: dict[str, float] = {}
    faults = _decided_on_stale_prices(evidence) + _sent_while_unknown(evidence)
    expires_ns: dict[str, int] = {}
    for said, verdict in evidence.said(RISK, Verdict):
        if verdict.risk_increasing and verdict.expires_at_ns:
            expires_ns[client_order_id(verdict.signal_key, 0)] = verdict.expires_at_ns
        decided.setdefault(client_order_id(verdict.signal_key, 0), said.at_s)
    for said, event in evidence.said(EXECUTION, OrderEvent):
        specification = event.specification
        replaces = evidence.replaces(specification.client_order_id, specification.side)
        begun = OrderState.SUBMITTING if replaces else OrderState.PENDING
        if event.leg > 0 and event.state == begun:
            decided.setdefault(specification.client_order_id, said.at_s)
    for sent in evidence.world.sent:
        identity = sent.request.specification.client_order_id
        at_s = decided.get(identity)
        if at_s is None or not sent.request.risk_increasing:
            continue
        if sent.at_s - at_s > LIFE_S + SLACK_S:
            faults.append(f"order {identity} was sent {sent.at_s - at_s:.3f} s after its decision")
    return faults + _written_down_too_late(evidence, expires_ns)


def _written_down_too_late(evidence: Evidence, expires_ns: dict[str, int]) -> list[str]:
    journal = evidence.books[EXECUTION].journal
    faults = []
    for said, event in evidence.said(EXECUTION, OrderEvent):
        identity = event.specification.client_order_id
        if event.state != OrderState.SUBMITTING or identity not in expires_ns:
            continue
        late_ns = journal[said.n - 1]["at_ns"] - expires_ns[identity]
        if late_ns > 0:
            faults.append(f"order {identity} was written down {late_ns} ns after its expiry")
    return faults


def _decided_on_stale_prices(evidence: Evidence) -> list[str]:
    verdicts = {said.n: verdict for said, verdict in evidence.said(RISK, Verdict)}
    newest: dict[str, int] = {}
    faults = []
    for heard in evidence.heard(RISK):
        if heard.row.schema == "tidegate.market.v1.Bar":
            bar = heard.event
            assert isinstance(bar, Bar)
            newest[bar.symbol] = max(newest.get(bar.symbol, 0), bar.end_ns)
        verdict = verdicts.get(heard.n)
        if verdict is None or verdict.decision != Decision.APPROVED or not verdict.risk_increasing:
            continue
        assert verdict.specification is not None, "what is approved is specified"
        oldest_ns = min(newest.get(each, 0) for each in symbols_of(verdict.specification))
        age_ns = verdict.decided_at_ns - oldest_ns
        if age_ns > PRICE_AGE_BARS * TIMEFRAME_NS:
            faults.append(f"{verdict.signal_key}: approved on a price that is {age_ns} ns old")
    return faults


def _sent_while_unknown(evidence: Evidence) -> list[str]:
    unknown: set[str] = set()
    faults = []
    for _, event in evidence.said(EXECUTION, OrderEvent):
        specification = event.specification
        first = event.previous_state == OrderState.PENDING and not specification.reduce_only
        if event.state == OrderState.SUBMITTING and first and unknown:
            found = ", ".join(sorted(unknown))
            faults.append(f"order {specification.client_order_id}: sent, {found} being unknown")
        if event.state == OrderState.UNKNOWN:
            unknown.add(specification.client_order_id)
        else:
            unknown.discard(specification.client_order_id)
    return faults
