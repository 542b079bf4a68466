"""Rules about what the market says: prices, open hours, volume, and who signals about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.market import OpenInterval
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.parameters import Override
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.schedules.blackouts import Blackout
from tidegate_risk.testing import START_NS, Desk, bar, code, instrument, ordered, parameters

CLOSE = Decimal(100)


def collared() -> Desk:
    """Return a desk that lets prices be 5 % off the close of 100."""
    return Desk(parameters(price_collar_fraction=Decimal("0.05"), short_allowed=True))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("105", "APPROVED"),
        ("105.01", Code.PRICE_COLLAR),
        ("95", "APPROVED"),
        ("94.99", Code.PRICE_COLLAR),
    ],
)
def test_a_reference_price_lies_within_the_collar(reference: str, expected: str) -> None:
    """Five percent off the newest close passes on both sides, a cent more does not."""
    assert code(collared().ask(reference_price=Decimal(reference))) == expected


@pytest.mark.parametrize(
    ("direction", "limit", "expected"),
    [
        (Direction.LONG, "105", "APPROVED"),
        (Direction.LONG, "105.01", Code.PRICE_COLLAR),
        (Direction.LONG, "1", "APPROVED"),
        (Direction.SHORT, "95", "APPROVED"),
        (Direction.SHORT, "94.99", Code.PRICE_COLLAR),
        (Direction.SHORT, "1000", "APPROVED"),
    ],
)
def test_a_limit_that_would_trade_lies_within_the_collar(
    direction: Direction, limit: str, expected: str
) -> None:
    """A limit on the far side only waits."""
    desk = collared()
    asked = desk.ask(direction, entry_style=EntryStyle.LIMIT, limit_price=Decimal(limit))
    assert code(asked) == expected


def test_the_collar_does_not_look_at_the_limit_of_a_market_order() -> None:
    """Only a limit entry has a limit."""
    assert code(collared().ask(limit_price=Decimal(1_000))) == "APPROVED"


def test_a_price_outside_of_the_collar_is_named_with_the_collar() -> None:
    """The numbers say what would pass."""
    verdict = collared().ask(reference_price=Decimal(106))
    numbers = {each.name: each.value for each in verdict.numbers}
    assert numbers["reference_price"] == 106
    assert numbers["limit_price_lowest"] == 95
    assert numbers["limit_price_highest"] == 105


def test_a_price_is_stale_by_time_as_well_as_by_bars() -> None:
    """The stricter of the two binds, one nanosecond after its limit."""
    for limit_ns, bars, allowed_ns in ((100, 5, 100), (9 * NS_PER_DAY, 1, NS_PER_DAY)):
        desk = Desk(parameters(price_age_max_ns=limit_ns, price_age_max_bars=bars))
        desk.now_ns = START_NS + allowed_ns
        assert code(desk.ask()) == "APPROVED"
        desk.now_ns += 1
        assert code(desk.ask(strategy="other")) == Code.PRICE_STALE


HOURS = (
    OpenInterval(opens_at_ns=START_NS - 10, closes_at_ns=START_NS),
    OpenInterval(opens_at_ns=START_NS + 10, closes_at_ns=START_NS + 20),
)


@pytest.mark.parametrize(
    ("offset_ns", "expected"),
    [
        (-11, Code.VENUE_CLOSED),
        (-10, "APPROVED"),
        (-1, "APPROVED"),
        (0, Code.VENUE_CLOSED),
        (9, Code.VENUE_CLOSED),
        (10, "APPROVED"),
        (19, "APPROVED"),
        (20, Code.VENUE_CLOSED),
    ],
)
def test_nothing_is_sent_while_the_venue_is_closed(offset_ns: int, expected: str) -> None:
    """An interval holds its first moment and not its last."""
    desk = Desk()
    desk.tell(instrument(open_intervals=HOURS))
    desk.now_ns = START_NS + offset_ns
    assert code(desk.ask()) == expected


def test_a_closed_venue_refuses_an_exit_too() -> None:
    """Nobody could execute it; the message says when the venue opens."""
    desk = Desk()
    desk.hold()
    desk.tell(instrument(open_intervals=HOURS))
    verdict = desk.ask(Direction.FLAT)
    assert code(verdict) == Code.VENUE_CLOSED
    assert {each.name: each.value for each in verdict.numbers}["opens_at"] == START_NS + 10
    assert verdict.refusal is not None
    assert "it passes in 0 s" in verdict.refusal.message


def test_after_the_last_known_interval_no_opening_is_promised() -> None:
    """What nobody has said is not guessed."""
    desk = Desk()
    desk.tell(instrument(open_intervals=HOURS))
    desk.now_ns = START_NS + 20
    refusal = desk.ask().refusal
    assert refusal is not None
    assert "once the next opening is known" in refusal.message


def trading(**limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk that has seen a whole day of 1,000 shares, of two bars, since its first day."""
    desk = Desk(parameters(**limits))
    desk.ask(Direction.FLAT)
    half = NS_PER_DAY // 2
    for number, volume in enumerate((7, 7, 400, 600, 9)):
        end_ns = START_NS + (number + 1) * half
        desk.now_ns = end_ns
        desk.tell(
            msgspec.structs.replace(
                bar(end_ns=end_ns), timeframe_ns=half, start_ns=end_ns - half, volume=volume
            )
        )
    return desk


@pytest.mark.parametrize(("share", "expected"), [("0.1", "APPROVED"), ("0.0999", "VOLUME_SHARE")])
def test_an_order_is_a_small_part_of_a_days_volume(share: str, expected: str) -> None:
    """100 shares are a tenth of the 1,000 that traded in the only whole day."""
    desk = trading(volume_share_max_fraction=Decimal(share))
    assert code(desk.ask()) == expected


def test_a_refused_share_of_volume_names_the_quantity_that_would_pass() -> None:
    """Rounded down to the lot."""
    refusal = trading(volume_share_max_fraction=Decimal("0.0999")).ask().refusal
    assert refusal is not None
    assert "99 AAPL would pass" in refusal.message


def test_before_a_whole_day_the_share_of_volume_binds_only_where_estimates_are_required() -> None:
    """Nothing is known of a day's volume yet."""
    loose: dict[str, Any] = {"volume_share_max_fraction": Decimal("0.000001")}
    assert code(Desk(parameters(**loose)).ask()) == "APPROVED"
    required = Desk(parameters(estimates_required=True, **loose))
    assert code(required.ask()) == Code.ESTIMATE_MISSING


def test_required_estimates_are_there_after_a_whole_day() -> None:
    """Then this rule is content; those about portfolio risk want more history than a day."""
    assert code(trading(estimates_required=True).ask()) == Code.ESTIMATE_STALE


@pytest.mark.parametrize(
    ("strategy", "expected"), [("ema", "APPROVED"), ("x", "MODEL_NOT_APPROVED")]
)
def test_only_the_sessions_strategies_may_signal(strategy: str, expected: str) -> None:
    """A name that the configuration does not hold is refused."""
    told = msgspec.structs.replace(parameters(), strategies=("ema", "rsi"))
    assert code(Desk(told).ask(strategy=strategy)) == expected


def test_the_version_that_a_strategy_began_with_stays_the_approved_one() -> None:
    """Another one is refused, and the first still passes."""
    desk = Desk(symbols=["A", "B", "C"])
    assert code(desk.ask(symbol="A", model_version="one")) == "APPROVED"
    assert code(desk.ask(symbol="B", model_version="two")) == Code.MODEL_NOT_APPROVED
    assert code(desk.ask(symbol="C", model_version="one")) == "APPROVED"
    assert code(desk.ask(symbol="B", model_version="two", strategy="other")) == "APPROVED"


@pytest.mark.parametrize(
    ("version", "expected"), [("two", "APPROVED"), ("one", Code.MODEL_NOT_APPROVED)]
)
def test_named_versions_are_the_only_approved_ones(version: str, expected: str) -> None:
    """Whatever a strategy began with."""
    assert code(Desk(parameters(models_approved=("two",))).ask(model_version=version)) == expected


def test_a_signal_without_a_version_is_refused_and_does_not_become_the_first() -> None:
    """A missing input refuses."""
    desk = Desk()
    assert code(desk.ask(model_version="")) == Code.MODEL_NOT_APPROVED
    assert code(desk.ask(model_version="one")) == "APPROVED"


def test_an_unapproved_version_may_still_leave() -> None:
    """Its position can be closed."""
    desk = Desk()
    desk.hold()
    assert ordered(desk.ask(Direction.FLAT, model_version="two")).quantity == 100


EVENT = (Blackout("FOMC", START_NS + 10, START_NS + 20),)


@pytest.mark.parametrize(
    ("offset_ns", "expected"),
    [(9, "APPROVED"), (10, Code.BLACKOUT), (19, Code.BLACKOUT), (20, "APPROVED")],
)
def test_nothing_is_opened_in_a_blackout(offset_ns: int, expected: str) -> None:
    """It holds its first moment and not its last."""
    desk = Desk(parameters(blackouts=EVENT))
    desk.now_ns = START_NS + offset_ns
    assert code(desk.ask()) == expected


def test_a_blackout_lets_exits_pass_and_says_when_it_ends() -> None:
    """What is held may be closed meanwhile."""
    desk = Desk(parameters(blackouts=EVENT))
    desk.fill(desk.ask())
    desk.now_ns = START_NS + 15
    refused = desk.ask(strategy="other").refusal
    assert refused is not None
    assert "FOMC" in refused.message
    assert code(desk.ask(Direction.FLAT)) == "APPROVED"


def test_a_restricted_symbol_is_only_left() -> None:
    """What is held may be closed; nothing is opened, and another symbol is free."""
    desk = Desk(parameters(), symbols=("AAPL", "MSFT"))
    desk.hold()
    told = desk.machine.parameters
    shut = Override(
        "symbol:AAPL",
        ("entries_allowed",),
        msgspec.structs.replace(told.limits, entries_allowed=False),
    )
    restricted = msgspec.structs.replace(told, overrides=(shut,))
    held = desk.machine.state.book
    desk = Desk(restricted, symbols=("AAPL", "MSFT"))
    desk.machine.state.book = held
    desk.machine = DecisionMachine.restore(restricted, desk.machine.snapshot())
    assert code(desk.ask(strategy="other")) == Code.RESTRICTED
    assert code(desk.ask(symbol="MSFT")) == "APPROVED"
    assert code(desk.ask(Direction.FLAT)) == "APPROVED"
