"""Blocking calls in threads, behind our own deadline.

A thread that hangs cannot be stopped: its call's outcome is then unproven, and the next calls have
other threads. Cancels have threads of their own, so that hanging orders never hold them up. A call
that found no thread before its deadline is not made any more: it provably never left.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tidegate_execution.adapters.alpaca.failures import NotSent, Unproven

Answer = TypeVar("Answer")
DEADLINE_S = 10.0
THREADS = 8
THREADS_OF_CANCELS = 4


@dataclass
class _Once(Generic[Answer]):
    """A call that is either begun or given up, and never both."""

    call: Callable[[], Answer]
    lock: threading.Lock = field(default_factory=threading.Lock)
    begun: bool = False
    given_up: bool = False

    def run(self) -> Answer:
        """Begin, unless it was given up."""
        with self.lock:
            if self.given_up:
                raise NotSent("given up before it was begun")
            self.begun = True
        return self.call()

    def give_up(self) -> bool:
        """Return whether it was given up in time: it will never begin."""
        with self.lock:
            self.given_up = not self.begun
            return self.given_up


class Deadlines:
    """The threads of one venue."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._threads = ThreadPoolExecutor(THREADS, "alpaca")
        self._cancels = ThreadPoolExecutor(THREADS_OF_CANCELS, "alpaca-cancels")

    async def run(self, call: Callable[[], Answer], *, cancels: bool = False) -> Answer:
        """Return what the call returns; `Unproven` or `NotSent` when its time is over."""
        once = _Once(call)
        pool = self._cancels if cancels else self._threads
        future = asyncio.get_running_loop().run_in_executor(pool, once.run)
        done, _ = await asyncio.wait({future}, timeout=self._deadline_s)
        if done:
            return future.result()
        # What it still answers is nobody's business any more.
        future.add_done_callback(lambda late: late.cancelled() or late.exception())
        if once.give_up():
            raise NotSent(f"no thread was free within {self._deadline_s:g} s")
        raise Unproven(f"no answer within {self._deadline_s:g} s")

    def close(self) -> None:
        """Begin nothing any more; what hangs is left to end with the process."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._cancels.shutdown(wait=False, cancel_futures=True)
