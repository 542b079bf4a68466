"""Entries that wait: stops, stop-limits, dates; each rule that reads them, one unit either side."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tidegate_contracts.execution import OrderState, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, bar, code, parameters

if TYPE_CHECKING:
    from tidegate_contracts.risk import Verdict

LONG, SHORT = Direction.LONG, Direction.SHORT


def stop(trigger: str, limit: str | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what a signal says of a stop entry, or with a limit of a stop-limit."""
    return {
        "entry_style": EntryStyle.STOP if limit is None else EntryStyle.STOP_LIMIT,
        "trigger_price": Decimal(trigger),
        "limit_price": None if limit is None else Decimal(limit),
        **changes,
    }


def asked(direction: Direction = LONG, desk: Desk | None = None, **changes: Any) -> Verdict:  # noqa: ANN401
    """Ask a desk that may sell short, whose only close is 100."""
    return (desk or Desk(parameters(short_allowed=True))).ask(direction, **changes)


@pytest.mark.parametrize(
    ("direction", "trigger", "expected"),
    [
        (LONG, "100.01", "APPROVED"),
        (LONG, "100", Code.TRIGGER_PASSED),
        (LONG, "99.99", Code.TRIGGER_PASSED),
        (SHORT, "99.99", "APPROVED"),
        (SHORT, "100", Code.TRIGGER_PASSED),
        (SHORT, "100.01", Code.TRIGGER_PASSED),
    ],
)
@pytest.mark.parametrize("limited", [False, True])
def test_a_trigger_lies_beyond_the_newest_close(
    direction: Direction,
    trigger: str,
    expected: str,
    limited: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """At the close it would be a market order; a tick beyond it waits."""
    assert code(asked(direction, **stop(trigger, trigger if limited else None))) == expected


@pytest.mark.parametrize(
    ("direction", "trigger", "limit", "expected"),
    [
        (LONG, "120", "126", "APPROVED"),
        (LONG, "120", "126.01", Code.PRICE_COLLAR),
        (SHORT, "80", "76", "APPROVED"),
        (SHORT, "80", "75.99", Code.PRICE_COLLAR),
    ],
)
def test_the_limit_of_a_stop_lies_within_the_collar_around_its_trigger(
    direction: Direction, trigger: str, limit: str, expected: str
) -> None:
    """Five percent of the trigger, for that is where the market will be."""
    desk = Desk(parameters(price_collar_fraction=Decimal("0.05"), short_allowed=True))
    assert code(asked(direction, desk, **stop(trigger, limit))) == expected


def test_the_trigger_itself_may_lie_far_away() -> None:
    """It only waits, as a limit on the far side does."""
    desk = Desk(parameters(price_collar_fraction=Decimal("0.05")))
    assert code(asked(LONG, desk, **stop("1000"))) == "APPROVED"


INVALID: list[tuple[str, dict[str, Any]]] = [
    ("trigger_price", stop("100.01", trigger_price=None)),
    ("trigger_price", stop("0")),
    ("trigger_price", stop("NaN")),
    ("limit_price", stop("110", "109.99")),
    ("limit_price", stop("110", "111", limit_price=None)),
    ("limit_price", {"direction": SHORT, **stop("90", "90.01")}),
    ("valid_for_ns", stop("110", time_in_force=TimeInForce.GTD)),
    ("valid_for_ns", stop("110", time_in_force=TimeInForce.GTD, valid_for_ns=2**63 - 1)),
    ("valid_for_ns", stop("110", valid_for_ns=1)),
    ("valid_for_ns", {"valid_for_ns": -1}),
    ("time_in_force", stop("110", time_in_force=TimeInForce.IOC)),
    ("time_in_force", stop("110", time_in_force=TimeInForce.FOK)),
    ("time_in_force", {"time_in_force": TimeInForce.GTD, "valid_for_ns": 1}),
    ("post_only", stop("110", post_only=True)),
    ("post_only", {"post_only": True}),
    (
        "time_in_force",
        {
            "entry_style": EntryStyle.LIMIT,
            "limit_price": Decimal(99),
            "post_only": True,
            "time_in_force": TimeInForce.IOC,
        },
    ),
]


@pytest.mark.parametrize(("field", "changes"), INVALID)
def test_what_does_not_fit_together_is_refused_and_named(
    field: str, changes: dict[str, Any]
) -> None:
    """The message names the field that the strategy must mend."""
    refusal = asked(**changes).refusal
    assert refusal is not None
    assert refusal.code == Code.SIGNAL_INVALID
    assert refusal.message.startswith(f"expected {field} ")


@pytest.mark.parametrize(
    "changes",
    [
        {"time_in_force": TimeInForce.DAY},
        {"time_in_force": TimeInForce.IOC},
        stop("110", "110"),
        stop("110", time_in_force=TimeInForce.GTD, valid_for_ns=1),
        stop("110", time_in_force=TimeInForce.DAY),
        {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(99), "post_only": True},
        {
            "entry_style": EntryStyle.LIMIT,
            "limit_price": Decimal(99),
            "time_in_force": TimeInForce.FOK,
        },
    ],
)
def test_what_fits_together_passes(changes: dict[str, Any]) -> None:
    """The other side of each of these bounds."""
    assert code(asked(**changes)) == "APPROVED"


@pytest.mark.parametrize(
    ("age_ns", "expected"),
    [(10 * NS_PER_SECOND - 1, "APPROVED"), (10 * NS_PER_SECOND, Code.SIGNAL_EXPIRED)],
)
def test_a_signal_whose_order_would_have_expired_is_too_old(age_ns: int, expected: str) -> None:
    """An order that is good for ten seconds ends when they are over."""
    desk = Desk()
    lives: dict[str, Any] = {
        "time_in_force": TimeInForce.GTD,
        "valid_for_ns": 10 * NS_PER_SECOND,
    }
    event_at_ns = desk.now_ns
    desk.now_ns += age_ns
    assert code(asked(LONG, desk, **stop("110", event_at_ns=event_at_ns, **lives))) == expected


@pytest.mark.parametrize(
    ("changes", "limit", "expected"),
    [
        # 100 shares at 110 and 1 % worse are worth 11,110.
        ({"stop_slippage_fraction": Decimal("0.01")}, None, "0.1111"),
        ({"stop_slippage_fraction": Decimal(0)}, None, "0.11"),
        # A limit bounds it, whatever a stop without one might come to.
        ({"stop_slippage_fraction": Decimal("0.01")}, "110.5", "0.1105"),
    ],
)
@pytest.mark.parametrize("rule", ["order_notional", "symbol_exposure", "gross_exposure"])
def test_a_stop_is_valued_at_the_worst_that_it_may_pay(
    changes: dict[str, Any], limit: str | None, expected: str, rule: str
) -> None:
    """Exactly the limit passes, a millionth less does not."""
    for less, answer in (("0", "APPROVED"), ("0.000001", rule.upper())):
        bounds: dict[str, Any] = {f"{rule}_max_fraction": Decimal(expected) - Decimal(less)}
        # A fixed fraction that comes to exactly 100 shares at that price.
        told = parameters(position_fraction=Decimal(expected), **changes, **bounds)
        assert code(asked(LONG, Desk(told), **stop("110", limit))) == answer


def test_a_resting_stop_reserves_what_it_may_cost() -> None:
    """500 shares at 120 bind 60,000 of 100,000, so the next order sees 40,000."""
    desk = Desk(parameters(position_fraction=Decimal("0.6")), symbols=("AAPL", "MSFT"))
    verdict = asked(LONG, desk, **stop("120"))
    desk.report(verdict, OrderState.WORKING)
    assert desk.machine.state.book.free_cash() == Decimal(40_000)
    assert code(desk.ask(symbol="MSFT")) == Code.BUYING_POWER


def test_a_stop_meets_the_limits_of_the_other_side() -> None:
    """Once it is triggered it takes what rests there, so it is a trade with oneself."""
    desk = Desk(parameters(short_allowed=True))
    resting = desk.ask(
        SHORT, strategy="other", entry_style=EntryStyle.LIMIT, limit_price=Decimal(105)
    )
    desk.report(resting, OrderState.WORKING)
    assert code(asked(LONG, desk, **stop("103"))) == Code.SELF_TRADE
    assert code(asked(LONG, desk, **stop("103", "105"))) == Code.SELF_TRADE
    assert code(asked(LONG, desk, **stop("103", "104.99"))) == "APPROVED"


def test_an_exit_takes_no_notice_of_what_only_entries_say() -> None:
    """Leaving must not wait, and a rule about entries must not keep anybody in."""
    desk = Desk()
    desk.hold()
    desk.tell(bar(close=20_000))
    assert code(asked(Direction.FLAT, desk, **stop("1", valid_for_ns=-5))) == "APPROVED"
