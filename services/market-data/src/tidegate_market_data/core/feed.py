"""The machine of one feed: what its source has read becomes instruments, bars and status.

1. The source's command `FeedBatch` names an instant and holds bars that all end there.
2. With the first batch the feed says `FeedStatus` STARTED.
3. Each bar is judged by `validity`; a rejected bar is counted under its reason and dropped.
4. The first valid bar of an instrument is preceded by its `Instrument`, in the same channel; so is
   each bar of an option that has Greeks, or has none any more (`option_greeks`).
5. A bar that the calendar expected sooner carries ``gap_before``.
6. `FeedFinished` becomes `FeedStatus` ENDED, with the counts and the reasons.

Commands may come again: a batch of an earlier instant, a bar equal to the symbol's last one, and
a second `FeedFinished` change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec
import numpy as np
from msgspec.structs import replace

from tidegate_contracts.market import (
    Bar,
    FeedBatch,
    FeedFinished,
    FeedState,
    FeedStatus,
    Instrument,
    OptionGreeks,
)
from tidegate_kernel.machine import Effect, Event, Publish
from tidegate_market_data.core.calendar import is_gap, may_close
from tidegate_market_data.core.option_greeks import GreeksModel, greeks_of
from tidegate_market_data.core.scanning import first_exception
from tidegate_market_data.core.validity import (
    Rejection,
    rejection_of_times,
    rejection_of_values,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate_contracts.frame import Frame

Key = tuple[str, str]
"""An instrument's place in its feed: venue and symbol."""


class FeedParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed is: its name, its instruments and the length of its bars.

    Without a model, options have the Greeks that the source states, or none.
    """

    feed: str
    instruments: tuple[Instrument, ...]
    timeframe_ns: int
    greeks: GreeksModel | None = None


class FeedMemory(msgspec.Struct, kw_only=True):
    """Everything that a feed remembers."""

    started: bool = False
    ended: bool = False
    instant_ns: int = 0
    bars: int = 0
    rejected: dict[str, int] = {}
    last_bars: list[Bar] = []
    # Options whose `Instrument` was last published with Greeks, by venue and symbol.
    with_greeks: list[Key] = []


class FeedMachine:
    """Validates and publishes one feed's bars."""

    def __init__(self, parameters: FeedParameters, memory: FeedMemory) -> None:
        self._parameters = parameters
        self._memory = memory
        self._instruments = {(each.venue, each.symbol): each for each in parameters.instruments}
        self._last = {(bar.venue, bar.symbol): bar for bar in memory.last_bars}
        self._with_greeks = set(memory.with_greeks)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Start a feed, or continue the one that `snapshot` saved."""
        assert isinstance(parameters, FeedParameters), "a feed is made from FeedParameters"
        if snapshot is None:
            return cls(parameters, FeedMemory())
        return cls(parameters, msgspec.msgpack.decode(snapshot, type=FeedMemory))

    def snapshot(self) -> bytes:
        """Return the memory; the last bars in the order of venue and symbol."""
        memory = self._memory
        memory.last_bars = [self._last[key] for key in sorted(self._last)]
        memory.with_greeks = sorted(self._with_greeks)
        memory.rejected = dict(sorted(memory.rejected.items()))
        return msgspec.msgpack.encode(memory)

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take a command of the feed's source."""
        if isinstance(event, FeedBatch):
            return self._publish(event, now_ns)
        if isinstance(event, FeedFinished):
            return self._end(event, now_ns)
        message = f"expected FeedBatch or FeedFinished, found {type(event).__name__}"
        raise TypeError(message)

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row whose bar is not published just as it is; see `Frame`."""
        if not self._goes_on_with(frame, first):
            return first
        return first_exception(frame, first, last, self._last_starts(frame), self._retold(frame))

    def advance(self, frame: Frame, first: int, last: int) -> None:
        """Take rows whose bars are published just as they are."""
        if first >= last:
            return
        for row in frame.last_rows(first, last):
            bar = frame.bar(row)
            self._last[bar.venue, bar.symbol] = bar
        self._memory.bars += last - first
        self._memory.instant_ns = frame.end_ns(last - 1)

    def _goes_on_with(self, frame: Frame, first: int) -> bool:
        """Tell whether a frame is this feed's and comes after what was published."""
        memory, parameters = self._memory, self._parameters
        ours = (parameters.feed, parameters.timeframe_ns, parameters.instruments)
        return (
            memory.started
            and not memory.ended
            and (frame.feed, frame.timeframe_ns, frame.instruments) == ours
            and frame.end_ns(first) > memory.instant_ns
        )

    def _last_starts(self, frame: Frame) -> NDArray[np.int64]:
        """Return the start of each instrument's last bar, -1 where there is none."""
        lasts = (self._last.get((each.venue, each.symbol)) for each in frame.instruments)
        return np.array([-1 if last is None else last.start_ns for last in lasts], np.int64)

    def _retold(self, frame: Frame) -> NDArray[np.bool_]:
        """Tell of which instruments bars may be preceded by an `Instrument` again."""
        has_greeks = self._parameters.greeks is not None or frame.greeks is not None
        return np.array([has_greeks and each.option is not None for each in frame.instruments])

    def _publish(self, batch: FeedBatch, now_ns: int) -> Sequence[Effect]:
        memory = self._memory
        if memory.ended or batch.instant_ns < memory.instant_ns:
            return ()
        memory.instant_ns = batch.instant_ns
        effects: list[Effect] = []
        if not memory.started:
            memory.started = True
            effects.append(self._status(FeedState.STARTED, now_ns, self._introduction()))
        stated = {(each.venue, each.symbol): each.greeks for each in batch.greeks}
        for bar in batch.bars:
            self._take(bar, batch.instant_ns, stated.get((bar.venue, bar.symbol)), effects)
        return effects

    def _take(
        self, bar: Bar, instant_ns: int, stated: OptionGreeks | None, effects: list[Effect]
    ) -> None:
        key = (bar.venue, bar.symbol)
        last = self._last.get(key)
        if last is not None and _is_repeat(bar, last):
            return
        rejection = self._judge(bar, key, last, instant_ns)
        if rejection is not None:
            rejected = self._memory.rejected
            rejected[rejection] = rejected.get(rejection, 0) + 1
            return
        instrument = self._instruments[key]
        greeks = self._greeks(instrument, bar, stated)
        if last is None or greeks is not None or key in self._with_greeks:
            effects.append(Publish(replace(instrument, greeks=greeks)))
            (self._with_greeks.discard if greeks is None else self._with_greeks.add)(key)
        if last is not None and is_gap(
            may_close(instrument.asset_class), bar.timeframe_ns, last.start_ns, bar.start_ns
        ):
            bar = replace(bar, gap_before=True)
        self._last[key] = bar
        self._memory.bars += 1
        effects.append(Publish(bar))

    def _greeks(
        self, instrument: Instrument, bar: Bar, stated: OptionGreeks | None
    ) -> OptionGreeks | None:
        """Return what is known of an option's Greeks at a bar's end; None of what is no option."""
        model, terms = self._parameters.greeks, instrument.option
        if terms is None or stated is not None or model is None:
            return stated if terms is not None else None
        place = (instrument.venue, terms.underlying)
        newest = self._last.get(place)
        underlying = None if newest is None else (self._instruments[place], newest)
        return greeks_of(instrument, bar, underlying, model)

    def _judge(self, bar: Bar, key: Key, last: Bar | None, instant_ns: int) -> Rejection | None:
        if bar.feed != self._parameters.feed:
            return Rejection.FOREIGN_FEED
        if key not in self._instruments:
            return Rejection.UNKNOWN_INSTRUMENT
        wrong = rejection_of_times(bar, self._parameters.timeframe_ns, instant_ns)
        wrong = wrong or rejection_of_values(bar)
        if wrong is None and last is not None and bar.start_ns <= last.start_ns:
            return Rejection.NOT_AFTER_LAST
        return wrong

    def _end(self, finished: FeedFinished, now_ns: int) -> Sequence[Effect]:
        if self._memory.ended or finished.feed != self._parameters.feed:
            return ()
        self._memory.ended = True
        return (self._status(FeedState.ENDED, now_ns, self._conclusion()),)

    def _status(self, state: FeedState, at_ns: int, detail: str) -> Publish:
        memory = self._memory
        return Publish(
            FeedStatus(
                feed=self._parameters.feed,
                state=state,
                at_ns=at_ns,
                bars=memory.bars,
                rejected=sum(memory.rejected.values()),
                detail=detail,
            )
        )

    def _introduction(self) -> str:
        return f"{len(self._instruments)} instruments"

    def _conclusion(self) -> str:
        counts = [f"{reason}: {n}" for reason, n in sorted(self._memory.rejected.items())]
        return ", ".join(counts) or "every bar was valid"


def _is_repeat(bar: Bar, last: Bar) -> bool:
    return bar.start_ns == last.start_ns and replace(last, gap_before=bar.gap_before) == bar
