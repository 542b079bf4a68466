"""A venue that loses, repeats and delays, and a world in which execution trades there.

What the venue can do follows its kind: the paper kind takes every order type, ends the siblings
of an order that fills and never lets a reduce-only order turn a position; a spot exchange knows
none of that. Exits that come with their entry wait until it has filled completely, are cancelled
with it, and are in a list of open orders or not.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_contracts.execution import (
    CancelAnswered,
    CancelOrder,
    OrderAccepted,
    OrderState,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    Side,
    SubmitOrder,
    VenueAccount,
    VenueExecution,
    VenueHolding,
    VenueOrder,
    VenueReport,
    VenueReportKind,
)
from tidegate_contracts.risk import GateLevel
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.orders.attached import attached_exits_id
from tidegate_execution.core.parameters import VenueModel
from tidegate_execution.testing import (
    DAY_0_NS,
    VENUE,
    bar,
    execution_parameters,
    instrument,
    lowered,
    raised,
    verdict,
)
from tidegate_kernel.machine import (
    CancelTimer,
    Interrupted,
    Publish,
    Replied,
    Request,
    SetTimer,
    TermStarted,
    TimerFired,
    Withheld,
)
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_kernel.machine import Body, Effect, Event

RECEIVE_WINDOW_NS = 5 * NS_PER_SECOND
OPEN = (OrderState.WORKING, OrderState.PARTIALLY_FILLED)


class Held:
    """One order in the chaotic venue's own book."""

    def __init__(self, specification: OrderSpecification, entry: Held | None = None) -> None:
        self.specification = specification
        # Of exits that came with their entry.
        self.entry = entry
        self.state = OrderState.WORKING
        self.executions: list[VenueExecution] = []
        # Taken off it because a sibling has filled.
        self.reduced = Decimal(0)

    @property
    def waits(self) -> bool:
        """Tell whether the entry that it came with has to fill completely first."""
        return self.entry is not None and self.entry.state != OrderState.FILLED

    @property
    def filled(self) -> Decimal:
        """Sum of the executions."""
        return sum((each.quantity for each in self.executions), Decimal(0))

    def as_found(self, now_ns: int) -> VenueOrder:
        """The order as a query shows it."""
        return VenueOrder(
            client_order_id=self.specification.client_order_id,
            found=True,
            venue_order_id="v",
            state=self.state,
            filled_quantity=self.filled,
            executions=tuple(self.executions),
            specification=self.specification,
            event_at_ns=now_ns,
        )


class ChaoticVenue:
    """A venue that loses, repeats and delays, but keeps an honest book."""

    def __init__(self, random: Random, *, ids_unique_for_ever: bool, native: bool = True) -> None:
        self.random = random
        self.unique = ids_unique_for_ever
        self.native = native
        # A choice that fills in part: whether the others are reduced, or cancelled.
        self.reduces = random.random() < 0.5
        self.book: dict[str, list[Held]] = {}
        self.sent: list[SubmitOrder] = []
        # The least that was ever held.
        self.held_least = Decimal(0)

    def submit(self, request: SubmitOrder) -> Body:
        """Take an order as the id model says."""
        key = request.specification.client_order_id
        self.sent.append(request)
        held = self.book.setdefault(key, [])
        repeats = bool(held) and (self.unique or held[-1].state in OPEN)
        if not repeats:
            made = Held(request.specification)
            made.reduced = self._filled_of_group(request.specification)
            held.append(made)
            if request.exits is not None:
                self.book[request.exits.client_order_id] = [Held(request.exits, entry=made)]
        return OrderAccepted(client_order_id=key, venue_order_id="v")

    def cancel(self, key: str) -> tuple[Body, list[VenueReport]]:
        """Cancel what is open."""
        held = self.book.get(key)
        if not held or held[-1].state not in OPEN:
            return CancelAnswered(client_order_id=key, accepted=False), []
        return CancelAnswered(client_order_id=key, accepted=True), self._cancelled(held[-1])

    def _cancelled(self, held: Held) -> list[VenueReport]:
        """Cancel an order, and the exits that came with it."""
        exits = self.exits_of(held)
        ended = [held, exits] if exits is not None and exits.state in OPEN else [held]
        for each in ended:
            each.state = OrderState.CANCELLED
        return [self._report(each, VenueReportKind.CANCELLED) for each in ended]

    def exits_of(self, held: Held) -> Held | None:
        """Return the exits that came with an entry."""
        found = self.book.get(attached_exits_id(held.specification.client_order_id))
        return found[-1] if found else None

    def fill_something(self, now_ns: int) -> list[VenueReport]:
        """Execute a part of some open order."""
        opened = [each[-1] for _, each in sorted(self.book.items()) if each[-1].state in OPEN]
        working = [held for held in opened if not held.waits]
        if not working:
            return []
        held = self.random.choice(working)
        together = held.entry is not None or self.exits_of(held) is not None
        if together and self.random.random() < 0.1:
            # The venue ends it by itself.
            return self._cancelled(held)
        left = held.specification.quantity - held.filled - held.reduced
        if self.native and held.specification.reduce_only:
            left = min(left, self._reducible(held.specification))
        if left <= 0:
            held.state = OrderState.EXPIRED
            return [self._report(held, VenueReportKind.EXPIRED)]
        return self._execute(held, Decimal(self.random.randint(1, int(left))), now_ns)

    def fill_entries_with_exits(self, now_ns: int) -> None:
        """Execute all that is left of entries that came with exits; nobody is told."""
        for key in sorted(self.book):
            held = self.book[key][-1]
            if held.state in OPEN and self.exits_of(held) is not None:
                self._execute(held, held.specification.quantity - held.filled, now_ns)

    def _execute(self, held: Held, quantity: Decimal, now_ns: int) -> list[VenueReport]:
        key = held.specification.client_order_id
        execution = VenueExecution(
            execution_id=f"x-{key}-{len(held.executions)}",
            quantity=quantity,
            price=Decimal(100),
            event_at_ns=now_ns,
        )
        held.executions.append(execution)
        done = held.filled == held.specification.quantity
        held.state = OrderState.FILLED if done else OrderState.PARTIALLY_FILLED
        self.held_least = min(self.held_least, self.position(held.specification.symbol))
        report = self._report(held, VenueReportKind.FILLED, execution)
        reports = [report, *self._end_siblings(held, quantity)]
        if not done and held.filled + held.reduced == held.specification.quantity:
            held.state = OrderState.CANCELLED
            reports.append(self._report(held, VenueReportKind.CANCELLED))
        return reports

    def position(self, symbol: str) -> Decimal:
        """Return what the account holds of a symbol."""
        found = {each.symbol: each.quantity for each in self.account(0).holdings}
        return found.get(symbol, Decimal(0))

    def _filled_of_group(self, specification: OrderSpecification) -> Decimal:
        """Return what a choice has filled before an order joins it."""
        if not (self.native and specification.oco_group):
            return Decimal(0)
        others = (held for each in self.book.values() for held in each)
        group = specification.oco_group
        return sum((h.filled for h in others if h.specification.oco_group == group), Decimal(0))

    def _reducible(self, specification: OrderSpecification) -> Decimal:
        sign = 1 if specification.side == Side.BUY else -1
        return -sign * self.position(specification.symbol)

    def _end_siblings(self, held: Held, quantity: Decimal) -> list[VenueReport]:
        """End the siblings of an order that has filled, where the venue does that itself."""
        group = held.specification.oco_group
        ended = []
        for orders in self.book.values() if group and self.native else ():
            other = orders[-1]
            if other is held or other.specification.oco_group != group or other.state not in OPEN:
                continue
            other.reduced += quantity
            left = other.specification.quantity - other.filled - other.reduced
            if self.reduces and left > 0:
                continue
            other.state = OrderState.CANCELLED
            ended.append(self._report(other, VenueReportKind.CANCELLED))
        return ended

    def query(self, key: str, now_ns: int) -> Body:
        """Find an order."""
        held = self.book.get(key)
        return held[-1].as_found(now_ns) if held else VenueOrder(client_order_id=key, found=False)

    def account(self, now_ns: int) -> VenueAccount:
        """Show open orders and holdings."""
        every = [held for _, each in sorted(self.book.items()) for held in each]
        total: dict[str, Decimal] = {}
        for held in every:
            sign = 1 if held.specification.side == Side.BUY else -1
            symbol = held.specification.symbol
            total[symbol] = total.get(symbol, Decimal(0)) + sign * held.filled
        return VenueAccount(
            session="demo",
            open_orders=tuple(held.as_found(now_ns) for held in every if self._is_listed(held)),
            holdings=tuple(VenueHolding(symbol=s, quantity=q) for s, q in total.items() if q),
        )

    def _is_listed(self, held: Held) -> bool:
        """Tell whether an open order is in the list: exits of an entry may be left out of it."""
        return held.state in OPEN and (held.entry is None or self.random.random() < 0.5)

    def _report(
        self, held: Held, kind: VenueReportKind, execution: VenueExecution | None = None
    ) -> VenueReport:
        return VenueReport(
            session="demo",
            client_order_id=held.specification.client_order_id,
            venue_order_id="v",
            venue=VENUE,
            symbol=held.specification.symbol,
            kind=kind,
            execution=execution,
            filled_quantity=held.filled,
        )


class World:
    """The machine, the venue, and everything that is on its way between them."""

    def __init__(
        self, random: Random, *, unique: bool, native: bool = True, **changes: object
    ) -> None:
        # Else what was lost arrives within a window or never, and "not found" is final after it.
        self.always_arrives = unique and native
        model = VenueModel(unique, 0 if self.always_arrives else RECEIVE_WINDOW_NS)
        self.random = random
        self.now_ns = DAY_0_NS + NS_PER_DAY
        venue = {"venue": "paper" if native else "ccxt", **changes}
        self.parameters = execution_parameters(lockstep=False, venue_model=model, **venue)
        self.machine = ExecutionMachine.restore(self.parameters, None)
        self.venue = ChaoticVenue(random, ids_unique_for_ever=unique, native=native)
        self.protects = self.parameters.protective_exits != "none"
        self.requests: list[tuple[int, Body]] = []
        self.late: list[tuple[int, SubmitOrder]] = []
        self.arriving: list[Event] = []
        self.timers: dict[str, int] = {}
        self.said: list[Body] = []
        self.verdicts = 0
        # Of the gate's last raise: verdicts are made under it.
        self.epoch = 0
        self.shut = False
        # By signal: what an entry was approved for.
        self.approved: dict[str, Decimal] = {}
        self.give(TermStarted(1))
        self.give(instrument())
        self.give(bar(0, (100, 101, 99, 100)))

    def give(self, event: Event) -> None:
        """Let the machine handle one event, and a restored copy of it too: both must agree."""
        copy = ExecutionMachine.restore(self.parameters, self.machine.snapshot())
        effects = list(self.machine.handle(event, self.now_ns))
        assert list(copy.handle(event, self.now_ns)) == effects
        assert copy.snapshot() == self.machine.snapshot()
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, Publish):
            self.said.append(effect.body)
        elif isinstance(effect, Request):
            self.requests.append((self.now_ns, effect.body))
        elif isinstance(effect, SetTimer):
            self.timers[effect.name] = effect.at_ns
        elif isinstance(effect, CancelTimer):
            self.timers.pop(effect.name, None)

    def step(self) -> None:
        """Let one random thing happen."""
        acts = [self.new_verdict, self.answer, self.answer, self.arrive, self.arrive, self.fill]
        acts += [self.pass_time, self.arrive_late]
        self.random.choice(acts)()

    def new_verdict(self) -> None:
        """A strategy wants in, wants out, or says it twice."""
        self.verdicts += self.random.random() < 0.8
        at_ns = DAY_0_NS + NS_PER_DAY + self.verdicts
        random = Random(self.verdicts)
        quantity = Decimal(random.randint(1, 9))
        if random.random() < 0.3:
            made = verdict(at_ns, quantity=quantity, side=Side.SELL, reduce_only=True)
        else:
            exits: dict[str, Any] = {
                "stop_price": Decimal(90),
                "take_profit_price": Decimal(110),
            }
            made = verdict(at_ns, quantity=quantity, **(exits if self.protects else {}))
            self.approved[made.signal_key] = quantity
        self.give(msgspec.structs.replace(made, gate_epoch=self.epoch))

    def answer(self) -> None:
        """Some request under way gets its outcome, or is lost on its way there or back."""
        if not self.requests:
            return
        at_ns, request = self.requests.pop(self.random.randrange(len(self.requests)))
        fate = self.random.random()
        increases = isinstance(request, SubmitOrder) and request.risk_increasing
        if fate < 0.1 and increases:
            self.give(Withheld("venue", request, "KILLED", "test"))
        elif fate < 0.2:
            if isinstance(request, SubmitOrder):
                self.late.append((at_ns, request))
            self.give(Interrupted("venue", request))
        else:
            reply = self._ask(request)
            lost = OutcomeUnknown(reason="504")
            self.give(Replied("venue", request, lost if fate < 0.35 else reply))

    def _ask(self, request: Body) -> Body:
        if isinstance(request, SubmitOrder):
            return self.venue.submit(request)
        if isinstance(request, CancelOrder):
            reply, reports = self.venue.cancel(request.client_order_id)
            for report in reports:
                self._send(report)
            return reply
        if isinstance(request, QueryOrder):
            return self.venue.query(request.client_order_id, self.now_ns)
        assert isinstance(request, QueryAccount)
        return self.venue.account(self.now_ns)

    def fill(self) -> None:
        """The venue executes something."""
        for report in self.venue.fill_something(self.now_ns):
            self._send(report)

    def _send(self, report: VenueReport) -> None:
        """A report is lost, arrives, or arrives twice; never in order."""
        self.arriving += [report] * self.random.choice([0, 1, 1, 2])

    def arrive(self) -> None:
        """Some report arrives."""
        if self.arriving:
            self.give(self.arriving.pop(self.random.randrange(len(self.arriving))))

    def arrive_late(self) -> None:
        """A request that was thought lost reaches the venue after all, if in its window."""
        if self.late:
            at_ns, request = self.late.pop()
            if self.always_arrives or self.now_ns - at_ns < RECEIVE_WINDOW_NS:
                self.venue.submit(request)

    def pass_time(self) -> None:
        """Time passes, and timers fire."""
        self.now_ns += self.random.choice([1, 1, 3, 31]) * NS_PER_SECOND
        due = sorted((at_ns, name) for name, at_ns in self.timers.items() if at_ns <= self.now_ns)
        for at_ns, name in due:
            if self.timers.get(name) == at_ns:
                del self.timers[name]
                self.give(TimerFired(name, at_ns))

    def use_gate(self) -> None:
        """A person shuts the gate in some way, or opens it."""
        if self.shut:
            self.give(lowered(GateLevel.OPEN, epoch=self.epoch))
        else:
            self.epoch += 1
            levels = (GateLevel.REDUCE_ONLY, GateLevel.HALTED, GateLevel.FLATTENING)
            self.give(raised(self.random.choice(levels), epoch=self.epoch))
        self.shut = not self.shut

    def let_all_arrive(self) -> None:
        """Open the gate, and let what was thought lost reach the venue, or never."""
        if self.shut:
            self.use_gate()
        while self.late:
            self.arrive_late()

    def come_to_rest(self) -> None:
        """Kill everything, then let every answer through until nothing is open."""
        self.epoch += 1
        self.give(raised(GateLevel.HALTED, epoch=self.epoch))
        while self.late:
            self.arrive_late()
        for _ in range(60):
            while self.requests:
                _, request = self.requests.pop(0)
                self.give(Replied("venue", request, self._ask(request)))
                self.arriving.clear()
            self.pass_time()
