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
from asyncio.futures import _set_result_unless_cancelled  # type: ignore[attr-defined]
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any


class Killed(BaseException):
    """The process that runs has just been killed; nothing of it goes on."""


class Callback:
    """Something to be called; stands where asyncio has its handles, and costs less."""

    __slots__ = ("args", "callback", "context", "gone", "when_s")

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: contextvars.Context,
        when_s: float = 0.0,
    ) -> None:
        """Call it in a context, which names the incarnation."""
        self.callback = callback
        self.args = args
        self.context = context
        self.when_s = when_s
        self.gone = False

    def cancel(self) -> None:
        """Call it no more; it is dropped when its time comes."""
        self.gone = True

    def cancelled(self) -> bool:
        """Tell whether it is not to be called."""
        return self.gone

    def when(self) -> float:
        """Return the time at which it is due."""
        return self.when_s


class Incarnation:
    """One life of a process, from its start to its end."""

    __slots__ = ("alive", "clock_offset_ns", "context", "held", "name", "number", "paused")

    def __init__(self, name: str, number: int) -> None:
        """Begin to live."""
        self.name = name
        self.number = number
        self.alive = True
        self.paused = False
        self.clock_offset_ns = 0
        self.held: list[Callback] = []
        # What runs in this life outside of a task runs in this context.
        self.context: contextvars.Context | None = None


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
        self.failures: list[str] = []
        self._ready: deque[Callback] = deque()
        # (time, order of asking, callback): in the order of asking where times are equal.
        self._due: list[tuple[float, int, Callback]] = []
        self._asked = 0
        self._outside = _context_of(None)

    def time(self) -> float:
        """Return the time of the world in seconds."""
        return self.now_s

    def spawn(
        self, incarnation: Incarnation | None, work: Coroutine[Any, Any, Any]
    ) -> asyncio.Task[Any]:
        """Start a task in an incarnation of a process."""
        return self.create_task(work, context=_context_of(incarnation))

    def at(
        self, when_s: float, incarnation: Incarnation | None, act: Callable[..., Any], *args: Any
    ) -> None:
        """Call a function at a time, in an incarnation of a process."""
        context = self._outside
        if incarnation is not None:
            context = incarnation.context or _context_of(incarnation)
            incarnation.context = context
        self._asked += 1
        heapq.heappush(self._due, (when_s, self._asked, Callback(act, args, context)))

    def call_at(  # type: ignore[override] # any callback, and a handle of its own
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call a function at a time."""
        due = Callback(callback, args, context or contextvars.copy_context(), when)
        self._asked += 1
        heapq.heappush(self._due, (when, self._asked, due))
        return due  # type: ignore[return-value] # it has what a handle has

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call a function after a while."""
        when_s = self.now_s + delay
        due = Callback(callback, args, context or contextvars.copy_context(), when_s)
        self._asked += 1
        heapq.heappush(self._due, (when_s, self._asked, due))
        return due  # type: ignore[return-value] # it has what a handle has

    def sleep(self, delay_s: float) -> asyncio.Future[None]:
        """Return what is done after a while; as `asyncio.sleep`, for the world's own waiting."""
        future: asyncio.Future[None] = self.create_future()
        when_s = self.now_s + delay_s
        act, args = _set_result_unless_cancelled, (future, None)
        due = Callback(act, args, contextvars.copy_context(), when_s)
        self._asked += 1
        heapq.heappush(self._due, (when_s, self._asked, due))
        return future

    def call_soon(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Call a function after all that is ready."""
        soon = Callback(callback, args, context or contextvars.copy_context())
        self._ready.append(soon)
        return soon  # type: ignore[return-value] # it has what a handle has

    def wake(self, incarnation: Incarnation) -> None:
        """Let a paused incarnation go on with what it has missed."""
        incarnation.paused = False
        self._ready.extend(incarnation.held)
        incarnation.held.clear()

    def forget(self) -> None:
        """Drop everything that would still happen: the world has ended."""
        for each in self._ready:
            _bury(each)
        for _, _, each in self._due:
            _bury(each)
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
            each = ready.popleft()
            if each.gone:
                continue
            context = each.context
            incarnation = context.get(RUNNING)
            if incarnation is not None and not _runs(incarnation, each):
                continue
            try:
                context.run(each.callback, *each.args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - as asyncio's own loop; `Killed` is one
                self._failed(each, error)
            if self._stopping:  # type: ignore[attr-defined]
                return

    def _failed(self, each: Callback, error: BaseException) -> None:
        message = f"{each.callback!r} failed"
        each.context.run(self.call_exception_handler, {"message": message, "exception": error})

    def _advance(self) -> None:
        due = self._due
        while due and due[0][2].gone:
            heapq.heappop(due)
        if not due:
            message = "expected something to be due in the simulated world, found nothing"
            raise RuntimeError(message)
        self.now_s = max(self.now_s, due[0][0])
        now_s, pop = self.now_s, heapq.heappop
        while due and due[0][0] <= now_s:
            each = pop(due)[2]
            if each.gone:
                continue
            if each.callback is not _set_result_unless_cancelled:
                self._ready.append(each)
                continue
            incarnation = each.context.get(RUNNING)
            if incarnation is None or _runs(incarnation, each):
                # A sleep is over: what slept is ready now, and not after another turn.
                each.callback(*each.args)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is dropped when its time comes."""

    def __del__(self) -> None:
        """A loop without sockets holds nothing that would have to be closed."""

    def _write_to_self(self) -> None:
        """Nothing sleeps outside of this loop, so nothing has to be woken."""

    def _process_events(self, event_list: object) -> None:
        """There are no sockets."""


def _context_of(incarnation: Incarnation | None) -> contextvars.Context:
    """Return a context like the running one, but of an incarnation of a process."""
    context = contextvars.copy_context()
    context.run(RUNNING.set, incarnation)
    return context


def _runs(incarnation: Incarnation, each: Callback) -> bool:
    """Tell whether a process runs; what belongs to a paused one is kept until it wakes."""
    if not incarnation.alive:
        _bury(each)
        return False
    if incarnation.paused:
        incarnation.held.append(each)
        return False
    return True


def _bury(each: Callback) -> None:
    """Close a coroutine that its process has not lived to begin."""
    task = getattr(each.callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        work = task.get_coro()
        if inspect.iscoroutine(work) and inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
            work.close()
