"""What an audit may find: something is missing, there twice, or does not add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """How a finding counts in the result."""

    LOST = "lost"
    DUPLICATE = "duplicate"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """One violation of an invariant."""

    kind: Kind
    what: str


def compare(name: str, expected: Iterable[Hashable], found: Iterable[Hashable]) -> list[Finding]:
    """Compare two collections: what is missing is lost, what is there too often a duplicate."""
    wanted, there = Counter(expected), Counter(found)
    return [
        *(Finding(Kind.LOST, f"{name}: {item}") for item in (wanted - there).elements()),
        *(Finding(Kind.DUPLICATE, f"{name}: {item}") for item in (there - wanted).elements()),
    ]


def once(name: str, found: Iterable[Hashable]) -> list[Finding]:
    """Report everything that is there more than once."""
    found = list(found)
    return compare(name, set(found), found)


def count(findings: Iterable[Finding], kind: Kind) -> int:
    """Return how many findings there are of a kind."""
    return sum(finding.kind is kind for finding in findings)
