"""How long a sweep of 1,000 pairs of averages over 100,000 bars takes."""

from __future__ import annotations

import sys


def measure_sweeps() -> dict[str, float | None]:
    """Return the seconds of an exact sweep and of a screen; None where there is none yet."""
    print("sweep: no figure, because there is no sweep yet", file=sys.stderr)
    return {"exact": None, "screen": None}
