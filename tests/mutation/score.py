"""How many changes were noticed."""

from __future__ import annotations

from collections import Counter, defaultdict

NOTICED = frozenset({"killed", "timeout", "segfault", "caught by type check"})
NOT_JUDGED = frozenset({"not checked", "skipped", "check was interrupted by user"})


def by_room(results: str) -> dict[str, Counter[str]]:
    """Read mutmut's lines, ``module.function__mutmut_n: word``, room by room."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in results.splitlines():
        name, _, word = line.strip().partition(": ")
        if "__mutmut_" in name and ".core." in name:
            found[name.partition(".core.")[2].partition(".")[0]][word] += 1
    return dict(sorted(found.items()))


def judged(words: Counter[str]) -> int:
    """Return how many changes have a verdict."""
    return sum(count for word, count in words.items() if word not in NOT_JUDGED)


def noticed(words: Counter[str]) -> int:
    """Return how many changes failed a test, or ran for ever."""
    return sum(count for word, count in words.items() if word in NOTICED)


def share(words: Counter[str]) -> float:
    """Return the share that was noticed of what was judged; 0 when nothing was."""
    return noticed(words) / judged(words) if judged(words) else 0.0
