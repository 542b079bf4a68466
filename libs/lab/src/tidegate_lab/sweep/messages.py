"""What a sweep and its workers say to each other, and on which subjects.

Requests of workers, answered by the sweep: the job, the next trial, a result. Workers also say
that they live; the sweep says when it has ended. Bodies are msgpack.
"""

from __future__ import annotations

import msgspec

from tidegate_lab.sweep.grid import Grid
from tidegate_lab.sweep.identity import Data
from tidegate_lab.sweep.trial import TrialResult

JOB = "tidegate.sweep.job"
NEXT = "tidegate.sweep.next"
DONE = "tidegate.sweep.done"
ALIVE = "tidegate.sweep.alive"
ENDED = "tidegate.sweep.ended"
ALIVE_EVERY_S = 2.0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is swept. A worker with other data or other code must not help."""

    session: str
    """The session as JSON; its data paths are the sweep's own."""
    grid: Grid
    engine: str
    data: Data
    version: str


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks."""

    name: str


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A trial to run; None: ask again later."""

    point: tuple[int, ...] | None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A trial is done, or it failed and says why."""

    name: str
    point: tuple[int, ...]
    result: TrialResult | None
    failure: str = ""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """The sweep has taken a result: it is on the disk."""
