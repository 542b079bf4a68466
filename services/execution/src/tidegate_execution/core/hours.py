"""When an order may work: its instrument's regular session, or the hours around it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import bool_, int64
    from numpy.typing import NDArray

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_contracts.market import Instrument, OpenInterval


def hours_of(specification: OrderSpecification, instrument: Instrument) -> Sequence[OpenInterval]:
    """Return the intervals in which an order may work; none: always, or nobody has said."""
    if specification.extended_hours:
        return instrument.extended_intervals
    return instrument.open_intervals


def in_hours(
    starts: NDArray[int64], length_ns: int, hours: Sequence[OpenInterval]
) -> NDArray[bool_]:
    """Tell of bars, which begin at ``starts``, whether each has a moment in some hours."""
    import numpy as np  # noqa: PLC0415

    opens = np.array([each.opens_at_ns for each in hours], dtype=np.int64)
    closes = np.array([each.closes_at_ns for each in hours], dtype=np.int64)
    # The first interval that is not over when a bar begins.
    place = closes.searchsorted(starts, side="right")
    known = place < len(closes)
    found: NDArray[bool_] = known & (opens[np.minimum(place, len(opens) - 1)] < starts + length_ns)
    return found
