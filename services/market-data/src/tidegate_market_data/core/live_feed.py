"""The machine of a live feed: what its source hands in becomes instruments, bars and status.

1. Everything comes as a call, and is answered with the feed's status once it is journalled.
2. `Instrument`: published when it is new, has changed, or was last said a day ago, so that whoever
   begins to read later learns it too. Until then bars of its symbol are refused.
3. `FeedBatch`: bars that end at one instant. Each is judged by `validity`; it must be later than
   the symbol's last one. Symbols go on independently: one may be filled up behind the others.
4. The source has asked the venue for every missing bar before it goes on. So a gap is marked only
   where the source says that it could not ask: minutes without a trade have no bar.
5. `FeedStatus`: the source says that it hears nothing (STALE), or again (RESUMED).

The same bar again changes nothing. A live feed never ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

from tidegate_contracts.market import Bar, FeedBatch, FeedState, FeedStatus, Instrument
from tidegate_kernel.machine import Answer, Called, Effect, Publish
from tidegate_kernel.time import NS_PER_DAY
from tidegate_market_data.core.validity import (
    Rejection,
    rejection_of_times,
    rejection_of_values,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_kernel.machine import Event


class LiveFeedParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a live feed is; its instruments come from the venue."""

    feed: str
    timeframe_ns: int


class Listed(msgspec.Struct):
    """An instrument that the venue lists."""

    instrument: Instrument
    said_at_ns: int
    last_bar: Bar | None = None


class LiveFeedMemory(msgspec.Struct, kw_only=True):
    """Everything that a live feed remembers; by symbol what is listed, in the order of coming."""

    state: FeedState = FeedState.UNSPECIFIED
    bars: int = 0
    rejected: dict[str, int] = {}
    listed: dict[str, Listed] = {}


class LiveFeedMachine:
    """Validates and publishes what a live source hands in."""

    def __init__(self, parameters: LiveFeedParameters, memory: LiveFeedMemory) -> None:
        self.parameters = parameters
        self._memory = memory

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Start a feed, or continue the one that `snapshot` saved."""
        assert isinstance(parameters, LiveFeedParameters), "made from LiveFeedParameters"
        if snapshot is None:
            return cls(parameters, LiveFeedMemory())
        return cls(parameters, msgspec.msgpack.decode(snapshot, type=LiveFeedMemory))

    def snapshot(self) -> bytes:
        """Return the memory; dictionaries keep the order in which calls filled them."""
        return msgspec.msgpack.encode(self._memory)

    @property
    def state(self) -> FeedState:
        """What the feed is doing."""
        return self._memory.state

    def last_bar(self, symbol: str) -> Bar | None:
        """Return the last bar that was published of a symbol."""
        listed = self._memory.listed.get(symbol)
        return None if listed is None else listed.last_bar

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take what the source hands in."""
        if not isinstance(event, Called):
            message = f"expected a call of the feed's source, found {type(event).__name__}"
            raise TypeError(message)
        effects: list[Effect] = []
        body = event.body
        if isinstance(body, Instrument):
            self._list(body, now_ns, effects)
        elif isinstance(body, FeedBatch):
            for bar in body.bars:
                self._take(bar, body.instant_ns, effects)
        elif isinstance(body, FeedStatus):
            self._change(body.state, now_ns, body.detail, effects)
        else:
            message = f"expected Instrument, FeedBatch or FeedStatus, found {type(body).__name__}"
            raise TypeError(message)
        return [*effects, Answer(event.call_id, self._status(now_ns, ""))]

    def _list(self, instrument: Instrument, now_ns: int, effects: list[Effect]) -> None:
        if instrument.feed != self.parameters.feed:
            self._reject(Rejection.FOREIGN_FEED)
            return
        if self._memory.state is FeedState.UNSPECIFIED:
            self._change(FeedState.STARTED, now_ns, "a live feed", effects)
        known = self._memory.listed.get(instrument.symbol)
        if known is None:
            self._memory.listed[instrument.symbol] = Listed(instrument, now_ns)
        elif known.instrument != instrument or now_ns - known.said_at_ns >= NS_PER_DAY:
            known.instrument, known.said_at_ns = instrument, now_ns
        else:
            return
        effects.append(Publish(instrument))

    def _take(self, bar: Bar, instant_ns: int, effects: list[Effect]) -> None:
        listed = self._memory.listed.get(bar.symbol)
        if listed is not None and _is_repeat(bar, listed.last_bar):
            return
        rejection = self._judge(bar, listed, instant_ns)
        if rejection is not None:
            self._reject(rejection)
            return
        assert listed is not None, "judged"
        listed.last_bar = bar
        self._memory.bars += 1
        effects.append(Publish(bar))

    def _judge(self, bar: Bar, listed: Listed | None, instant_ns: int) -> Rejection | None:
        if bar.feed != self.parameters.feed:
            return Rejection.FOREIGN_FEED
        if listed is None or listed.instrument.venue != bar.venue:
            return Rejection.UNKNOWN_INSTRUMENT
        wrong = rejection_of_times(bar, self.parameters.timeframe_ns, instant_ns)
        wrong = wrong or rejection_of_values(bar)
        last = listed.last_bar
        if wrong is None and last is not None and bar.start_ns <= last.start_ns:
            return Rejection.NOT_AFTER_LAST
        return wrong

    def _reject(self, rejection: Rejection) -> None:
        rejected = self._memory.rejected
        rejected[rejection] = rejected.get(rejection, 0) + 1

    def _change(self, state: FeedState, now_ns: int, detail: str, effects: list[Effect]) -> None:
        if state is not self._memory.state:
            self._memory.state = state
            effects.append(Publish(self._status(now_ns, detail)))

    def _status(self, at_ns: int, detail: str) -> FeedStatus:
        memory = self._memory
        counts = ", ".join(f"{reason}: {n}" for reason, n in sorted(memory.rejected.items()))
        return FeedStatus(
            feed=self.parameters.feed,
            state=memory.state,
            at_ns=at_ns,
            bars=memory.bars,
            rejected=sum(memory.rejected.values()),
            detail="; ".join(text for text in (detail, counts) if text),
        )


def _is_repeat(bar: Bar, last: Bar | None) -> bool:
    if last is None or bar.start_ns != last.start_ns:
        return False
    return msgspec.structs.replace(last, gap_before=bar.gap_before) == bar
