"""The machine of one session's signals: bars in, changes of target out.

1. An `Instrument` of the session's feed starts every strategy instance on its symbol.
2. A `Bar` is given to each instance of its symbol, in the order of the configuration. Most bars
   change nothing; then nothing is returned.
3. A strategy's wish becomes a `Signal`. Its event time is the bar's end, its ordinal counts the
   signals of one instance, symbol and event time (the same symbol at two venues).
4. Bars of other feeds and of symbols that the session does not trade are ignored. A gap before a
   bar is ignored too: the features go on with the bars that there are.

Features are floats computed from the instrument's integers; they are rounded on their way out:
prices to the instrument's places, strength to 6 decimals.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Self

import msgspec

from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import Effect, Event, Publish
from tidegate_kernel.money import ZERO, quantize_float, to_decimal
from tidegate_signals.core.entry import Entry
from tidegate_signals.core.strategies import definition_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from tidegate_contracts.frame import Frame, Part
    from tidegate_signals.core.scanning import Search
    from tidegate_signals.core.strategies.definition import Definition, Strategy
    from tidegate_signals.core.wish import Wish

STRENGTH_PLACES = 6
_NOTHING: dict[str, Any] = {}


class StrategyInstance(msgspec.Struct, frozen=True, kw_only=True):
    """One instance: its name in the session, the strategy, and all of its parameters."""

    name: str
    strategy: str
    parameters: dict[str, Any]
    # How its entries are placed; None: as the strategy says.
    entry: Entry | None = None


class SignalsParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a session's signals are made of. No symbols means all of the feed's."""

    session: str
    feed: str
    symbols: tuple[str, ...]
    strategies: tuple[StrategyInstance, ...]


class SlotMemory(msgspec.Struct, kw_only=True):
    """What one instance remembers of one symbol, and the version that it remembers it for."""

    instance: str
    version: str
    state: msgspec.Raw
    event_at_ns: int
    ordinal: int


class PlaceMemory(msgspec.Struct, kw_only=True):
    """An instrument and its slots, in the order of the configuration."""

    instrument: Instrument
    slots: list[SlotMemory]


class SignalsMemory(msgspec.Struct, kw_only=True):
    """Everything that the machine remembers, by venue and symbol."""

    places: list[PlaceMemory]


class _Counter:
    """Counts the signals of one instance and symbol at one event time."""

    __slots__ = ("event_at_ns", "ordinal")

    def __init__(self) -> None:
        self.event_at_ns = 0
        self.ordinal = 0

    def next(self, event_at_ns: int) -> int:
        self.ordinal = self.ordinal + 1 if event_at_ns == self.event_at_ns else 0
        self.event_at_ns = event_at_ns
        return self.ordinal


class _Slot:
    """One instance on one instrument."""

    __slots__ = ("counter", "entry", "instance", "instrument", "search", "strategy", "version")

    def __init__(self, instance: _Instance, instrument: Instrument, strategy: Strategy) -> None:
        self.instance = instance.name
        self.version = instance.version
        self.entry = instance.entry
        self.counter = instance.counters.setdefault(instrument.symbol, _Counter())
        self.instrument = instrument
        self.strategy = strategy
        self.search: Search | None = None

    def searching(self) -> Search:
        """Return what looks through columns for this slot, made when it is first asked for."""
        if self.search is None:
            # The compiler takes half a second to load, and only the lab ever sees a frame.
            from tidegate_signals.core.scanning import Search  # noqa: PLC0415

            self.search = Search(self.strategy)
        return self.search


class _Instance:
    """An instance with its checked parameters."""

    __slots__ = ("counters", "definition", "entry", "name", "parameters", "version")

    def __init__(self, instance: StrategyInstance) -> None:
        self.name = instance.name
        self.definition: Definition = definition_of(instance.strategy)
        self.parameters: msgspec.Struct = self.definition.parse(instance.parameters)
        self.entry = instance.entry
        self.version = self.definition.version(self.parameters, self.entry)
        self.counters: dict[str, _Counter] = {}

    def start(self, instrument: Instrument) -> _Slot:
        return _Slot(self, instrument, self.definition.start(self.parameters, instrument))

    def resume(self, instrument: Instrument, memory: SlotMemory | None) -> _Slot:
        """Go on from what is remembered, if it means the same to this version."""
        if memory is None:
            return self.start(instrument)
        strategy = self._remembered(memory)
        slot = self.start(instrument) if strategy is None else _Slot(self, instrument, strategy)
        slot.counter.event_at_ns = memory.event_at_ns
        slot.counter.ordinal = memory.ordinal
        return slot

    def _remembered(self, memory: SlotMemory) -> Strategy | None:
        """Return what the same strategy remembers under the same parameters.

        How entries are placed changes no number, so that setting may have been another.
        """
        if memory.version.partition("@")[0] != self.definition.name:
            return None
        kind: Any = self.definition.strategy
        strategy = msgspec.msgpack.decode(memory.state, type=kind)
        same = memory.version == self.version or strategy.parameters == self.parameters
        return strategy if same else None


class SignalsMachine:
    """Runs a session's strategies."""

    def __init__(self, parameters: SignalsParameters) -> None:
        self._session = parameters.session
        self._feed = parameters.feed
        self._symbols = frozenset(parameters.symbols)
        self._instances = [_Instance(each) for each in parameters.strategies]
        # Venue, then symbol: two look-ups make no key.
        self._slots: dict[str, dict[str, list[_Slot]]] = {}
        # A frame whose bars were taken up to a row; a slot is brought there when it is needed.
        self._frame: Frame | None = None
        self._row = 0
        self._parts: dict[tuple[str, str], tuple[Part, list[_Slot]]] = {}
        # By venue and symbol: the row before which its slots have taken the bars.
        self._settled: dict[tuple[str, str], int] = {}
        # The rows that were looked through, and those of them that bring a wish.
        self._looked = range(0)
        self._wishes: list[int] = []

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Start a session's signals, or continue those that ``snapshot`` saved.

        The parameters decide what runs: an instance that is new, or whose strategy or parameters
        have changed, warms up anew; what is no longer wanted is forgotten.
        """
        assert isinstance(parameters, SignalsParameters), "signals are made from SignalsParameters"
        machine = cls(parameters)
        if snapshot is not None:
            memory = msgspec.msgpack.decode(snapshot, type=SignalsMemory)
            for place in memory.places:
                machine._resume(place)
        return machine

    def snapshot(self) -> bytes:
        """Return the state of every slot, by venue and symbol."""
        self._settle()
        places = [
            PlaceMemory(instrument=slots[0].instrument, slots=[_remembered(slot) for slot in slots])
            for _, venue in sorted(self._slots.items())
            for _, slots in sorted(venue.items())
            if slots
        ]
        return msgspec.msgpack.encode(SignalsMemory(places=places))

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take an instrument or a bar."""
        if type(event) is Bar:
            try:
                slots = self._slots[event.venue][event.symbol]
            except KeyError:
                slots = None
            if slots is None or event.feed != self._feed:
                assert not self._wants(event.feed, event.symbol), (
                    "an instrument precedes its first bar"
                )
                return ()
            if self._frame is not None:
                place = (event.venue, event.symbol)
                if self._settled.get(place) != self._row:
                    self._settle_symbol(place)
            for slot in slots:
                wish = slot.strategy.update(event)
                if wish is not None:
                    return self._say(event, slots, slot, wish)
            return ()
        if type(event) is Instrument:
            return self._start(event)
        message = f"expected Instrument or Bar, found {type(event).__name__}"
        raise TypeError(message)

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row whose bar brings a wish; see `Frame`."""
        if frame.feed != self._feed:
            return last
        if frame is not self._frame:
            self._enter(frame, first)
        found = self._next_wish(first, last)
        if found is None:
            self._look(first, last)
            found = self._next_wish(first, last)
        assert found is not None, "the rows have been looked through"
        return found

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take bars as columns."""
        if frame.feed == self._feed and first < last:
            assert frame is self._frame, "only what was looked through is taken"
            self._row = last

    def _enter(self, frame: Frame, first: int) -> None:
        self._leave()
        self._frame, self._row = frame, first
        for instrument, part in zip(frame.instruments, frame.parts, strict=True):
            slots = self._slots.get(instrument.venue, _NOTHING).get(instrument.symbol)
            if slots:
                self._parts[instrument.venue, instrument.symbol] = (part, slots)

    def _next_wish(self, first: int, last: int) -> int | None:
        """Return the first row that brings a wish, or ``last``; None if it must be looked for."""
        if not self._looked.start <= first < self._looked.stop:
            return None
        place = bisect_left(self._wishes, first)
        if place < len(self._wishes):
            return min(self._wishes[place], last)
        return last if last <= self._looked.stop else None

    def _look(self, first: int, last: int) -> None:
        """Find the rows that bring a wish: up to ``last``, or to a bar of which nobody can tell."""
        self._settle()
        wishes: set[int] = set()
        end = last
        for part, slots in self._parts.values():
            begin, stop = part.place_of(first), part.place_of(last)
            for slot in slots:
                found = slot.searching().find(part, begin, stop)
                if found is None:
                    end = min(end, part.row_of(begin, last) + 1)
                    found = [begin] if begin < stop else []
                wishes.update([part.row_of(place, last) for place in found])
        self._looked = range(first, end)
        self._wishes = sorted(row for row in wishes if row < end)

    def _leave(self) -> None:
        """Bring every slot to the bars that were taken, and forget the frame that holds them."""
        self._settle()
        for _, slots in self._parts.values():
            for slot in slots:
                slot.searching().forget()
        self._frame = None
        self._parts = {}
        self._settled = {}
        self._looked = range(0)

    def _settle(self) -> None:
        """Bring every slot to the bars that were taken as columns."""
        for place in self._parts:
            self._settle_symbol(place)

    def _settle_symbol(self, place: tuple[str, str]) -> None:
        """Bring the slots of a venue's symbol there; the row is noted, for it is the next too."""
        self._settled[place] = self._row
        if place in self._parts:
            part, slots = self._parts[place]
            before = part.place_of(self._row)
            for slot in slots:
                slot.searching().settle(before)

    def _say(self, bar: Bar, slots: list[_Slot], first: _Slot, wish: Wish) -> Sequence[Effect]:
        """Write the first wish about a bar as a signal, and ask the slots after it for theirs."""
        effects: list[Effect] = [Publish(self._signal(first, bar, wish))]
        for slot in slots[slots.index(first) + 1 :]:
            another = slot.strategy.update(bar)
            if another is not None:
                effects.append(Publish(self._signal(slot, bar, another)))
        return effects

    def _start(self, instrument: Instrument) -> Sequence[Effect]:
        if not self._wants(instrument.feed, instrument.symbol):
            return ()
        self._leave()
        symbols = self._slots.setdefault(instrument.venue, {})
        known = symbols.get(instrument.symbol)
        if known is None or known[0].instrument.price_scale != instrument.price_scale:
            # Other units make the old numbers meaningless: every strategy warms up again.
            symbols[instrument.symbol] = [each.start(instrument) for each in self._instances]
        return ()

    def _wants(self, feed: str, symbol: str) -> bool:
        return feed == self._feed and (not self._symbols or symbol in self._symbols)

    def _resume(self, place: PlaceMemory) -> None:
        instrument = place.instrument
        if not self._wants(instrument.feed, instrument.symbol):
            return
        memories = {memory.instance: memory for memory in place.slots}
        self._slots.setdefault(instrument.venue, {})[instrument.symbol] = [
            each.resume(instrument, memories.get(each.name)) for each in self._instances
        ]

    def _signal(self, slot: _Slot, bar: Bar, wish: Wish) -> Signal:
        scale = slot.instrument.price_scale
        if slot.entry is not None:
            wish = slot.entry.apply(wish, bar.close)
        limit, trigger = wish.limit_price, wish.trigger_price
        limit_price = None if limit is None else _price(max(limit, 1.0), scale)
        return Signal(
            session=self._session,
            strategy=slot.instance,
            feed=bar.feed,
            venue=bar.venue,
            symbol=bar.symbol,
            event_at_ns=bar.end_ns,
            ordinal=slot.counter.next(bar.end_ns),
            direction=wish.direction,
            strength=round(wish.strength, STRENGTH_PLACES),
            confidence=1.0,
            horizon_ns=0,
            entry_style=wish.style,
            reference_price=to_decimal(bar.close, scale),
            limit_price=wish.net_price if wish.legs else limit_price,
            trigger_price=None if trigger is None else _price(max(trigger, 1.0), scale),
            time_in_force=wish.time_in_force,
            valid_for_ns=wish.valid_for_ns,
            post_only=wish.post_only,
            extended_hours=wish.extended_hours,
            algorithm=wish.algorithm,
            display_fraction=wish.display_fraction,
            legs=wish.legs,
            stop_distance=_stop(wish.stop_distance, scale),
            model_version=slot.version,
            reasons=wish.reasons,
        )


def _price(value: float, scale: int) -> Decimal:
    return to_decimal(int(quantize_float(value, 0)), scale)


def _stop(value: float | None, scale: int) -> Decimal | None:
    """Round a stop's distance; one that is less than half a step is no distance at all."""
    if value is None:
        return None
    distance = _price(value, scale)
    return distance if distance > ZERO else None


def _remembered(slot: _Slot) -> SlotMemory:
    return SlotMemory(
        instance=slot.instance,
        version=slot.version,
        state=msgspec.Raw(msgspec.msgpack.encode(slot.strategy)),
        event_at_ns=slot.counter.event_at_ns,
        ordinal=slot.counter.ordinal,
    )
