"""What each rule finds, and what it leaves alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_alerts.core.rules.daily_loss import (
    DailyLossSettings,
    DailyLossState,
    see_account as see_daily_loss,
)
from tidegate_alerts.core.rules.drawdown import DrawdownSettings, DrawdownState, see_account
from tidegate_alerts.core.rules.entries import EXPECTED, see_entry
from tidegate_alerts.core.rules.fill import see_fill
from tidegate_alerts.core.rules.gate import Ownership, see_gate, see_latch
from tidegate_alerts.core.rules.orders import see_order
from tidegate_alerts.core.rules.refusals import RefusalsSettings, RefusalsState, see_verdict
from tidegate_alerts.core.rules.stale_feed import see_feed
from tidegate_alerts.testing import HOUR, START, account, fill, gate, order, refused
from tidegate_contracts.alerts import Severity
from tidegate_contracts.execution import AccountEntry, AccountEntryKind, OrderState
from tidegate_contracts.market import FeedState, FeedStatus
from tidegate_contracts.risk import Decision, GateAction, GateLatch, GateLevel, Verdict

OWNER = Ownership("demo", "demo")


def test_a_fill_tells_what_was_traded_and_what_it_cost() -> None:
    """Side, quantity, price, venue, strategy and fee are in the words."""
    (found,) = see_fill(fill())
    assert found.title == "Bought 10 AAPL at 101.5"
    assert "on XNAS for trend; fee 0.1 USD" in found.text
    assert found.severity is Severity.INFO


def entry(kind: AccountEntryKind, entry_id: str = "1", **fields: Any) -> AccountEntry:  # noqa: ANN401
    """Return a change of AAPL and dollars."""
    values: dict[str, Any] = {
        "session": "demo",
        "strategy": "trend",
        "entry_id": entry_id,
        "venue": "XNAS",
        "symbol": "AAPL",
        "currency": "USD",
        "event_at_ns": START,
    }
    return AccountEntry(kind=kind, **{**values, **fields})


def test_a_dividend_is_told_by_its_cash() -> None:
    """Amount, owner and reason are in the words; the next one of the share is the same alert."""
    said = entry(AccountEntryKind.DIVIDEND, cash=Decimal("4.50"), reason="Cash dividend")
    (found,) = see_entry(said)
    assert found.title == "Dividend: AAPL 4.5 USD"
    assert found.text == "For trend on XNAS; entry 1. Cash dividend"
    assert found.severity is Severity.INFO
    (later,) = see_entry(entry(AccountEntryKind.DIVIDEND, "2", cash=Decimal(1)))
    assert later.subject == found.subject


def test_an_adjustment_names_who_booked_it() -> None:
    """Units, price and both people; each is an alert of its own."""
    people: dict[str, Any] = {"principal": "ada", "approver": "bob", "reason": "spin-off"}
    said = entry(AccountEntryKind.ADJUSTMENT, quantity=Decimal(-3), price=Decimal(10), **people)
    (found,) = see_entry(said)
    assert found.title == "Adjustment: -3 AAPL at 10"
    assert found.text.endswith("By ada and bob: spin-off")
    assert found.severity is Severity.WARNING
    assert found.subject == "1"


@pytest.mark.parametrize("kind", list(AccountEntryKind)[1:])
def test_what_moves_a_position_or_capital_warns(kind: AccountEntryKind) -> None:
    """Money for what is held is expected; transfers, splits and exercises want to be looked at."""
    (found,) = see_entry(entry(kind, cash=Decimal(1)))
    assert (found.severity is Severity.INFO) == (kind in EXPECTED)


def test_an_approval_is_no_refusal() -> None:
    """Approved verdicts are nobody's alert."""
    state = RefusalsState()
    approved = Verdict(session="demo", decision=Decision.APPROVED)
    assert see_verdict(RefusalsSettings(), state, approved) == ()
    assert state.counts == {}


def test_refusals_are_counted_by_reason_within_a_window() -> None:
    """The third refusal of one reason in an hour is told; other reasons and hours count apart."""
    settings, state = RefusalsSettings(count_min=3, window_ns=HOUR), RefusalsState()
    codes_and_times = (
        ("STALE_PRICE", 0),
        ("STALE_PRICE", 1),
        ("MAX_NOTIONAL", 2),
        ("STALE_PRICE", HOUR),
        ("STALE_PRICE", HOUR + 1),
        ("STALE_PRICE", HOUR + 2),
    )
    found = [
        see_verdict(settings, state, refused(code, START + at_ns))
        for code, at_ns in codes_and_times
    ]
    assert [len(each) for each in found] == [0, 0, 0, 0, 0, 1]
    assert found[-1][0].text.startswith("3 within 1h; the last: trend on AAPL: expected a fresh")


def test_a_late_refusal_of_an_older_window_changes_nothing() -> None:
    """Windows only go forward; what belongs to an earlier one has been told."""
    settings, state = RefusalsSettings(count_min=1, window_ns=HOUR), RefusalsState()
    assert see_verdict(settings, state, refused(at_ns=START + HOUR))
    assert not see_verdict(settings, state, refused(at_ns=START))


def test_an_unknown_order_is_critical_until_its_fate_is_proven() -> None:
    """Entering UNKNOWN raises, leaving it resolves the same subject."""
    (lost,) = see_order(order(OrderState.UNKNOWN, OrderState.SUBMITTING, reason="timeout"))
    (proven,) = see_order(order(OrderState.WORKING, OrderState.UNKNOWN))
    assert (lost.severity, lost.over, proven.over) == (Severity.CRITICAL, False, True)
    assert (lost.rule, lost.subject) == (proven.rule, proven.subject)


def test_an_unknown_order_that_turns_out_rejected_tells_both() -> None:
    """Its fate is proven, and it is a rejection."""
    event = order(OrderState.REJECTED, OrderState.UNKNOWN, reason_code="VENUE_REJECTED")
    assert [each.rule for each in see_order(event)] == ["order-unknown", "order-rejected"]


def test_orders_that_go_their_way_are_silent() -> None:
    """A filled order is the fill rule's business."""
    assert not see_order(order(OrderState.FILLED, OrderState.WORKING))


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("all", True),
        ("session:demo", True),
        ("session:other", False),
        ("account:demo", True),
        ("account:other", False),
        ("strategy:demo/trend", True),
        ("strategy:demo2/trend", False),
        ("venue:XNAS", True),
        ("symbol:AAPL", True),
    ],
)
def test_only_scopes_that_concern_the_session_are_told(scope: str, told: bool) -> None:  # noqa: FBT001
    """One session's stop is not another session's alert."""
    assert bool(see_gate(OWNER, gate(GateAction.RAISED, scope=scope))) is told
    latch = GateLatch(latch_id="l1", scope=scope, level=GateLevel.HALTED)
    assert bool(see_latch(OWNER, latch)) is told


def test_a_raise_is_critical_and_reduce_only_a_warning() -> None:
    """How loud it is follows from how far the gate is shut; it is never quiet."""
    for level, severity in (
        (GateLevel.REDUCE_ONLY, Severity.WARNING),
        (GateLevel.HALTED, Severity.CRITICAL),
        (GateLevel.LOCKED, Severity.CRITICAL),
    ):
        (found,) = see_gate(OWNER, gate(GateAction.RAISED, level))
        assert (found.severity, found.urgent) == (severity, True)


def test_a_lowering_is_over_only_when_the_gate_is_open() -> None:
    """Lowered to REDUCE_ONLY, the gate still holds something back."""
    request = {"request_id": "r1", "approver": "approver"}
    opened = see_gate(OWNER, gate(GateAction.LOWERED, GateLevel.OPEN, **request))
    halfway = see_gate(OWNER, gate(GateAction.LOWERED, GateLevel.REDUCE_ONLY, **request))
    assert [(each.rule, each.over) for each in opened] == [("gate-request", True), ("gate", True)]
    assert [(each.rule, each.over) for each in halfway][1] == ("gate", False)
    assert "By operator and approver" in opened[1].text


def test_a_request_to_lower_says_until_when_it_may_be_approved() -> None:
    """The second principal needs the request's id and its expiry."""
    asked = gate(
        GateAction.LOWERING_REQUESTED,
        GateLevel.HALTED,
        requested_level=GateLevel.OPEN,
        request_id="r1",
        request_expires_at_ns=START + 600 * 10**9,
    )
    (found,) = see_gate(OWNER, asked)
    assert found.title == "Lowering asked for: OPEN for all"
    assert "request r1 until 2024-01-01T00:10:00Z" in found.text
    (expired,) = see_gate(OWNER, gate(GateAction.REQUEST_EXPIRED, request_id="r1"))
    assert (expired.subject, expired.over) == (found.subject, True)


def test_a_folded_latch_is_over() -> None:
    """The gate's own alert takes the latch's place."""
    (raised, folded) = see_gate(OWNER, gate(GateAction.LATCH_FOLDED, latches=("l1",)))
    assert (raised.rule, raised.over) == ("gate", False)
    assert (folded.rule, folded.subject, folded.over) == ("gate-latch", "l1", True)


def test_drawdown_warns_early_and_rings_at_its_limit() -> None:
    """The default limit is 10 %; the warning comes at 8 %, and each is told once."""
    settings, state = DrawdownSettings(), DrawdownState()
    found = [
        [(each.subject, each.severity, each.over) for each in see_account(settings, state, body)]
        for body in map(account, ("950", "920", "915", "900", "890", "1000"))
    ]
    assert found == [
        [],
        [("early", Severity.WARNING, False)],
        [],
        [("limit", Severity.CRITICAL, False)],
        [],
        [("early", Severity.WARNING, True), ("limit", Severity.CRITICAL, True)],
    ]


def test_the_early_warning_names_the_limit_that_is_near() -> None:
    """A person sees how far it is and how far it may go."""
    (found,) = see_account(DrawdownSettings(), DrawdownState(), account("915"))
    assert found.title == "Drawdown 8.5 %, near the limit of 10 %"
    assert "8.5 % below the highest equity of 1000 USD; the limit is 10 %." in found.text


def test_the_daily_loss_counts_from_the_days_first_equity() -> None:
    """1.7 % of the day's start is near a limit of 2 %, whatever the peak was."""
    settings, state = DailyLossSettings(), DailyLossState()
    assert not see_daily_loss(settings, state, account("500", day_start="505"))
    (found,) = see_daily_loss(settings, state, account("491.5", day_start="500"))
    assert (found.subject, found.title) == ("early", "Daily loss 1.7 %, near the limit of 2 %")
    assert settings.ladder.early_at() == Decimal("1.6")


def test_a_new_day_ends_the_daily_loss() -> None:
    """The next day's first equity is its own."""
    settings, state = DailyLossSettings(), DailyLossState()
    assert see_daily_loss(settings, state, account("480", day_start="500"))
    found = see_daily_loss(settings, state, account("480", day_start="480"))
    assert all(each.over for each in found)
    assert found


@pytest.mark.parametrize(
    ("state", "over"),
    [
        (FeedState.STALE, False),
        (FeedState.RESUMED, True),
        (FeedState.STARTED, True),
        (FeedState.ENDED, True),
    ],
)
def test_a_feed_is_stale_until_it_goes_on_or_ends(state: FeedState, over: bool) -> None:  # noqa: FBT001
    """Any other state than STALE means that the feed is no longer stale."""
    (found,) = see_feed(FeedStatus(feed="replay-demo", state=state, at_ns=START))
    assert (found.subject, found.over) == ("replay-demo", over)
