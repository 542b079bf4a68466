"""What a history is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from tidegate_contracts.execution import OrderType, Side
from tidegate_contracts.risk import (
    ApproveLimits,
    ApproveLowering,
    ChangeLimits,
    GateAnswer,
    GateLevel,
    LimitsAnswer,
    PlaceOrder,
    PlaceOrderAnswer,
    RaiseGate,
    RequestLowering,
)
from tidegate_contracts.signals import Direction, EntryStyle, Signal
from tidegate_kernel.identifiers import MANUAL, signal_key
from tidegate_kernel.machine import CauseMissing
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.config import parameters_of
from tidegate_risk.core.changes.document import configured, write_resolved
from tidegate_risk.core.gate.machine import GateMachine

from .hosting import Fate, World
from .promises import Promises
from .session import (
    BEGIN_NS,
    EXECUTION,
    FEED,
    GATE,
    LIMITS,
    NAME,
    PAPER,
    PORTFOLIO,
    RISK,
    STRATEGIES,
    SYMBOLS,
    TIGHTER,
    TIMEFRAME_NS,
    UNKNOWN,
    UNPRICED,
    VENUE,
    bar,
    definitions_of,
    instrument,
    session_of,
)

Step = tuple[Any, ...]
LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
TRIGGERED = (OrderType.STOP, OrderType.STOP_LIMIT)
CLOSING = "manual, to close"
SCOPES = ("all", f"session:{NAME}", "symbol:AAA", f"strategy:{NAME}/first")
DIRECTIONS = (Direction.LONG, Direction.LONG, Direction.SHORT, Direction.FLAT)
MISSING = ("instrument", "price", "number", "cause", "fresh", "session")
PRICE_0 = 10_000
PLACED_TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT)

_bars = st.tuples(
    st.just("bars"),
    st.sampled_from([7, 7, 7, 1, 2, 5]),
    st.integers(-300, 300),
    st.integers(-300, 300),
    st.sampled_from([1_000_000, 200, 40, 0]),
)
_signals = st.tuples(
    st.just("signal"),
    st.sampled_from(SYMBOLS),
    st.sampled_from(STRATEGIES),
    st.sampled_from(DIRECTIONS),
    st.sampled_from([None, -500, 500, -100]),
    st.sampled_from(["1", "0.3"]),
)
_placed = st.tuples(
    st.just("place"),
    st.sampled_from(SYMBOLS),
    st.sampled_from([Side.BUY, Side.BUY, Side.SELL]),
    st.sampled_from([5, 40, 90, 130, 250]),
    st.sampled_from([*PLACED_TYPES, OrderType.MARKET]),
    st.sampled_from([MANUAL, MANUAL, CLOSING, *STRATEGIES]),
)
_arrivals = st.tuples(st.just("arrive"), st.lists(st.integers(0, 11), min_size=1, max_size=12))
_settle = st.tuples(st.just("settle"))
_minutes = st.tuples(st.just("minutes"), st.integers(1, 2), st.integers(-100, 100))
_troubles = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 500, 2_500, 31_000, 130_000])),
    st.tuples(st.just("fates"), st.lists(st.sampled_from(list(Fate)), min_size=1, max_size=3)),
    st.tuples(st.just("missing"), st.sampled_from(MISSING), st.sampled_from(STRATEGIES)),
    st.tuples(st.just("again")),
    st.tuples(
        st.just("kill"),
        st.sampled_from(["symbol:AAA", *SCOPES]),
        st.sampled_from([GateLevel.HALTED, *list(GateLevel)[2:]]),
        st.booleans(),
    ),
    st.tuples(st.just("lower"), st.sampled_from(SCOPES)),
    st.tuples(st.just("lower"), st.sampled_from(SCOPES)),
    st.tuples(st.just("limits"), st.booleans()),
    st.tuples(st.just("restart"), st.sampled_from([GATE, RISK, EXECUTION, PAPER, PORTFOLIO])),
)
# Several steps at a time, so that trading goes on between the troubles.
_trading = st.lists(
    st.one_of(_signals, _signals, _placed, _arrivals, _bars, _settle, _minutes), max_size=8
)
HISTORIES = st.lists(st.tuples(_trading, _troubles), min_size=2, max_size=12).map(
    lambda parts: [step for trading, trouble in parts for step in (*trading, trouble)]
)


class History:
    """One session that is played step by step."""

    def __init__(self, *, short: bool) -> None:
        """Describe the symbols, let each have two bars, and let the account be reconciled."""
        use_money_context()
        session = session_of(short=short)
        self.world = World(definitions_of(session), BEGIN_NS)
        self.promises = Promises(self.world, short=short)
        self._session = session
        self._prices = dict.fromkeys(SYMBOLS, PRICE_0)
        self._signals: list[Signal] = []
        self._ordinal = 0
        self._lowerings = 0
        for symbol in (*SYMBOLS, UNPRICED):
            self.world.say(FEED, instrument(symbol))
        for _ in range(2):
            self.bars(7, 0, 0, 1_000_000)
        self.world.settle()

    def play(self, step: Step) -> None:
        """Play one step."""
        name, *values = step
        getattr(self, name)(*values)
        self.promises.look_at_venue()

    def bars(self, which: int, jump: int, move: int, volume: int) -> None:
        """A minute later some symbols have a bar; it opens and closes elsewhere, in cents."""
        end_ns = (self.world.now_ns // TIMEFRAME_NS + 1) * TIMEFRAME_NS
        self.world.pass_time(end_ns)
        for place, symbol in enumerate(SYMBOLS):
            if which >> place & 1:
                opened = max(1_000, self._prices[symbol] + jump)
                closed = max(1_000, opened + move)
                self._prices[symbol] = closed
                self.world.say(FEED, bar(symbol, end_ns, (opened, closed), volume))

    def minutes(self, count: int, move: int) -> None:
        """Quiet minutes, in which everything arrives."""
        self.world.settle()
        for _ in range(count):
            self.bars(7, 0, move, 1_000_000)
            self.world.settle()

    def signal(
        self,
        symbol: str,
        strategy: str,
        direction: Direction,
        limit: int | None,
        strength: str,
    ) -> None:
        """A strategy wants something; with a limit so many cents from the price, or at once."""
        self._say(self._wish(symbol, strategy, direction, limit, strength))

    def place(self, symbol: str, side: Side, quantity: int, kind: OrderType, whose: str) -> None:
        """A person places an order, or tries to close a position, whichever its side is."""
        if whose == MANUAL:
            self._place(symbol, side, quantity, kind, whose)
            return
        for closing in (Side.SELL, Side.BUY):
            own = kind if whose == CLOSING else OrderType.MARKET
            self._place(symbol, closing, quantity, own, whose)

    def _place(self, symbol: str, side: Side, quantity: int, kind: OrderType, whose: str) -> None:
        """Place an order; asked again it gets the same verdict."""
        self._ordinal += 1
        away = Decimal(1 if side == Side.BUY else -1)
        trigger = Decimal(self._prices[symbol]) / 100 + away
        command = PlaceOrder(
            session=NAME,
            key=str(self._ordinal),
            principal="operator",
            reason="history",
            strategy=MANUAL if whose == CLOSING else whose,
            venue=VENUE,
            symbol=symbol,
            side=side,
            order_type=kind,
            quantity=Decimal(quantity),
            limit_price=trigger + away if kind in LIMITED else None,
            trigger_price=trigger if kind in TRIGGERED else None,
            reduce_only=whose != MANUAL,
        )
        answer = self.world.call(RISK, command)
        assert answer == self.world.call(RISK, command)
        assert isinstance(answer, PlaceOrderAnswer)
        assert answer.verdict is not None
        self.promises.placed(command, answer.verdict)

    def missing(self, what: str, strategy: str) -> None:
        """A strategy wants something, and something is missing: it must be refused."""
        symbol = {"instrument": UNKNOWN, "price": UNPRICED}.get(what, SYMBOLS[0])
        wish = self._wish(symbol, strategy, Direction.LONG, None, "1")
        if what == "number":
            wish = msgspec.structs.replace(wish, strength=float("nan"))
        elif what == "fresh":
            old_ns = wish.event_at_ns - 3_600 * NS_PER_SECOND
            wish = msgspec.structs.replace(wish, event_at_ns=old_ns)
        elif what == "session":
            wish = msgspec.structs.replace(wish, session="another")
        self.promises.must_refuse.add(_key(wish))
        if what == "cause":
            self.world.tell(RISK, CauseMissing(wish, ((FEED, 1_000_000),)))
        else:
            self._say(wish)

    def again(self) -> None:
        """The newest signal arrives once more."""
        if self._signals:
            self.world.say("signals/again", self._signals[-1])

    def arrive(self, choices: list[int]) -> None:
        """Some messages arrive, from queues of this choice."""
        for choice in choices:
            self.world.deliver(choice)

    def settle(self) -> None:
        """Everything arrives."""
        self.world.settle()

    def wait(self, milliseconds: int) -> None:
        """Time passes, and nothing arrives."""
        self.world.pass_time(self.world.now_ns + milliseconds * NS_PER_SECOND // 1_000)

    def fates(self, fates: list[Fate]) -> None:
        """What becomes of the next entries on their way to the venue."""
        self.world.fates.extend(fates)

    def kill(self, scope: str, level: GateLevel, by_risk: bool) -> None:  # noqa: FBT001 - drawn
        """Somebody raises the gate, at risk or at execution itself."""
        command = RaiseGate(scope=scope, level=level, principal="operator", reason="history")
        self.world.call(GATE if by_risk else EXECUTION, command)
        self.promises.reached["killed"] += 1

    def lower(self, scope: str) -> None:
        """Two people try to lower the gate as it is."""
        gate = self.world.machines[GATE]
        assert isinstance(gate, GateMachine)
        request = RequestLowering(
            scope=scope,
            level=GateLevel.OPEN,
            principal="operator",
            reason="history",
            seen_epoch=gate.state.view.raise_epochs.get(scope, 0),
        )
        answer = self.world.call(GATE, request)
        assert isinstance(answer, GateAnswer)
        if answer.accepted:
            approval = ApproveLowering(request_id=answer.request_id, principal="approver")
            approved = self.world.call(GATE, approval)
            assert isinstance(approved, GateAnswer)
            self.promises.reached["lowered"] += approved.accepted

    def limits(self, tighter: bool) -> None:  # noqa: FBT001 - drawn
        """Somebody asks for other limits, and another approves those that are looser."""
        values = {**self._session.limits, **(TIGHTER if tighter else LIMITS)}
        document = configured(parameters_of(self._session.model_copy(update={"limits": values})))
        answer = self.world.call(
            RISK,
            ChangeLimits(
                document=document.text,
                sha256=document.sha256,
                resolved=write_resolved(document.resolved),
                principal="operator",
                reason="history",
                asked_at_ns=self.world.now_ns,
            ),
        )
        if isinstance(answer, LimitsAnswer) and answer.request_id:
            approval = ApproveLimits(
                request_id=answer.request_id,
                principal="approver",
                asked_at_ns=self.world.now_ns,
            )
            answer = self.world.call(RISK, approval)
        assert isinstance(answer, LimitsAnswer)
        self.promises.limits.setdefault(answer.version, values)
        self.promises.reached["limits changed"] += answer.accepted

    def restart(self, shard: str) -> None:
        """A process dies and comes back from its journal."""
        self.world.restart(shard)
        self.promises.reached["restarted"] += 1

    def _say(self, wish: Signal) -> None:
        self._signals.append(wish)
        self.world.say("signals/history", wish)

    def _wish(
        self,
        symbol: str,
        strategy: str,
        direction: Direction,
        limit: int | None,
        strength: str,
    ) -> Signal:
        self._ordinal += 1
        price = Decimal(self._prices.get(symbol, PRICE_0)) / 100
        return Signal(
            session=NAME,
            strategy=strategy,
            feed=f"replay-{NAME}",
            venue=VENUE,
            symbol=symbol,
            event_at_ns=self.world.now_ns,
            ordinal=self._ordinal,
            direction=direction,
            strength=float(strength),
            confidence=1.0,
            entry_style=EntryStyle.MARKET if limit is None else EntryStyle.LIMIT,
            reference_price=price,
            limit_price=None if limit is None else price + Decimal(limit) / 100,
            stop_distance=Decimal(2),
            model_version="history",
        )


def _key(wish: Signal) -> str:
    return signal_key(wish.session, wish.strategy, wish.symbol, wish.event_at_ns, wish.ordinal)
