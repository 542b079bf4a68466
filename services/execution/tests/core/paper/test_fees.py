"""Fees: rates by liquidity and by volume, amounts per unit, and an order's minimum."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, strategies as st

from tidegate_contracts.execution import Liquidity, Side, SubmitOrder
from tidegate_contracts.market import AssetClass, Instrument, OptionRight, OptionTerms
from tidegate_execution.core.paper.fees import rate_bps, rate_bps_max, volume_before
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import FeeSchedule, FeeTier, MatchingRules
from tidegate_execution.testing import DAY_0_NS, bar, instrument, specification, venue_parameters
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_DAY

MAKER, TAKER = Liquidity.MAKER, Liquidity.TAKER
TIERS = (
    FeeTier(Decimal(1_000), Decimal(8), Decimal(16)),
    FeeTier(Decimal(5_000), Decimal(-1), Decimal(9)),
)
SCHEDULE = FeeSchedule(Decimal(30), maker_bps=Decimal(10), taker_bps=Decimal(20), tiers=TIERS)


def fees_of(
    schedule: FeeSchedule, volumes: list[int], share: str = "0", listed: Instrument | None = None
) -> list[Decimal]:
    """Return the fees of a buy of 10 at 100, filled on bars of these volumes."""
    told = venue_parameters(fees=schedule, rules=MatchingRules(volume_share=Decimal(share)))
    venue = PaperVenueMachine.restore(told, None)
    venue.handle(listed or instrument(), 0)
    venue.handle(bar(0, (100, 101, 99, 100)), 0)
    made = SubmitOrder(
        session="demo", specification=specification("a"), caused_at_ns=DAY_0_NS + NS_PER_DAY
    )
    venue.handle(Called("a", made), 0)
    for day, volume in enumerate(volumes, start=1):
        venue.handle(bar(day, (100, 101, 99, 100), volume=volume), 0)
    [order] = venue.book.orders.values()
    return [each.fee for each in order.executions]


def test_a_rate_is_the_makers_or_the_takers() -> None:
    """Without rates of their own both pay the one rate."""
    assert [rate_bps(SCHEDULE, each, Decimal(0)) for each in (MAKER, TAKER)] == [10, 20]
    assert rate_bps(FeeSchedule(Decimal(30)), MAKER, Decimal(0)) == 30
    assert rate_bps_max(SCHEDULE) == 30


@given(volume=st.integers(0, 10_000))
def test_the_highest_tier_that_is_reached_counts(volume: int) -> None:
    """A tier begins at its volume, to the unit."""
    expected = 9 if volume >= 5_000 else 16 if volume >= 1_000 else 20
    assert rate_bps(SCHEDULE, TAKER, Decimal(volume)) == expected


def test_the_volume_is_that_of_the_thirty_days_before() -> None:
    """Neither today counts nor what is older."""
    day = DAY_0_NS // NS_PER_DAY
    traded = {day - 31: Decimal(1), day - 30: Decimal(2), day - 1: Decimal(4), day: Decimal(8)}
    assert volume_before(traded, DAY_0_NS) == 6


def test_what_was_traded_lowers_the_rate_of_later_days() -> None:
    """The first day pays the base rate; 1,000 traded on it reach the first tier."""
    venue = PaperVenueMachine.restore(venue_parameters(fees=SCHEDULE), None)
    venue.handle(instrument(), 0)
    venue.handle(bar(0, (100, 101, 99, 100)), 0)
    found = []
    for number in range(1, 4):
        side = Side.BUY if number % 2 else Side.SELL
        made = specification(f"n-{number}", side=side)
        caused_at_ns = DAY_0_NS + number * NS_PER_DAY
        request = SubmitOrder(session="demo", specification=made, caused_at_ns=caused_at_ns)
        venue.handle(Called(made.client_order_id, request), 0)
        venue.handle(bar(number, (100, 101, 99, 100)), 0)
        found += [each.fee for each in venue.book.orders[made.client_order_id].executions]
        venue = PaperVenueMachine.restore(venue.parameters, venue.snapshot())
    assert found == [Decimal(2), Decimal("1.6"), Decimal("1.6")]


def test_units_and_value_are_both_paid() -> None:
    """Ten units of a half cent and one basis point of a thousand."""
    schedule = FeeSchedule(Decimal(1), fee_per_unit=Decimal("0.005"))
    assert fees_of(schedule, [1_000]) == [Decimal("0.15")]


def test_the_first_execution_pays_the_minimum() -> None:
    """All together an order pays its fees or the minimum, whichever is more: here 10 times 0.2."""
    schedule = FeeSchedule(fee_per_unit=Decimal("0.2"), order_fee_min=Decimal(1))
    assert fees_of(schedule, [4, 4, 100], share="0.5") == [1, 0, 1]


def test_a_contract_is_paid_of_options_only() -> None:
    """Ten units in lots of five are two contracts; a share has none."""
    schedule = FeeSchedule(fee_per_unit=Decimal("0.01"), fee_per_contract=Decimal("0.65"))
    terms = OptionTerms(
        underlying="AAPL",
        right=OptionRight.CALL,
        strike=Decimal(100),
        expires_at_ns=DAY_0_NS + NS_PER_DAY * 99,
    )
    listed = instrument(lot_size=Decimal(5), asset_class=AssetClass.OPTION, option=terms)
    assert fees_of(schedule, [1_000], listed=listed) == [Decimal("1.4")]
    assert fees_of(schedule, [1_000]) == [Decimal("0.1")]
