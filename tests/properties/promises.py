"""What must hold of a history: I01 to I05 of the platform's invariants.

Nothing here is taken from risk but its words: positions, open orders and prices are counted again
from what the venue holds and from what was delivered. The one exception is equity, which is what
the verdict says it was decided on: fills that risk has not heard of yet may have moved it.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_contracts.execution import (
    OrderEvent,
    OrderSpecification,
    OrderState,
    Side,
    SubmitOrder,
)
from tidegate_contracts.market import Bar
from tidegate_contracts.risk import (
    Decision,
    GateAction,
    GateEvent,
    GateLatch,
    GateLevel,
    PlaceOrder,
    Verdict,
)
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.machine import Publish, Request

from .session import EXECUTION, LIMITS, NAME, PAPER, RISK, TIMEFRAME_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_kernel.machine import Effect, Event

    from .hosting import World

PRICE_AGE_BARS = 2
ENDED = {OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED}
ZERO = Decimal(0)


class Promises:
    """Watches a world; an assertion that fails names the promise."""

    def __init__(self, world: World, *, short: bool) -> None:
        self.reached: Counter[str] = Counter()
        self.limits: dict[int, dict[str, Any]] = {1: LIMITS}
        # Signals with something missing: whatever happens, they must be refused.
        self.must_refuse: set[str] = set()
        self._world = world
        self._short = short
        self._verdicts: dict[str, Verdict] = {}
        self._approved: dict[str, Verdict] = {}
        self._bars: dict[str, Bar] = {}
        # Orders that execution has taken, and those that it has said to be over.
        self._taken: set[str] = set()
        self._over: set[str] = set()
        self._sent: Counter[str] = Counter()
        # What execution has heard: terms, levels of scopes, epochs of scopes, its own latches.
        self._term = 0
        self._levels: dict[str, GateLevel] = {}
        self._epochs: dict[str, int] = {}
        self._latches: dict[str, GateLatch] = {}
        world.observers.append(self._observe)

    # --- what happens -------------------------------------------------------------------------

    def _observe(self, shard: str, event: Event, effects: Sequence[Effect]) -> None:
        if shard == RISK:
            if isinstance(event, Bar):
                self._bars[event.symbol] = event
            for effect in effects:
                if isinstance(effect, Publish) and isinstance(effect.body, Verdict):
                    self._decided(effect.body)
        elif shard == EXECUTION:
            self._heard(event)
            for effect in effects:
                self._done(effect)
        elif shard == PAPER:
            self.look_at_venue()

    def _decided(self, verdict: Verdict) -> None:
        key = verdict.signal_key
        assert key not in self._verdicts, f"I02: a second verdict for {key}"
        self._verdicts[key] = verdict
        if verdict.decision != Decision.APPROVED:
            assert verdict.refusal is not None
            self.reached[verdict.refusal.code] += 1
            return
        assert key not in self.must_refuse, f"I05: {key} was approved with something missing"
        self.reached["approved"] += 1
        if verdict.risk_increasing:
            self._look_at_approval(verdict)
            self.reached["approved to increase"] += 1
        self._approved[client_order_id(key, 0)] = verdict

    def _heard(self, event: Event) -> None:
        if isinstance(event, Verdict):
            self._term = max(self._term, event.term)
        elif isinstance(event, GateEvent):
            if event.action in {GateAction.RAISED, GateAction.LATCH_FOLDED, GateAction.LOWERED}:
                self._levels[event.scope] = event.level
            if event.action in {GateAction.RAISED, GateAction.LATCH_FOLDED}:
                self._epochs[event.scope] = event.gate_epoch
            if event.action == GateAction.LOWERED:
                for latch in event.latches:
                    self._latches.pop(latch, None)

    def _done(self, effect: Effect) -> None:
        """Note what execution has asked for and said."""
        if isinstance(effect, Request) and isinstance(effect.body, SubmitOrder):
            self._look_at_submission(effect.body)
        elif isinstance(effect, Publish) and isinstance(effect.body, GateLatch):
            self._latches[effect.body.latch_id] = effect.body
        elif isinstance(effect, Publish) and isinstance(effect.body, OrderEvent):
            event = effect.body
            self._taken.add(event.specification.client_order_id)
            self.reached[event.state.name] += 1
            if event.state in ENDED:
                self._over.add(event.specification.client_order_id)

    def placed(self, command: PlaceOrder, verdict: Verdict) -> None:
        """Look at what became of an order by hand: never more than was asked for."""
        key, specification = verdict.signal_key, verdict.specification
        assert self._verdicts[key] == verdict, f"I02: {key} was answered with another verdict"
        if specification is not None:
            assert 0 < specification.quantity <= command.quantity, f"I01: {key} is too large"
            assert specification.side == command.side, f"I01: {key} is on the wrong side"
            self.reached["placed to close" if specification.reduce_only else "placed"] += 1

    # --- what must hold -----------------------------------------------------------------------

    def _look_at_approval(self, verdict: Verdict) -> None:
        bar = self._bars.get(verdict.symbol)
        assert bar is not None, f"I04, I05: {verdict.signal_key} was approved without a price"
        age_ns = verdict.decided_at_ns - bar.end_ns
        assert age_ns <= PRICE_AGE_BARS * TIMEFRAME_NS, f"I04: approved on a price {age_ns} ns old"
        assert verdict.specification is not None
        limits = self.limits[verdict.limits_version]
        equity = next(each.value for each in verdict.numbers if each.name == "equity")
        worst = self._worst_with(verdict.specification)
        values = {symbol: most * self._price(symbol) for symbol, most in worst.items()}
        own = verdict.specification.quantity * self._most_paid(verdict.specification)
        for what, found, setting in (
            ("its value", own, "order_notional_max_fraction"),
            (verdict.symbol, values[verdict.symbol], "symbol_exposure_max_fraction"),
            ("all symbols", sum(values.values(), ZERO), "gross_exposure_max_fraction"),
        ):
            most = Decimal(limits[setting]) * equity
            assert found <= most, f"I03: {what} at {found}, at most {most} ({setting})"
        exposed = [symbol for symbol, value in values.items() if value]
        fits = len(exposed) <= limits["open_positions_max"]
        assert fits or self._was_exposed(verdict), f"I03: {exposed} are exposed"
        orders = len(self._open_at_venue()) + len(self._on_the_way()) + 1
        assert orders <= limits["open_orders_max"], f"I03: {orders} orders are open"

    def _was_exposed(self, verdict: Verdict) -> bool:
        """Tell whether the symbol was exposed without the order: then it opens no position.

        More than the limit may be, once people have tightened it.
        """
        assert verdict.specification is not None
        nothing = msgspec.structs.replace(verdict.specification, quantity=ZERO)
        return self._worst_with(nothing).get(verdict.symbol, ZERO) > 0

    def _most_paid(self, specification: OrderSpecification) -> Decimal:
        """Return the highest price that a unit may fill at as prices stand; a limit bounds buys."""
        close, limit = self._price(specification.symbol), specification.limit_price
        if limit is not None and specification.side == Side.BUY:
            return limit
        return max(close, limit or ZERO, specification.trigger_price or ZERO)

    def _look_at_submission(self, request: SubmitOrder) -> None:
        specification, now_ns = request.specification, self._world.now_ns
        identity = specification.client_order_id
        if not request.risk_increasing:
            self.reached["closed"] += 1
            closing = self._approved.get(identity)
            if closing is not None and closing.exact and closing.specification is not None:
                most = closing.specification.quantity
                assert specification.quantity <= most, f"I01: {identity} is too large"
            return
        verdict = self._approved.get(identity)
        assert verdict is not None, f"I01: {identity} is sent and nothing has approved it"
        allowed = verdict.specification
        assert allowed is not None
        same = (allowed.symbol, allowed.side, allowed.limit_price, allowed.order_type)
        found = (
            specification.symbol,
            specification.side,
            specification.limit_price,
            specification.order_type,
        )
        assert found == same, f"I01: {specification} is sent, approved was {allowed}"
        assert specification.quantity <= allowed.quantity, f"I01: {identity} is too large"
        assert verdict.term >= self._term, f"I01: {identity} is of a term that is over"
        self._look_at_gate(verdict)
        assert now_ns <= verdict.expires_at_ns, f"I04: {identity} is sent after its expiry"
        self._sent[identity] += 1

    def _look_at_gate(self, verdict: Verdict) -> None:
        scopes = {
            "all",
            f"session:{NAME}",
            f"symbol:{verdict.symbol}",
            f"strategy:{NAME}/{verdict.strategy}",
        }
        levels = [level for scope, level in self._levels.items() if scope in scopes]
        levels += [each.level for each in self._latches.values() if each.scope in scopes]
        assert all(level == GateLevel.OPEN for level in levels), "I01: sent through a shut gate"
        epochs = [epoch for scope, epoch in self._epochs.items() if scope in scopes]
        assert verdict.gate_epoch >= max(epochs, default=0), "I01: decided before a raise"

    def look_at_venue(self) -> None:
        """Ask what must hold of the venue's own book at every instant."""
        book = self.venue
        assert book.arrivals == len(book.orders), "I02: the venue has taken an order twice"
        unknown = [
            identity
            for identity, order in book.orders.items()
            if identity not in self._approved and not order.resting.specification.reduce_only
        ]
        assert not unknown, f"I01: {unknown} came to the venue, and nothing has approved them"
        entries = self._open_at_venue()
        limit = LIMITS["open_orders_max"]
        assert isinstance(limit, int)
        assert len(entries) <= limit, f"I03: {len(entries)} entries are open at the venue"
        if not self._short:
            assert all(held >= 0 for held in book.holdings.values()), "I03: sold short"

    # --- counting -----------------------------------------------------------------------------

    @property
    def venue(self) -> PaperBook:
        """The venue's own book."""
        machine = self._world.machines[PAPER]
        assert isinstance(machine, PaperVenueMachine)
        return machine.book

    def _price(self, symbol: str) -> Decimal:
        return Decimal(self._bars[symbol].close) / 100

    def _open_at_venue(self) -> list[tuple[OrderSpecification, Decimal]]:
        book = self.venue
        found = (book.orders[each].resting for ids in book.resting.values() for each in ids)
        return [
            (each.specification, each.remaining)
            for each in found
            if not each.specification.reduce_only
        ]

    def _on_the_way(self) -> list[OrderSpecification]:
        """Return the approved entries that the venue has not seen and may still see."""
        found = []
        for identity, verdict in self._approved.items():
            late = self._world.now_ns > verdict.expires_at_ns and identity not in self._taken
            gone = late or identity in self._over or identity in self.venue.orders
            if verdict.risk_increasing and not gone:
                assert verdict.specification is not None
                found.append(verdict.specification)
        return found

    def _worst_with(self, order: OrderSpecification) -> dict[str, Decimal]:
        """Return the largest position of each symbol that open orders and one more could make."""
        entries = [(each, each.quantity) for each in (order, *self._on_the_way())]
        entries += self._open_at_venue()
        low, high = Counter(self.venue.holdings), Counter(self.venue.holdings)
        for specification, quantity in entries:
            if specification.side == Side.BUY:
                high[specification.symbol] += quantity  # type: ignore[assignment]
            else:
                low[specification.symbol] -= quantity  # type: ignore[assignment]
        symbols = dict.fromkeys([*low, *high])
        return {s: max(abs(Decimal(low[s])), abs(Decimal(high[s]))) for s in symbols}
