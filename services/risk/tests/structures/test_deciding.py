"""Orders with legs: what they may lose, what each leg adds, and what an approval keeps back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    Fill,
    LegFilled,
    OrderEvent,
    OrderLeg,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.market import AssetClass, OptionGreeks, OptionRight, OptionTerms
from tidegate_contracts.risk import Decision, GateAction, GateEvent, GateLevel, Verdict
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import (
    ACCOUNT,
    SESSION,
    START_NS,
    VENUE,
    Desk,
    bar,
    code,
    instrument,
    ordered,
    parameters,
)

LOW, HIGH, PUT = "AAPL991218C00100000", "AAPL991218C00110000", "AAPL991218P00100000"
LATER = "AAPL991219C00110000"
# In cents; LOW costs 5, HIGH 2, and strikes lie 10 apart.
CLOSES = {LOW: 500, HIGH: 200, PUT: 400, LATER: 250}


def leg(symbol: str, side: Side, ratio: int = 1) -> OrderLeg:
    """Return a leg."""
    return OrderLeg(symbol=symbol, side=side, ratio=ratio)


DEBIT = (leg(LOW, Side.BUY), leg(HIGH, Side.SELL))
CREDIT = (leg(LOW, Side.SELL), leg(HIGH, Side.BUY))
STRADDLE_SOLD = (leg(LOW, Side.SELL), leg(PUT, Side.SELL))
CALENDAR = (leg(HIGH, Side.SELL), leg(LATER, Side.BUY))


def desk(**limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk with AAPL at 100 USD and four options on it."""
    made = Desk(parameters(**limits))
    for symbol, close in CLOSES.items():
        right = OptionRight.PUT if symbol == PUT else OptionRight.CALL
        terms = OptionTerms(
            underlying="AAPL",
            right=right,
            strike=Decimal(100),
            expires_at_ns=START_NS + 30 * NS_PER_DAY,
        )
        greeks = OptionGreeks(delta=Decimal("0.5"), at_ns=START_NS)
        usual = {"asset_class": AssetClass.OPTION, "option": terms, "greeks": greeks}
        lots = {"lot_size": Decimal(100), "min_quantity": Decimal(100), "shortable": False}
        made.tell(instrument(symbol, **usual, **lots))
        made.tell(bar(symbol, close=close))
    return made


def place(made: Desk, legs: tuple[OrderLeg, ...] = DEBIT, **changes: Any) -> Verdict:  # noqa: ANN401
    """Place two structures, 200 units, for the day."""
    usual = {"quantity": 200, "time_in_force": TimeInForce.DAY}
    return made.place(legs=legs, **{**usual, **changes})


def event(verdict: Verdict, state: OrderState, filled: int) -> OrderEvent:
    """Return an order event of execution."""
    wanted = ordered(verdict)
    return OrderEvent(
        session=SESSION,
        account=ACCOUNT,
        strategy=verdict.strategy,
        signal_key=verdict.signal_key,
        specification=wanted,
        state=state,
        filled_quantity=Decimal(filled),
        legs_filled=tuple(
            LegFilled(symbol=each.symbol, filled_quantity=Decimal(filled * each.ratio))
            for each in wanted.legs
        ),
    )


def fill(made: Desk, verdict: Verdict, quantity: int = 200) -> None:
    """Fill every leg at its close, and end the order."""
    for number, each in enumerate(ordered(verdict).legs):
        told = Fill(
            session=SESSION,
            account=ACCOUNT,
            strategy=verdict.strategy,
            signal_key=verdict.signal_key,
            client_order_id=ordered(verdict).client_order_id,
            execution_id=f"{verdict.signal_key}{number}",
            venue=VENUE,
            symbol=each.symbol,
            side=each.side,
            quantity=Decimal(quantity),
            price=Decimal(CLOSES[each.symbol]) / 100,
            fee_currency="USD",
            event_at_ns=made.now_ns,
        )
        made.tell(told)
    made.tell(event(verdict, OrderState.FILLED, quantity))


def test_an_approval_says_all_legs_and_reserves_each() -> None:
    """One order, BUY of the underlying's name; each leg is open in its own listing."""
    made = desk()
    verdict = place(made, order_type=OrderType.LIMIT, limit_price=Decimal(3))
    wanted = ordered(verdict)
    assert (wanted.symbol, wanted.side, wanted.legs) == ("AAPL", Side.BUY, DEBIT)
    assert (wanted.quantity, wanted.limit_price) == (Decimal(200), Decimal(3))
    orders = made.machine.state.book.orders
    assert orders.open_sides() == {
        f"{VENUE}|{LOW}": (Decimal(200), Decimal(0)),
        f"{VENUE}|{HIGH}": (Decimal(0), Decimal(200)),
    }
    # All that a spread bought at 3 can lose.
    assert orders.reserved_cash() == 600
    again = DecisionMachine.restore(made.machine.parameters, made.machine.snapshot())
    assert again.snapshot() == made.machine.snapshot()


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.EXPIRED])
def test_an_order_that_ends_unfilled_gives_everything_back(state: OrderState) -> None:
    """Nothing of any leg stays reserved."""
    made = desk()
    verdict = place(made)
    made.tell(event(verdict, state, 0))
    assert made.machine.state.book.orders.by_id == {}


def test_fills_of_legs_shrink_what_is_reserved() -> None:
    """In whichever order they and the event come; what is held is then what was filled."""
    made = desk()
    fill(made, place(made))
    book = made.machine.state.book
    assert book.orders.by_id == {}
    assert book.holdings.position(f"{VENUE}|{HIGH}") == -200


@pytest.mark.parametrize(
    ("legs", "limit", "loss"), [(DEBIT, 3, 600), (CREDIT, -3, 1_400), (CREDIT, -2, 1_600)]
)
def test_the_largest_loss_is_bound_to_the_cent(
    legs: tuple[OrderLeg, ...], limit: int, loss: int
) -> None:
    """What it costs less the least that it is worth: at the limit it passes, below it does not."""
    terms: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": Decimal(limit)}
    equity = Decimal(100_000)
    at_most = {"option_loss_max_fraction": Decimal(loss) / equity}
    assert code(place(desk(**at_most), legs, **terms)) == "APPROVED"
    below = {"option_loss_max_fraction": Decimal(loss - 1) / equity}
    refused = place(desk(**below), legs, **terms)
    assert code(refused) == Code.STRUCTURE_LOSS
    assert refused.refusal is not None
    assert refused.refusal.message.endswith("100 units would pass")


@settings(max_examples=25)
@given(st.integers(1, 40), st.decimals("-9.99", "4.99", places=2))
def test_no_structure_passes_that_could_lose_more_than_its_limit(
    structures: int, net: Decimal
) -> None:
    """Whatever is paid or received for it: the limit is a loss of 10,000."""
    made = desk(option_loss_max_fraction=Decimal("0.1"), price_collar_fraction=Decimal(10))
    limit: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": net}
    verdict = place(made, CREDIT, quantity=100 * structures, **limit)
    loss = 100 * structures * (net + 10)
    assert code(verdict) == ("APPROVED" if loss <= 10_000 else Code.STRUCTURE_LOSS)


@pytest.mark.parametrize("legs", [STRADDLE_SOLD, CALENDAR, (DEBIT[0], leg(HIGH, Side.SELL, 2))])
def test_a_loss_without_bound_needs_the_limits_leave(legs: tuple[OrderLeg, ...]) -> None:
    """A naked call, and legs of several expiries, are refused unless that is allowed."""
    assert code(place(desk(), legs)) == Code.OPTION_RISK_UNDEFINED
    assert code(place(desk(option_loss_unbounded_allowed=True), legs)) == "APPROVED"


def test_cash_covers_the_loss_of_what_is_held_and_ordered() -> None:
    """A credit is no free cash: what the spread may lose stays away from other orders."""
    made = desk(cash_buffer_fraction=Decimal(0))
    book = made.machine.state.book
    fill(made, place(made, CREDIT, quantity=1_000), 1_000)
    # 3,000 came in; at the expiry 10,000 may go out, however cheap the options are now.
    made.now_ns += 1
    for symbol, close in ((LOW, 100), (HIGH, 40)):
        made.tell(bar(symbol, close, made.now_ns))
    assert book.holdings.cash == 103_000
    assert book.free_cash() == 103_000 - 10_000
    # Each of the next brings 0.60 and may cost 10.
    assert code(place(made, CREDIT, quantity=9_900)) == Code.BUYING_POWER
    assert code(place(made, CREDIT, quantity=9_800)) == "APPROVED"


def test_every_leg_obeys_the_limits_of_its_own_listing() -> None:
    """A bound on one leg's exposure refuses the whole, names the leg, and reserves nothing."""
    made = desk(symbol_exposure_max_fraction=Decimal("0.005"))
    verdict = place(made)
    assert code(verdict) == Code.SYMBOL_EXPOSURE
    assert verdict.refusal is not None
    assert f"of the leg {LOW}" in verdict.refusal.message
    assert made.machine.state.book.orders.by_id == {}


@pytest.mark.parametrize(("most", "expected"), [(1, Code.OPEN_POSITIONS), (2, "APPROVED")])
def test_every_leg_counts_as_a_position_beside_those_before_it(most: int, expected: str) -> None:
    """The second leg is asked about with the first one as an open order."""
    assert code(place(desk(open_positions_max=most))) == expected


@pytest.mark.parametrize(("most", "expected"), [("0.19", Code.OPTION_GREEKS), ("0.2", "APPROVED")])
def test_the_delta_of_a_leg_is_added_to_that_of_those_before_it(most: str, expected: str) -> None:
    """Two calls of 200 units and half a delta each move like 200 of the underlying at 100."""
    bought = (leg(LOW, Side.BUY), leg(HIGH, Side.BUY))
    made = desk(option_delta_max_fraction=Decimal(most))
    assert code(place(made, bought)) == expected


@pytest.mark.parametrize("scope", ["symbol:AAPL", f"symbol:{HIGH}"])
def test_a_gate_over_a_leg_or_the_underlying_refuses_the_whole(scope: str) -> None:
    """Scopes of symbols cover what an order trades."""
    made = desk()
    raised = GateEvent(
        action=GateAction.RAISED, scope=scope, level=GateLevel.HALTED, gate_epoch=1, principal="p"
    )
    made.tell(raised)
    assert code(place(made)) == Code.GATE_CLOSED


def test_missing_data_of_a_leg_refuse() -> None:
    """An unknown leg, and one without Greeks."""
    made = desk()
    unknown = (DEBIT[0], leg("AAPL991218C00999000", Side.SELL))
    assert code(place(made, unknown)) == Code.INSTRUMENT_UNKNOWN
    known = made.machine.state.book.market.instruments[f"{VENUE}|{HIGH}"]
    made.tell(msgspec.structs.replace(known, greeks=None))
    assert code(place(made)) == Code.OPTION_DATA_MISSING


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"legs": DEBIT[:1]}, "2 to 4 legs"),
        ({"side": Side.SELL}, "side BUY with legs"),
        ({"order_type": OrderType.STOP, "trigger_price": Decimal(1)}, "MARKET or LIMIT with legs"),
        ({"order_type": OrderType.LIMIT}, "limit_price the net price"),
        ({"time_in_force": TimeInForce.IOC}, "DAY or GTC with legs"),
        ({"stop_price": Decimal(1)}, "stop_price to be left out with legs"),
        ({"symbol": "MSFT"}, "options on MSFT"),
    ],
)
def test_what_does_not_belong_to_legs_is_named(changes: dict[str, Any], named: str) -> None:
    """By its name, with what was expected."""
    made = desk()
    made.tell(instrument("MSFT"))
    made.tell(bar("MSFT"))
    verdict = place(made, **changes)
    assert code(verdict) == Code.ORDER_INVALID
    assert verdict.refusal is not None
    assert named in verdict.refusal.message


def test_a_price_far_beyond_the_market_and_part_contracts_are_refused() -> None:
    """Collar, lot and tick are those of the whole."""
    limit = OrderType.LIMIT
    made = desk(price_collar_fraction=Decimal("0.1"))
    assert code(place(made, order_type=limit, limit_price=Decimal("3.71"))) == Code.PRICE_COLLAR
    assert code(place(made, order_type=limit, limit_price=Decimal("2.999"))) == Code.TICK_SIZE
    assert code(place(made, quantity=150)) == Code.LOT_SIZE
    assert code(place(made, order_type=limit, limit_price=Decimal("3.7"))) == "APPROVED"


def test_the_same_structure_is_not_ordered_twice_at_once() -> None:
    """Another one of the same underlying is no duplicate."""
    made = desk(duplicate_window_ns=NS_PER_DAY)
    assert code(place(made)) == "APPROVED"
    assert code(place(made)) == Code.DUPLICATE
    assert code(place(made, CREDIT)) == "APPROVED"


def test_closing_takes_what_every_leg_holds() -> None:
    """At most that, and nothing where one leg is missing; limits do not hold it up."""
    made = desk()
    fill(made, place(made))
    closing = tuple(leg(e.symbol, Side(3 - e.side), e.ratio) for e in DEBIT)
    verdict = place(made, closing, quantity=500, reduce_only=True)
    assert ordered(verdict).quantity == 200
    assert ordered(verdict).reduce_only
    assert verdict.exact
    assert code(place(made, closing, reduce_only=True)) == Code.NOTHING_TO_CLOSE
    assert place(made, DEBIT, reduce_only=True).decision is Decision.REFUSED
