"""Garbage collection while a session is played.

What a decision leaves behind in cycles is little, and bounded: it goes with the next collection.
Most of what a collector finds is there to stay: modules, the data, and what was said so far.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

THRESHOLDS = (10_000, 20, 20)
"""New objects before a collection, and collections of one generation before one of the next."""


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Leave alone what was there before, and come by less often; afterwards all is as it was.

    Whoever has frozen objects already (a service, or a caller of this) has decided for itself.
    """
    if gc.get_freeze_count():
        yield
        return
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
