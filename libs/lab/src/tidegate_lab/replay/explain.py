"""From an order's fills back to the order, the verdict, the signal, its features and its bars."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_chassis.host.inputs import InputKind
from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_contracts import codec
from tidegate_contracts.execution import Fill, OrderEvent
from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.portfolio import LedgerEntry
from tidegate_contracts.risk import Verdict
from tidegate_contracts.signals import Signal
from tidegate_execution.core.orders.attached import is_meant
from tidegate_kernel.identifiers import order_key, signal_key
from tidegate_kernel.money import plain, to_decimal
from tidegate_kernel.time import format_duration, format_time
from tidegate_lab.replay.causes import Cause, causes, row_at
from tidegate_lab.replay.definitions import feed_shard_of, readers_of, session_of
from tidegate_lab.replay.readable import Document, document_of
from tidegate_lab.replay.state import state_at
from tidegate_signals.core.strategies import definition_of as strategy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_chassis.recorded.recording import Message, Recording

BARS_SHOWN = 5
_BLOCK = 2_000
_NAMED_MAX = 5


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is an order, or why a signal became none. What there was not is None or empty."""

    session: str
    signal_key: str
    client_order_id: str
    fills: list[Document]
    order: Document | None
    verdict: Document | None
    signal: Document | None
    features: Document | None
    # The bar that caused the signal is the last one.
    bars: list[Document]
    # Upstream from the order's first event, or from the verdict when there is no order.
    causes: list[Cause]


class Explainer:
    """Answers questions about the orders of one recorded session."""

    def __init__(self, recording: Recording, session: str) -> None:
        """Nothing is read before a question is asked."""
        self._recording = recording
        self._session = session
        self._execution = f"execution/{session}"
        self._risk = f"risk/{session}"
        self._portfolio = f"portfolio/{session}"
        self._signals = f"signals/{session}/0"
        self._feed = feed_shard_of(recording.configuration, session)

    def explain(self, name: str) -> Explanation:
        """Explain an order by its client order id or a prefix of it, or a signal by its key."""
        orders = self._orders(name)
        events = next(iter(orders.values()), [])
        key = events[0].body.signal_key if events else name  # type: ignore[attr-defined]
        verdict = self._find(self._risk, Verdict, key) if key else None
        signal = self._find(self._signals, Signal, key) if key else None
        if not events and verdict is None and signal is None:
            raise NotRecorded(
                f"an order or signal of session {self._session}: a client order id, the beginning "
                "of one, or a signal's key",
                repr(name),
                "`tidegate orders` lists orders",
            )
        order_id = next(iter(orders), "")
        first = next(iter(events), None) or verdict or signal
        assert first is not None
        return Explanation(
            session=self._session,
            signal_key=key,
            client_order_id=order_id,
            fills=self._fills(order_id),
            order=_order(events),
            verdict=None if verdict is None else _message(verdict),
            signal=None if signal is None else _message(signal),
            features=None if signal is None else self._features(signal),
            bars=[] if signal is None else self._bars(signal),
            causes=self._causes(first),
        )

    # --- finding ------------------------------------------------------------------------------

    def _orders(self, name: str) -> dict[str, list[Message]]:
        """Return the events of the one order that is meant, by its id; none is an empty answer."""
        found: dict[str, list[Message]] = {}
        for message in self._of(self._execution, OrderEvent):
            event: Any = message.body
            order_id: str = event.specification.client_order_id
            if name and (is_meant(order_id, name) or event.signal_key == name):
                found.setdefault(order_id, []).append(message)
        exact = {order_id: events for order_id, events in found.items() if order_id == name}
        found = exact or found
        if len(found) > 1:
            some = ", ".join(list(found)[:_NAMED_MAX])
            more = len(found) - _NAMED_MAX
            others = f" and {more} more" if more > 0 else ""
            raise NotRecorded("the beginning of one order's id", f"{some}{others}", "name more")
        return found

    def _find(self, shard: str, kind: type[Verdict | Signal], key: str) -> Message | None:
        for message in self._of(shard, kind):
            body = message.body
            if (_key(body) if isinstance(body, Signal) else getattr(body, "signal_key", "")) == key:
                return message
        return None

    def _of(self, shard: str, kind: type[msgspec.Struct]) -> Iterator[Message]:
        schema = codec.schema_of(kind)
        return (each for each in self._recording.messages(shard) if each.schema == schema)

    # --- telling ------------------------------------------------------------------------------

    def _fills(self, order_id: str) -> list[Document]:
        fills = [m for m in self._of(self._execution, Fill) if _fill(m).client_order_id == order_id]
        entries: dict[str, list[Document]] = {}
        if fills:
            booked = _fill(fills[0])
            key = order_key(booked.signal_key, booked.leg)
            for message in self._of(self._portfolio, LedgerEntry):
                entry = message.body
                assert isinstance(entry, LedgerEntry)
                if entry.order_key == key:
                    entries.setdefault(entry.transaction_id, []).append(document_of(entry))
        return [self._told(message, entries) for message in fills]

    def _told(self, message: Message, entries: dict[str, list[Document]]) -> Document:
        fill = _fill(message)
        bar = next((each for each in self._causes(message) if each.name == "Bar"), None)
        return {
            **_message(message),
            "bar": None if bar is None else self._scaled(bar.event),
            "ledger": entries.get(f"{fill.venue}|{fill.symbol}|{fill.execution_id}", []),
        }

    def _features(self, message: Message) -> Document:
        """Return what the strategy remembered of the symbol when it had said the signal."""
        readers = readers_of(self._recording.configuration, self._session)
        definition = next(each for each in readers if each.shard == self._signals)
        state = state_at(self._recording, definition, message.n)
        signal: Any = message.body
        remembered = next(
            slot["state"]
            for place in state.machine["places"]
            for slot in place["slots"]
            if place["instrument"]["venue"] == signal.venue
            and place["instrument"]["symbol"] == signal.symbol
            and slot["instance"] == signal.strategy
        )
        session = session_of(self._recording.configuration, self._session)
        strategy = next(s.strategy for s in session.strategies if s.name == signal.strategy)
        kind: type[msgspec.Struct] = strategy_of(strategy).strategy
        return {
            "shard": state.shard,
            "n": state.n,
            "core": state.core,
            "core_recorded": state.core_recorded,
            # Values of prices are in the instrument's integers: price x 10^price_scale.
            "state": document_of(msgspec.convert(remembered, kind)),
        }

    def _bars(self, message: Message) -> list[Document]:
        """Return the symbol's last bars before a signal, the one that caused it included."""
        signal: Any = message.body
        wanted = (InputKind.MESSAGE, codec.schema_of(Bar))
        found: deque[Bar] = deque(maxlen=BARS_SHOWN)
        until_n = message.n
        while until_n > 0 and len(found) < BARS_SHOWN:
            after_n = max(0, until_n - _BLOCK)
            bars = [
                body
                for tail in self._recording.rows(self._signals, after_n, until_n)
                if (tail.row.kind, tail.row.schema) == wanted
                and isinstance(body := codec.decode(tail.row.schema, tail.row.payload), Bar)
                and (body.venue, body.symbol) == (signal.venue, signal.symbol)
            ]
            found = deque([*bars, *found], maxlen=BARS_SHOWN)
            until_n = after_n
        return [self._scaled(document_of(bar)) for bar in found]

    def _scaled(self, bar: Document) -> Document:
        """Return a bar with its prices as decimals, by the scale of its instrument."""
        instrument = self._instrument(bar["venue"], bar["symbol"])
        if instrument is None:
            return bar
        prices = {
            name: plain(to_decimal(bar[name], instrument.price_scale))
            for name in ("open", "high", "low", "close")
        }
        return {
            "symbol": bar["symbol"],
            "timeframe": format_duration(bar["timeframe_ns"]),
            "start": format_time(bar["start_ns"]),
            "end": format_time(bar["end_ns"]),
            **prices,
            "volume": plain(to_decimal(bar["volume"], instrument.size_scale)),
            "gap_before": bar["gap_before"],
        }

    def _instrument(self, venue: str, symbol: str) -> Instrument | None:
        if not hasattr(self, "_instruments"):
            bodies = [message.body for message in self._of(self._feed, Instrument)]
            self._instruments = {
                (body.venue, body.symbol): body for body in bodies if isinstance(body, Instrument)
            }
        return self._instruments.get((venue, symbol))

    def _causes(self, message: Message) -> list[Cause]:
        tail = row_at(self._recording, message.channel, message.n)
        return [] if tail is None else list(causes(self._recording, message.channel, tail.row))


def _message(message: Message) -> Document:
    envelope = message.envelope
    place = {"message_id": envelope.message_id, "shard": message.channel, "n": message.n}
    return {**document_of(message.body), **place}


def _order(events: list[Message]) -> Document | None:
    """Return an order as its last event left it, with every step of its life."""
    if not events:
        return None
    bodies: list[Any] = [message.body for message in events]
    last: OrderEvent = bodies[-1]
    steps = [
        {
            "state": body.state.name,
            "at": format_time(body.event_at_ns),
            "filled_quantity": plain(body.filled_quantity),
            "reason_code": body.reason_code,
            "reason": body.reason,
            "message_id": message.envelope.message_id,
        }
        for message, body in zip(events, bodies, strict=True)
    ]
    return {**document_of(last), "events": steps}


def _fill(message: Message) -> Fill:
    body = message.body
    assert isinstance(body, Fill)
    return body


def _key(signal: Signal) -> str:
    return signal_key(
        signal.session, signal.strategy, signal.symbol, signal.event_at_ns, signal.ordinal
    )
