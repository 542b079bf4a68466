"""A deterministic event loop: time moves only when nothing else can, processes die and pause.

The live host runs on this loop unchanged. Every callback belongs to the incarnation of a process
(a context variable says which). A dead incarnation's callbacks are dropped, as a killed process
would drop them; a paused one's wait until it wakes, as after SIGSTOP.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import inspect
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any


class Killed(BaseException):
    """The process that runs has just been killed; nothing of it goes on."""


class Incarnation:
    """One life of a process, from its start to its end."""

    __slots__ = ("alive", "clock_offset_ns", "held", "name", "number", "paused")

    def __init__(self, name: str, number: int) -> None:
        """Begin to live."""
        self.name = name
        self.number = number
        self.alive = True
        self.paused = False
        self.clock_offset_ns = 0
        self.held: list[asyncio.Handle] = []


RUNNING: contextvars.ContextVar[Incarnation | None] = contextvars.ContextVar(
    "incarnation", default=None
)
"""The incarnation that the running callback belongs to; None for the world outside."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in a fixed order; `now_s` is the time of the world, from 0."""

    def __init__(self) -> None:
        """Start at 0 s with nothing to do."""
        super().__init__()
        self.now_s = 0.0
        self.turns = 0
        self.failures: list[str] = []
        self._ready: deque[asyncio.Handle]
        # (time, order of asking, handle): in the order of asking where times are equal.
        self._due: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._asked = 0

    def time(self) -> float:
        """Return the time of the world in seconds."""
        return self.now_s

    def spawn(
        self, incarnation: Incarnation | None, work: Coroutine[Any, Any, Any]
    ) -> asyncio.Task[Any]:
        """Start a task in an incarnation of a process."""
        context = contextvars.copy_context()
        context.run(RUNNING.set, incarnation)
        return self.create_task(work, context=context)

    def at(self, when_s: float, incarnation: Incarnation | None, act: Callable[..., Any]) -> None:
        """Call a function at a time, in an incarnation of a process."""
        context = contextvars.copy_context()
        context.run(RUNNING.set, incarnation)
        self.call_at(when_s, act, context=context)

    def call_at(  # type: ignore[override] # any callback, as the base class takes it
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call a function at a time."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._asked += 1
        heapq.heappush(self._due, (when, self._asked, handle))
        return handle

    def wake(self, incarnation: Incarnation) -> None:
        """Let a paused incarnation go on with what it has missed."""
        incarnation.paused = False
        self._ready.extend(incarnation.held)
        incarnation.held.clear()

    def forget(self) -> None:
        """Drop everything that would still happen: the world has ended."""
        for handle in self._ready:
            _bury(handle)
        for _, _, handle in self._due:
            _bury(handle)
        self._ready.clear()
        self._due.clear()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Remember what nobody caught, unless its process was killed."""
        error = context.get("exception")
        incarnation = RUNNING.get()
        if isinstance(error, Exception) and (incarnation is None or incarnation.alive):
            self.failures.append(f"{context.get('message')}: {error!r}")

    def _run_once(self) -> None:
        ready = self._ready
        if not ready:
            self._advance()
        while ready:
            handle = ready.popleft()
            if handle.cancelled():
                continue
            incarnation = handle._context.get(RUNNING)  # type: ignore[attr-defined]
            if incarnation is not None:
                if not incarnation.alive:
                    _bury(handle)
                    continue
                if incarnation.paused:
                    incarnation.held.append(handle)
                    continue
            self.turns += 1
            handle._run()
            if self._stopping:  # type: ignore[attr-defined]
                return

    def _advance(self) -> None:
        due = self._due
        while due and due[0][2].cancelled():
            heapq.heappop(due)
        if not due:
            message = "expected something to be due in the simulated world, found nothing"
            raise RuntimeError(message)
        self.now_s = max(self.now_s, due[0][0])
        while due and due[0][0] <= self.now_s:
            self._ready.append(heapq.heappop(due)[2])

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is dropped when its time comes."""

    def __del__(self) -> None:
        """A loop without sockets holds nothing that would have to be closed."""

    def _write_to_self(self) -> None:
        """Nothing sleeps outside of this loop, so nothing has to be woken."""

    def _process_events(self, event_list: object) -> None:
        """There are no sockets."""


def _bury(handle: asyncio.Handle) -> None:
    """Close a coroutine that its process has not lived to begin."""
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    if isinstance(task, asyncio.Task):
        work = task.get_coro()
        if inspect.iscoroutine(work) and inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
            work.close()
