"""What the workload must reach sometimes; a campaign that never does proves little."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidegate_chassis.host.inputs import InputKind
from tidegate_contracts.execution import (
    AccountEntry,
    Fill,
    OrderEvent,
    OrderState,
    OrderType,
    Side,
)
from tidegate_contracts.risk import BreakerEvent, BreakerState, GateLatch, Verdict
from tidegate_execution.core.orders import attached
from tidegate_kernel.identifiers import MANUAL
from tidegate_lab.simulate.evidence import EXECUTION, RISK
from tidegate_lab.simulate.invariants.cover import COVERS, is_of_the_gate
from tidegate_lab.simulate.options import CALLS
from tidegate_lab.simulate.together import ENTRY_ENDED
from tidegate_lab.simulate.world import TOGETHER

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

GOALS = (
    "leader_changed",
    "paused_leader_woke",
    "unknown",
    "unknown_then_filled",
    "unknown_then_nothing",
    "resent",
    "partial_fill",
    "partial_fill_then_cancelled",
    "redelivered",
    "report_lost",
    "withheld",
    "exit_filled",
    "exit_ended_by_its_sibling",
    "exit_cancelled_by_the_gate",
    "entry_booked",
    "sliced_to_its_end",
    "sliced_and_stopped_by_the_gate",
    "sliced_on_after_a_crash",
    "structure_filled",
    "structure_closed",
    "structure_filled_in_parts",
    "structure_cancelled",
    "structure_unknown_then_resolved",
    "structure_crashed_in_the_middle",
    "structure_incomplete",
    "structure_bound",
    "sold_option_bought_back_by_the_gate",
    "cover_sold_after_it",
    "replacement_sent",
    "replacement_refused",
    "replacement_needless",
    "replacement_stopped_by_the_gate",
    "replacement_unknown_then_resolved",
    "replacement_crashed_in_the_middle",
    "trailing_stop_filled",
    "trailing_stop_held",
    "trailing_stop_replaced",
    "entry_sent_with_its_exit",
    "exit_sent_with_its_entry_filled",
    "exit_ended_with_its_entry",
    "cause_missing",
    "limit_bound",
    "refused_at_last_hop",
    "overtaken_by_the_gate",
    "killed_and_confirmed",
    "unseen_raise_kept",
    "kill_during_unknown",
    "latched",
    "breaker_tripped",
    "breaker_lowered",
    "recovered_from_snapshot",
    "commit_answer_lost",
    "backup_refused",
)
"""Every goal by its name."""

_GATE_CODES = ("GATE_EPOCH_STALE", "GATE_CLOSED")
_OF_LIMITS = (
    "DUPLICATE",
    "RATE",
    "SYMBOL_EXPOSURE",
    "OPEN_POSITIONS",
    "OPEN_ORDERS",
    "BUYING_POWER",
    "DAILY_LOSS",
)
_NOTED = (
    "breaker_lowered",
    "unseen_raise_kept",
    "report_lost",
    "paused_leader_woke",
    "replacement_refused",
)
"""What the world has counted itself."""
_OF_STRUCTURES = ("OPTION_GREEKS", "STRUCTURE_LOSS", "OPEN_POSITIONS")


def goals_of(evidence: Evidence) -> dict[str, int]:
    """Count how often an hour reached each goal."""
    found: Counter[str] = Counter(dict.fromkeys(GOALS, 0))
    _of_orders(evidence, found)
    _of_slices(evidence, found)
    if evidence.plan.venue.legged:
        _of_structures(evidence, found)
    if evidence.plan.venue.handed:
        _of_replacements(evidence, found)
    if evidence.plan.venue.exits == TOGETHER:
        _of_entries_with_exits(evidence, found)
    _of_hosts(evidence, found)
    world = evidence.world
    for kill in world.kills:
        found["killed_and_confirmed"] += kill.confirmed_at_s > 0
    for goal in _NOTED:
        found[goal] += world.counts[f"goal:{goal}"]
    for database in world.databases.values():
        found["commit_answer_lost"] += database.answers_lost
        found["recovered_from_snapshot"] += database.snapshots_read
    return {name: found[name] for name in GOALS}


def _of_orders(evidence: Evidence, found: Counter[str]) -> None:
    states: dict[str, set[OrderState]] = {}
    began_s: dict[str, float] = {}
    unknown_s: list[tuple[float, float]] = []
    for said, event in evidence.said(EXECUTION, OrderEvent):
        order = event.specification.client_order_id
        been = states.setdefault(order, set())
        for goal in _of_change(event, been):
            found[goal] += 1
        been.add(event.state)
        if event.state == OrderState.UNKNOWN:
            began_s[order] = said.at_s
        elif order in began_s:
            unknown_s.append((began_s.pop(order), said.at_s))
    for _, event in evidence.said(EXECUTION, OrderEvent):
        if event.leg > 0 and event.signal_key and event.specification.reduce_only:
            for goal in _of_exit(event):
                found[goal] += 1
    for kill in evidence.world.kills:
        found["kill_during_unknown"] += any(a <= kill.raised_at_s <= b for a, b in unknown_s)
    found["entry_booked"] += len(evidence.said(EXECUTION, AccountEntry))
    found["latched"] += len(evidence.said(EXECUTION, GateLatch))


def _of_change(event: OrderEvent, been: set[OrderState]) -> list[str]:
    """Return what one change of an order reaches; ``been``: the states that it has been in."""
    before, after = event.previous_state, event.state
    unknown, partly = OrderState.UNKNOWN, OrderState.PARTIALLY_FILLED
    reached = {
        "unknown": after == unknown,
        "resent": before == unknown and after == OrderState.SUBMITTING,
        "partial_fill": after == partly and partly not in been,
        "unknown_then_filled": after == OrderState.FILLED and unknown in been,
        "unknown_then_nothing": event.reason_code == "NOT_FOUND_AT_VENUE",
        "partial_fill_then_cancelled": after == OrderState.CANCELLED and partly in been,
        "overtaken_by_the_gate": event.reason_code in _GATE_CODES,
        "refused_at_last_hop": before == OrderState.PENDING and after == OrderState.REJECTED,
    }
    return [goal for goal, is_so in reached.items() if is_so]


def _of_exit(event: OrderEvent) -> list[str]:
    """Return what one change of a protective exit reaches."""
    reached = {
        "exit_filled": event.state == OrderState.FILLED,
        "exit_ended_by_its_sibling": event.reason_code in ("EXIT_NOT_NEEDED", "VENUE_CANCELLED"),
        "exit_cancelled_by_the_gate": event.reason_code == "GATE_CLOSED",
    }
    return [goal for goal, is_so in reached.items() if is_so]


def _of_slices(evidence: Evidence, found: Counter[str]) -> None:
    """Count orders that ended after slices, and those that went on under a new term."""
    begun: dict[str, list[int]] = {}
    for said, event in evidence.said(EXECUTION, OrderEvent):
        specification = event.specification
        if event.state == OrderState.PENDING:
            parent = evidence.parent_of(specification.client_order_id, specification.side)
            if parent:
                begun.setdefault(parent, []).append(said.term)
        slices = len(begun.get(specification.client_order_id, ()))
        if slices and specification.algorithm is not None:
            ended = event.state == OrderState.FILLED or event.reason_code == "ALGORITHM_OVER"
            found["sliced_to_its_end"] += ended and slices > 1
            found["sliced_and_stopped_by_the_gate"] += event.reason_code in _GATE_CODES
    found["sliced_on_after_a_crash"] += sum(len(set(terms)) > 1 for terms in begun.values())


def _of_structures(evidence: Evidence, found: Counter[str]) -> None:
    """Count what became of orders with legs, and of the legs that filled at one moment."""
    unknown: set[str] = set()
    bought_back = 0
    for _, event in evidence.said(EXECUTION, OrderEvent):
        specification, state = event.specification, event.state
        if is_of_the_gate(event) and state == OrderState.FILLED and specification.symbol in COVERS:
            bought = specification.side == Side.BUY
            bought_back += bought
            found["sold_option_bought_back_by_the_gate"] += bought
            found["cover_sold_after_it"] += bought_back > 0 and not bought
        if not specification.legs:
            continue
        identity = specification.client_order_id
        filled = state == OrderState.FILLED
        found["structure_filled"] += filled and not specification.reduce_only
        found["structure_closed"] += filled and specification.reduce_only
        whole = 0 < event.filled_quantity < specification.quantity
        found["structure_filled_in_parts"] += whole and state == OrderState.PARTIALLY_FILLED
        found["structure_cancelled"] += state == OrderState.CANCELLED
        found["structure_incomplete"] += event.reason_code == "STRUCTURE_INCOMPLETE"
        if state == OrderState.UNKNOWN:
            unknown.add(identity)
        elif identity in unknown and state != OrderState.SUBMITTING:
            unknown.discard(identity)
            found["structure_unknown_then_resolved"] += 1
    terms: dict[tuple[str, int], set[int]] = {}
    for said, fill in evidence.said(EXECUTION, Fill):
        if fill.symbol in CALLS:
            terms.setdefault((fill.client_order_id, fill.event_at_ns), set()).add(said.term)
    found["structure_crashed_in_the_middle"] += sum(len(each) > 1 for each in terms.values())
    for _, verdict in evidence.said(RISK, Verdict):
        code = verdict.refusal.code if verdict.refusal is not None else ""
        found["structure_bound"] += verdict.strategy == MANUAL and code in _OF_STRUCTURES


def _of_replacements(evidence: Evidence, found: Counter[str]) -> None:
    """Count what became of orders in the place of others, and of trailing stops."""
    events = evidence.said(EXECUTION, OrderEvent)
    begun: dict[str, int] = {}
    unknown: set[str] = set()
    for said, event in events:
        specification, identity = event.specification, event.specification.client_order_id
        trails = specification.order_type == OrderType.TRAILING_STOP
        found["trailing_stop_filled"] += trails and event.state == OrderState.FILLED
        before, held = event.previous_state, event.state == OrderState.WORKING
        found["trailing_stop_held"] += trails and held and before == OrderState.PENDING
        if event.state == OrderState.UNKNOWN:
            unknown.add(evidence.approval_of(identity, specification.side))
        approval = evidence.replaces(identity, specification.side)
        if not approval:
            continue
        if event.state == OrderState.PENDING:
            begun[identity] = said.term
        elif before == OrderState.PENDING:
            sent = event.state == OrderState.SUBMITTING
            found["replacement_sent"] += sent
            found["trailing_stop_replaced"] += trails and (sent or held)
            found["replacement_needless"] += event.reason_code == "NOTHING_LEFT"
            found["replacement_stopped_by_the_gate"] += event.reason_code in _GATE_CODES
            found["replacement_unknown_then_resolved"] += approval in unknown
            found["replacement_crashed_in_the_middle"] += begun.get(identity, 0) != said.term


def _of_entries_with_exits(evidence: Evidence, found: Counter[str]) -> None:
    """Count entries that were sent with their exit, and what became of those exits."""
    together = [each.request for each in evidence.world.sent if each.request.exits is not None]
    found["entry_sent_with_its_exit"] += len(together)
    for order in evidence.venue.book.orders.values() if evidence.venue is not None else ():
        exits = attached.entry_of(order.client_order_id) != ""
        found["exit_sent_with_its_entry_filled"] += exits and order.filled > 0
        found["exit_ended_with_its_entry"] += exits and order.reason == ENTRY_ENDED


def _of_hosts(evidence: Evidence, found: Counter[str]) -> None:
    for books in evidence.books.values():
        if books.lease is not None:
            found["leader_changed"] += books.lease.term - 1
        kinds = Counter(record["kind"] for record in books.journal)
        found["withheld"] += kinds[int(InputKind.WITHHELD)]
        found["cause_missing"] += kinds[int(InputKind.CAUSE_MISSING)]
    for _, breaker in evidence.said(RISK, BreakerEvent):
        found["breaker_tripped"] += breaker.state == BreakerState.TRIPPED
    for _, verdict in evidence.said(RISK, Verdict):
        code = verdict.refusal.code if verdict.refusal is not None else ""
        found["limit_bound"] += code.startswith(_OF_LIMITS)
    for stream in evidence.world.server.streams:
        found["redelivered"] += sum(each.redelivered for each in stream.consumers.values())
    if evidence.restored:
        found["backup_refused"] += any("not running" in reason for reason in evidence.unsettled)
