"""A mutant: what is changed, and which rule that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One attribute of a module or class, or one entry of a table, and what takes its place."""

    target: Any
    name: Any
    value: Any


@dataclass(frozen=True)
class Mutant:
    """One broken rule."""

    name: str
    rule: str
    changes: tuple[Change, ...]
    # Faults that reach it soonest; none: all kinds.
    kinds: tuple[str, ...] = ()
