"""I03: no limit is exceeded at the venue's own book, whatever the order of fills and reports.

Strategies signal and people place orders by hand. A venue of its own executes approved orders at a
constant price. What it does reaches risk late, and an order's end may overtake its fills. Nothing
that risk approves may break a limit there.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from hypothesis import given, strategies as st

from tidegate_contracts.execution import Fill, OrderEvent, OrderSpecification, OrderState, Side
from tidegate_contracts.risk import Decision, Verdict
from tidegate_contracts.signals import Direction
from tidegate_risk.testing import ACCOUNT, SESSION, VENUE, Desk, order_event, ordered, parameters

SYMBOLS = ["A", "B", "C", "D"]
PRICE = Decimal(100)
SYMBOL_MAX, GROSS_MAX = Decimal(15_000), Decimal(25_000)
UNITS_MAX, NET_MAX = Decimal(140), Decimal(15_000)
POSITIONS_MAX, ORDERS_MAX = 3, 4


class Venue:
    """Holds positions and open orders; its reports wait in a queue until they are delivered."""

    def __init__(self) -> None:
        self.positions = dict.fromkeys(SYMBOLS, Decimal(0))
        self.open: dict[str, tuple[Verdict, Decimal]] = {}
        self.reports: deque[Fill | OrderEvent] = deque()
        self.executions = 0

    def accept(self, verdict: Verdict) -> None:
        """Take an approved order."""
        specification = ordered(verdict)
        self.open[specification.client_order_id] = (verdict, specification.quantity)

    def fill(self, index: int, quantity: int) -> None:
        """Execute a part of an open order."""
        order = self._nth(index)
        if order is None:
            return
        verdict, left = self.open[order]
        specification = ordered(verdict)
        done = min(Decimal(quantity), left)
        sign = 1 if specification.side == Side.BUY else -1
        self.positions[verdict.symbol] += sign * done
        self.reports.append(self._execution(verdict, specification, done))
        self.open[order] = (verdict, left - done)
        if left == done:
            self._end(order, OrderState.FILLED)

    def cancel(self, index: int) -> None:
        """Cancel what is left of an open order."""
        order = self._nth(index)
        if order is not None:
            self._end(order, OrderState.CANCELLED)

    def deliver(self, desk: Desk, *, newest_first: bool) -> None:
        """Hand a report to risk; the newest overtakes the others."""
        if self.reports:
            desk.tell(self.reports.pop() if newest_first else self.reports.popleft())

    def worst(self, symbol: str) -> Decimal:
        """Return the largest position that open orders could lead to."""
        sides = {Side.BUY: Decimal(0), Side.SELL: Decimal(0)}
        for verdict, left in self.open.values():
            if verdict.symbol == symbol:
                sides[ordered(verdict).side] += left
        position = self.positions[symbol]
        return max(abs(position + sides[Side.BUY]), abs(position - sides[Side.SELL]))

    def net(self, side: Side) -> Decimal:
        """Return longs less shorts with all open orders of one side filled, none of the other."""
        sign = 1 if side == Side.BUY else -1
        rest = [left for verdict, left in self.open.values() if ordered(verdict).side == side]
        return abs(sum(self.positions.values(), Decimal(0)) + sign * sum(rest, Decimal(0)))

    def _nth(self, index: int) -> str | None:
        return list(self.open)[index % len(self.open)] if self.open else None

    def _end(self, order: str, state: OrderState) -> None:
        verdict, left = self.open.pop(order)
        filled = int(ordered(verdict).quantity - left)
        self.reports.append(order_event(verdict, state, filled))

    def _execution(
        self, verdict: Verdict, specification: OrderSpecification, quantity: Decimal
    ) -> Fill:
        self.executions += 1
        return Fill(
            session=SESSION,
            account=ACCOUNT,
            strategy=verdict.strategy,
            signal_key=verdict.signal_key,
            client_order_id=specification.client_order_id,
            execution_id=f"v{self.executions}",
            venue=VENUE,
            symbol=verdict.symbol,
            side=specification.side,
            quantity=quantity,
            price=PRICE,
            fee_currency="USD",
        )


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"),
            st.sampled_from(SYMBOLS),
            st.sampled_from(["first", "second"]),
            st.sampled_from([Direction.LONG, Direction.SHORT, Direction.FLAT]),
        ),
        st.tuples(
            st.just("place"),
            st.sampled_from(SYMBOLS),
            st.sampled_from([Side.BUY, Side.SELL]),
            st.integers(1, 200),
            st.sampled_from(["manual", "manual to close", "first"]),
        ),
        st.tuples(st.just("fill"), st.integers(0, 5), st.integers(1, 120)),
        st.tuples(st.just("cancel"), st.integers(0, 5)),
        st.tuples(st.just("deliver"), st.booleans()),
    ),
    max_size=60,
)


@given(steps, st.booleans())
def test_no_limit_is_exceeded_in_the_venues_own_book(
    history: list[tuple[object, ...]],
    short: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """Worst case per symbol, gross, positions and orders hold after every step."""
    desk, venue = constrained_desk(short=short), Venue()
    for step in history:
        play(step, desk, venue)
        exposures = [venue.worst(symbol) * PRICE for symbol in SYMBOLS]
        assert max(exposures) <= SYMBOL_MAX
        assert sum(exposures) <= GROSS_MAX
        assert sum(1 for exposure in exposures if exposure) <= POSITIONS_MAX
        entries = [v for v, left in venue.open.values() if left and v.risk_increasing]
        assert len(entries) <= ORDERS_MAX
        if not short:
            assert min(venue.positions.values()) >= 0


def constrained_desk(*, short: bool) -> Desk:
    """Return a desk under wall-clock rules whose limits bind often."""
    told = parameters(
        lockstep=False,
        symbol_exposure_max_fraction=SYMBOL_MAX / 100_000,
        gross_exposure_max_fraction=GROSS_MAX / 100_000,
        open_positions_max=POSITIONS_MAX,
        open_orders_max=ORDERS_MAX,
        short_allowed=short,
    )
    return Desk(told, SYMBOLS)


def play(step: tuple[object, ...], desk: Desk, venue: Venue) -> None:
    """Do one step at the desk or the venue."""
    match step:
        case ("ask", str(symbol), str(strategy), Direction() as direction):
            verdict = desk.ask(direction, symbol, strategy)
            if verdict.decision == Decision.APPROVED and ordered(verdict).quantity > 0:
                venue.accept(verdict)
        case ("place", str(symbol), Side() as side, int(quantity), str(whose)):
            closes = whose != "manual"
            strategy = whose.partition(" ")[0]
            verdict = desk.place(
                side, quantity, symbol=symbol, strategy=strategy, reduce_only=closes
            )
            if verdict.decision == Decision.APPROVED:
                assert 0 < ordered(verdict).quantity <= quantity
                venue.accept(verdict)
        case ("fill", int(index), int(quantity)):
            venue.fill(index, quantity)
        case ("cancel", int(index)):
            venue.cancel(index)
        case ("deliver", bool(newest_first)):
            venue.deliver(desk, newest_first=newest_first)


@given(steps)
def test_units_hold_in_the_venues_own_book(history: list[tuple[object, ...]]) -> None:
    """Each symbol's, in the worst case of its open orders."""
    told = parameters(lockstep=False, position_quantity_max=UNITS_MAX, short_allowed=True)
    desk, venue = Desk(told, SYMBOLS), Venue()
    for step in history:
        play(step, desk, venue)
        assert max(map(venue.worst, SYMBOLS)) <= UNITS_MAX


@given(steps)
def test_net_exposure_holds_in_the_venues_own_book(history: list[tuple[object, ...]]) -> None:
    """Longs less shorts, with every open order of an entry's side filled and none of the other.

    An exit is never refused, so it may leave the other side alone: only what an entry adds counts.
    """
    told = parameters(
        lockstep=False, net_exposure_max_fraction=NET_MAX / 100_000, short_allowed=True
    )
    desk, venue = Desk(told, SYMBOLS), Venue()
    for step in history:
        before = len(venue.open)
        play(step, desk, venue)
        newest = list(venue.open.values())[-1:] if len(venue.open) > before else []
        for verdict, _ in newest:
            if verdict.risk_increasing:
                assert venue.net(ordered(verdict).side) * PRICE <= NET_MAX
