"""One order with legs through all cores: risk, execution, paper venue, portfolio, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import (
    AccountEntry,
    Fill,
    OrderEvent,
    OrderLeg,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.market import (
    AssetClass,
    Bar,
    Instrument,
    OptionGreeks,
    OptionRight,
    OptionTerms,
)
from tidegate_contracts.risk import Decision, Verdict
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_execution.core.paper.carry.parameters import CarryRules
from tidegate_execution.testing import SessionRig, execution_parameters, venue_parameters
from tidegate_kernel.contracts import option_of
from tidegate_kernel.machine import Publish
from tidegate_kernel.time import NS_PER_DAY
from tidegate_portfolio.core.machine import PortfolioMachine
from tidegate_portfolio.core.performance import ACCOUNT_BOOK
from tidegate_portfolio.core.state import PortfolioParameters
from tidegate_risk.testing import (
    ACCOUNT,
    FEED,
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
from tidegate_signals.core.machine import SignalsMachine
from tidegate_signals.testing import parameters as signals_parameters

LOWER, LOW, HIGH, HIGHER = (
    "AAPL241006P00090000",
    "AAPL241006P00095000",
    "AAPL241006C00105000",
    "AAPL241006C00110000",
)
CONDOR = tuple(
    OrderLeg(symbol=symbol, side=side, ratio=1)
    for symbol, side in (
        (LOWER, Side.BUY),
        (LOW, Side.SELL),
        (HIGH, Side.SELL),
        (HIGHER, Side.BUY),
    )
)
# In cents: a condor brings 1 a unit, and its strikes lie 5 apart.
CLOSES = {LOWER: 50, LOW: 100, HIGH: 100, HIGHER: 50}
HOUR_NS = NS_PER_DAY // 24
EXPIRES_NS = START_NS + 2 * NS_PER_DAY


def option(symbol: str) -> Instrument:
    """Return what the feed says of an option."""
    read = option_of(symbol)
    assert read is not None
    terms = OptionTerms(
        underlying=read.underlying,
        right=OptionRight.CALL if read.is_call else OptionRight.PUT,
        strike=read.strike,
        expires_at_ns=EXPIRES_NS,
    )
    described: dict[str, Any] = {
        "asset_class": AssetClass.OPTION,
        "base_currency": "AAPL",
        "lot_size": Decimal(100),
        "min_quantity": Decimal(100),
        "shortable": False,
        "option": terms,
        "greeks": OptionGreeks(delta=Decimal("0.5"), at_ns=START_NS),
    }
    return instrument(symbol, **described)


class Platform:
    """The cores of one session; what one says the others hear."""

    def __init__(self) -> None:
        """Start with AAPL at 100 and four options; options end at their expiry."""
        self.risk = Desk(parameters())
        carry = CarryRules(options_expire=True)
        self.trading = SessionRig(
            execution_parameters(account=ACCOUNT), venue_parameters(carry=carry)
        )
        self.books = PortfolioMachine.restore(
            PortfolioParameters(
                session=SESSION,
                account=ACCOUNT,
                feed=FEED,
                currency="USD",
                capital=Decimal(100_000),
                lockstep=True,
            ),
            None,
        )
        self.heard = 0
        self.play(START_NS, [instrument(), *map(option, CLOSES)])
        self.play(START_NS, self.bars(START_NS, 10_000, CLOSES))

    def bars(self, end_ns: int, underlying: int, closes: dict[str, int]) -> list[Bar]:
        """Return the day's bars of the options, and of the underlying."""
        options = [bar(symbol, close, end_ns) for symbol, close in closes.items()]
        return [*options, bar("AAPL", underlying, end_ns)]

    def play(self, now_ns: int, events: list[Any]) -> None:
        """Let everybody hear of events, and then of what was said because of them."""
        self.risk.now_ns = now_ns
        for event in events:
            if isinstance(event, Bar | Instrument):
                if event.symbol != "AAPL" or isinstance(event, Bar):
                    self.risk.tell(event)
                self.books.handle(event, now_ns)
        self.trading.instant(now_ns, events)
        for said in self.trading.said[self.heard :]:
            if isinstance(said, OrderEvent | Fill | AccountEntry):
                self.risk.tell(said)
            if isinstance(said, Fill | AccountEntry):
                self.books.handle(said, now_ns)
        self.heard = len(self.trading.said)

    def place(self, **changes: Any) -> Verdict:  # noqa: ANN401
        """Sell two condors by hand for 0.90 a unit or more."""
        usual = {
            "quantity": 200,
            "legs": CONDOR,
            "order_type": OrderType.LIMIT,
            "limit_price": Decimal("-0.90"),
            "time_in_force": TimeInForce.DAY,
        }
        verdict = self.risk.place(**{**usual, **changes})
        self.play(self.risk.now_ns, [verdict])
        return verdict

    def ask(self, direction: Direction, **terms: Any) -> Verdict:  # noqa: ANN401
        """Let the strategy `ema` ask for condors, or leave them."""
        verdict = self.risk.ask(direction, legs=CONDOR, **terms)
        self.play(self.risk.now_ns, [verdict])
        return verdict

    def turn(self) -> None:
        """Let the next day come, at the same prices."""
        day_ns = self.risk.now_ns + NS_PER_DAY
        self.play(day_ns, self.bars(day_ns, 10_000, CLOSES))

    def held(self, owner: str = "manual") -> list[dict[str, Decimal]]:
        """Return what venue, execution, risk and portfolio hold, by symbol."""
        booked = self.books.state.books[ACCOUNT_BOOK].open_holdings()
        positions = self.risk.machine.state.book.holdings.positions
        return [
            dict(self.trading.venue.book.holdings),
            dict(self.trading.execution._state.holdings.get(owner, {})),
            {each.removeprefix(f"{VENUE}|"): q for each, q in positions.items() if q},
            {each.symbol: each.quantity for each in booked},
        ]


@pytest.mark.parametrize(("underlying", "profit"), [(10_000, 200), (10_300, 200), (12_000, -800)])
def test_a_condor_is_sold_held_and_settled_leg_by_leg(underlying: int, profit: int) -> None:
    """Every book holds the same, and what it loses at most is what risk has said before."""
    platform = Platform()
    verdict = platform.place()
    losses = [each.value for each in verdict.numbers if each.name == "structure_loss"]
    # At the limit 0.90 comes in of the 5 between the strikes.
    assert losses == [Decimal(820)]
    day_ns = START_NS + NS_PER_DAY
    platform.play(day_ns, platform.bars(day_ns, 10_000, CLOSES))
    filled = {LOWER: 200, LOW: -200, HIGH: -200, HIGHER: 200}
    assert platform.held() == [filled] * 4
    assert platform.trading.order_events[-1].state is OrderState.FILLED
    assert platform.risk.machine.state.book.orders.by_id == {}
    # The worst of both sides is 5 a unit: that is no free cash any more.
    assert platform.risk.machine.state.book.free_cash() == 100_200 - 200 * 5
    end_ns = EXPIRES_NS
    platform.play(end_ns, platform.bars(end_ns, underlying, dict.fromkeys(CLOSES, 1)))
    later_ns = end_ns + NS_PER_DAY
    platform.play(later_ns, [bar("AAPL", underlying, later_ns)])
    cash = platform.trading.venue.book.cash
    shares = platform.trading.venue.book.holdings
    assert not [each for each in shares if option_of(each)]
    worth = cash + shares.get("AAPL", Decimal(0)) * underlying / 100
    assert worth == 100_000 + profit


def test_what_is_left_open_is_cancelled_and_given_back() -> None:
    """A day's order at a net price that never comes."""
    platform = Platform()
    platform.place(limit_price=Decimal("-1.10"))
    assert platform.risk.machine.state.book.orders.count() == len(CONDOR)
    day_ns = START_NS + NS_PER_DAY
    platform.play(day_ns, platform.bars(day_ns, 10_000, CLOSES))
    assert platform.trading.order_events[-1].state is OrderState.EXPIRED
    assert platform.risk.machine.state.book.orders.by_id == {}
    assert platform.held() == [{}] * 4


def test_the_structure_is_closed_as_one() -> None:
    """The same legs the other way around, at the market: as many as are held."""
    platform = Platform()
    platform.place()
    day_ns = START_NS + NS_PER_DAY
    platform.play(day_ns, platform.bars(day_ns, 10_000, CLOSES))
    closing = tuple(msgspec.structs.replace(leg, side=Side(3 - leg.side)) for leg in CONDOR)
    platform.place(
        legs=closing,
        quantity=500,
        reduce_only=True,
        order_type=OrderType.MARKET,
        limit_price=None,
        time_in_force=TimeInForce.GTC,
    )
    next_ns = day_ns + NS_PER_DAY
    platform.play(next_ns, platform.bars(next_ns, 10_000, CLOSES))
    assert platform.held() == [{}] * 4


AT_A_CREDIT: dict[str, Any] = {
    "entry_style": EntryStyle.LIMIT,
    "limit_price": Decimal("-0.90"),
    "time_in_force": TimeInForce.DAY,
}


def test_a_strategy_opens_a_condor_once_and_closes_what_it_holds() -> None:
    """Sized by risk: 5 between the strikes less 0.90 a unit, and 1,000 that may be lost."""
    platform = Platform()
    verdict = platform.ask(Direction.LONG, **AT_A_CREDIT)
    assert ordered(verdict).quantity == 200
    assert code(platform.ask(Direction.LONG, **AT_A_CREDIT)) == "ALREADY_AT_TARGET"
    platform.turn()
    filled = {LOWER: 200, LOW: -200, HIGH: -200, HIGHER: 200}
    assert platform.held("ema") == [filled] * 4
    assert code(platform.ask(Direction.LONG, **AT_A_CREDIT)) == "ALREADY_AT_TARGET"
    leaving = platform.ask(Direction.FLAT)
    assert ordered(leaving).reduce_only
    platform.turn()
    assert platform.held("ema") == [{}] * 4
    assert platform.risk.machine.state.book.orders.by_id == {}
    assert platform.trading.order_events[-1].state is OrderState.FILLED


def test_a_strategy_that_leaves_takes_its_open_entry_back() -> None:
    """Nothing is filled yet: the entry is cancelled, and nothing is closed."""
    platform = Platform()
    platform.ask(Direction.LONG, **{**AT_A_CREDIT, "limit_price": Decimal("-1.10")})
    assert ordered(platform.ask(Direction.FLAT)).quantity == 0
    platform.turn()
    ends = {each.state for each in platform.trading.order_events if not each.filled_quantity}
    assert ends >= {OrderState.CANCELLED}
    assert OrderState.REJECTED not in ends
    assert platform.risk.machine.state.book.orders.by_id == {}
    assert platform.held("ema") == [{}] * 4


def test_the_bundled_spread_trades_from_a_bar_to_the_ledger_and_back() -> None:
    """The strategy's own signals, live as in a session: every book holds what it wanted."""
    text = f"vertical-spread:bought={HIGH},sold={HIGHER},fast=1,slow=2,leave_days=0"
    wanted = msgspec.structs.replace(signals_parameters(text), session=SESSION, feed=FEED)
    signals = SignalsMachine.restore(wanted, None)
    platform = Platform()
    for described in (instrument(), *map(option, CLOSES)):
        signals.handle(described, START_NS)
    held = []
    # It rises and falls within hours, before the options expire.
    for hour, close in enumerate((10_000, 10_000, 10_100, 10_200, 9_900, 9_900), start=1):
        now_ns = START_NS + hour * HOUR_NS
        bars = [
            msgspec.structs.replace(each, timeframe_ns=HOUR_NS, start_ns=now_ns - HOUR_NS)
            for each in platform.bars(now_ns, close, CLOSES)
        ]
        platform.play(now_ns, bars)
        for each in bars:
            for effect in signals.handle(each, now_ns):
                assert isinstance(effect, Publish)
                verdict = platform.risk.verdict(effect.body)
                assert verdict.decision is Decision.APPROVED, verdict.refusal
                platform.play(now_ns, [verdict])
        held.append(platform.held("s0"))
    # It costs 0.50 a unit, and a hundredth of 100,000 may be lost.
    spread = {HIGH: 2_000, HIGHER: -2_000}
    assert held[3] == [spread] * 4
    assert held[2] == held[5] == [{}] * 4
    assert platform.trading.venue.book.cash == 100_000
