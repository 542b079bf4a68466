"""For tests: builders of messages, and a session of execution and paper venue in rounds.

`SessionRig` plays both machines against each other as a lockstep host does: effects of one round
are handled in the next. It restores both machines from their snapshots whenever it is told to.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import (
    CancelOrder,
    Fill,
    OrderEvent,
    OrderSpecification,
    OrderType,
    Side,
    TimeInForce,
    VenueEntry,
    VenueReport,
)
from tidegate_contracts.market import AssetClass, Bar, Instrument
from tidegate_contracts.risk import Decision, GateAction, GateEvent, GateLevel, Verdict
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import PaperVenueParameters
from tidegate_execution.core.parameters import ExecutionParameters, HardCaps, RateBudget
from tidegate_kernel.identifiers import client_order_id, signal_key
from tidegate_kernel.machine import (
    Answer,
    Called,
    CancelTimer,
    Publish,
    Replied,
    Request,
    SetTimer,
    TimerFired,
)
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_kernel.machine import Body, Effect, Event

SESSION = "demo"
ACCOUNT = "demo"
FEED = "replay-demo"
VENUE = "XNAS"
STRATEGY = "ema"
DAY_0_NS = 19_000 * NS_PER_DAY
Price = Decimal | int | str
ROUNDS_MAX = 50


def execution_parameters(*, lockstep: bool = True, **changes: object) -> ExecutionParameters:
    """Return parameters of a session with generous caps."""
    values: dict[str, object] = {
        "session": SESSION,
        "account": ACCOUNT,
        "lockstep": lockstep,
        "session_clock_is_wall": not lockstep,
        "caps": HardCaps(Decimal(1_000_000), Decimal(1_000_000)),
        "rate": RateBudget(100, 60 * NS_PER_SECOND),
    }
    return ExecutionParameters(**{**values, **changes})  # type: ignore[arg-type]


def venue_parameters(**changes: object) -> PaperVenueParameters:
    """Return a paper venue without fees, slippage or latency."""
    values: dict[str, object] = {"session": SESSION, "currency": "USD", "cash": Decimal(100_000)}
    return PaperVenueParameters(**{**values, **changes})  # type: ignore[arg-type]


def instrument(symbol: str = "AAPL", **changes: object) -> Instrument:
    """Return a stock with cents, whole shares and prices in cents."""
    values: dict[str, object] = {
        "feed": FEED,
        "venue": VENUE,
        "symbol": symbol,
        "asset_class": AssetClass.EQUITY,
        "base_currency": symbol,
        "quote_currency": "USD",
        "price_scale": 2,
        "size_scale": 0,
        "tick_size": Decimal("0.01"),
        "lot_size": Decimal(1),
        "min_quantity": Decimal(1),
        "tradable": True,
        "shortable": True,
    }
    return Instrument(**{**values, **changes})  # type: ignore[arg-type]


def bar(
    day: int,
    ohlc: tuple[Price, Price, Price, Price],
    symbol: str = "AAPL",
    *,
    volume: int = 1_000_000,
    length_ns: int = NS_PER_DAY,
) -> Bar:
    """Return the bar that starts ``day`` bar lengths after the first day; prices in dollars."""
    opened, high, low, closed = (int(Decimal(each) * 100) for each in ohlc)
    start_ns = DAY_0_NS + day * length_ns
    return Bar(
        feed=FEED,
        venue=VENUE,
        symbol=symbol,
        timeframe_ns=length_ns,
        start_ns=start_ns,
        end_ns=start_ns + length_ns,
        open=opened,
        high=high,
        low=low,
        close=closed,
        volume=volume,
    )


def specification(key: str, **changes: object) -> OrderSpecification:
    """Return a market buy of 10 for a signal."""
    values: dict[str, object] = {
        "client_order_id": client_order_id(key, 0),
        "venue": VENUE,
        "symbol": "AAPL",
        "side": Side.BUY,
        "order_type": OrderType.MARKET,
        "quantity": Decimal(10),
        "time_in_force": TimeInForce.GTC,
    }
    if "limit_price" in changes:
        values["order_type"] = OrderType.LIMIT
    return OrderSpecification(**{**values, **changes})  # type: ignore[arg-type]


def verdict(at_ns: int, *, ordinal: int = 0, strategy: str = STRATEGY, **order: object) -> Verdict:
    """Return an approval of an order that `specification` describes, made at ``at_ns``."""
    symbol = str(order.get("symbol", "AAPL"))
    key = signal_key(SESSION, strategy, symbol, at_ns, ordinal)
    made = specification(key, **order)
    return Verdict(
        session=SESSION,
        account=ACCOUNT,
        strategy=strategy,
        symbol=symbol,
        signal_key=key,
        signal_event_at_ns=at_ns,
        decision=Decision.APPROVED,
        specification=made,
        risk_increasing=not made.reduce_only,
        term=1,
        decided_at_ns=at_ns,
    )


def raised(
    level: GateLevel, *, epoch: int = 1, scope: str = "all", latches: tuple[str, ...] = ()
) -> GateEvent:
    """Return a raise of the gate."""
    return GateEvent(
        action=GateAction.RAISED,
        scope=scope,
        level=level,
        gate_epoch=epoch,
        principal="operator",
        reason="test",
        latches=latches,
    )


def lowered(
    level: GateLevel, *, epoch: int = 1, scope: str = "all", latches: tuple[str, ...] = ()
) -> GateEvent:
    """Return a lowering of the gate."""
    return GateEvent(
        action=GateAction.LOWERED,
        scope=scope,
        level=level,
        gate_epoch=epoch,
        principal="operator",
        approver="approver",
        reason="test",
        latches=latches,
    )


def published(effects: Iterable[Effect], kind: type[Body]) -> list[Body]:
    """Return the published bodies of one kind."""
    return [e.body for e in effects if isinstance(e, Publish) and isinstance(e.body, kind)]


def requested(effects: Iterable[Effect], kind: type[Body]) -> list[Body]:
    """Return the requested bodies of one kind."""
    return [e.body for e in effects if isinstance(e, Request) and isinstance(e.body, kind)]


@dataclass
class SessionRig:
    """An execution machine and a paper venue, played in rounds."""

    parameters: ExecutionParameters = field(default_factory=execution_parameters)
    venue_settings: PaperVenueParameters = field(default_factory=venue_parameters)
    restart_often: bool = False

    def __post_init__(self) -> None:
        """Begin both machines as new."""
        self.execution = ExecutionMachine.restore(self.parameters, None)
        self.venue = PaperVenueMachine.restore(self.venue_settings, None)
        self.order_events: list[OrderEvent] = []
        self.fills: list[Fill] = []
        self.said: list[Body] = []
        self.answers: dict[str, Body] = {}
        self.timers: dict[str, int] = {}
        self.calls = 0

    def instant(self, now_ns: int, events: Sequence[Event] = ()) -> None:
        """Play one instant: due timers, the given events to both machines, then all rounds."""
        due = sorted((at_ns, name) for name, at_ns in self.timers.items() if at_ns <= now_ns)
        waiting: deque[tuple[str, Event]] = deque()
        for at_ns, name in due:
            del self.timers[name]
            waiting.append(("execution", TimerFired(name, at_ns)))
        for event in events:
            if isinstance(event, Bar | Instrument):
                waiting.append(("venue", event))
            waiting.append(("execution", event))
        rounds = 0
        while waiting:
            rounds += 1
            assert rounds < ROUNDS_MAX, "an instant must come to rest"
            following: deque[tuple[str, Event]] = deque()
            for target, event in waiting:
                following.extend(self._handle(target, event, now_ns))
            waiting = following

    def _handle(self, target: str, event: Event, now_ns: int) -> list[tuple[str, Event]]:
        if self.restart_often:
            self.restart()
        if target == "venue":
            return self._from_venue(self.venue.handle(event, now_ns))
        return self._from_execution(self.execution.handle(event, now_ns))

    def restart(self) -> None:
        """Snapshot and restore both machines."""
        self.execution = ExecutionMachine.restore(self.parameters, self.execution.snapshot())
        self.venue = PaperVenueMachine.restore(self.venue_settings, self.venue.snapshot())

    def cancel_at_venue(self, order: OrderSpecification, now_ns: int) -> None:
        """Let the venue cancel an order without having been asked to, and report it."""
        request = CancelOrder(
            session=SESSION,
            client_order_id=order.client_order_id,
            venue=order.venue,
            symbol=order.symbol,
        )
        self._open["elsewhere"] = request
        told = self._from_venue(self.venue.handle(Called("elsewhere", request), now_ns))
        self.instant(now_ns, [event for _, event in told if isinstance(event, VenueReport)])

    def _from_venue(self, effects: Sequence[Effect]) -> list[tuple[str, Event]]:
        events: list[tuple[str, Event]] = []
        for effect in effects:
            if isinstance(effect, Publish):
                assert isinstance(effect.body, VenueReport | VenueEntry)
                self.said.append(effect.body)
                events.append(("execution", effect.body))
            elif isinstance(effect, Answer):
                request = self._open.pop(effect.call_id)
                events.append(("execution", Replied("venue", request, effect.body)))
        return events

    def _from_execution(self, effects: Sequence[Effect]) -> list[tuple[str, Event]]:
        events: list[tuple[str, Event]] = []
        for effect in effects:
            if isinstance(effect, Publish):
                self._note(effect.body)
            elif isinstance(effect, Request):
                self.calls += 1
                call_id = f"call-{self.calls}"
                self._open[call_id] = effect.body
                events.append(("venue", Called(call_id, effect.body)))
            elif isinstance(effect, SetTimer):
                self.timers[effect.name] = effect.at_ns
            elif isinstance(effect, CancelTimer):
                self.timers.pop(effect.name, None)
            else:
                self.answers[effect.call_id] = effect.body
        return events

    @property
    def _open(self) -> dict[str, Body]:
        return self.__dict__.setdefault("open_requests", {})  # type: ignore[no-any-return]

    def _note(self, body: Body) -> None:
        self.said.append(body)
        if isinstance(body, OrderEvent):
            self.order_events.append(body)
        elif isinstance(body, Fill):
            self.fills.append(body)

    def states(self) -> list[str]:
        """Return the names of the states that orders went through, in order."""
        return [event.state.name for event in self.order_events]
