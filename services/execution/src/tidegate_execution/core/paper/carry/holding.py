"""What the venue's machine asks around each bar: carry of its listing, and expiring options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.paper.carry.expiring import Expiries
from tidegate_execution.core.paper.carry.keeping import Carry
from tidegate_execution.core.paper.carry.scanning import first_row_due, first_row_expiring

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_execution.core.paper.parameters import PaperVenueParameters
    from tidegate_execution.core.paper.remembering import RememberedBars
    from tidegate_kernel.machine import Effect


class Holding:
    """All that holding costs or brings at one venue."""

    def __init__(self, parameters: PaperVenueParameters, book: PaperBook) -> None:
        self._carry = Carry(parameters, book)
        expires = parameters.carry.options_expire
        self._expiries = Expiries(self._carry) if expires else None

    def forget(self) -> None:
        """An instrument was told: look at all of them anew."""
        self._carry.forget()
        if self._expiries is not None:
            self._expiries.forget()

    def before(self, listing: str, bar: Bar, remembered: RememberedBars) -> list[Effect]:
        """Decide what comes before everything that a bar does."""
        effects = [] if self._expiries is None else self._expiries.before(listing, bar)
        return effects + self._carry.before(listing, bar, remembered)

    def inside(self, listing: str, bar: Bar) -> list[Effect]:
        """Decide what comes between a bar's open and the rest of it."""
        return self._carry.inside(listing, bar)

    def after(self, listing: str, bar: Bar) -> list[Effect]:
        """Decide what comes after everything that a bar did."""
        return [] if self._expiries is None else self._expiries.after(listing, bar)

    def first_row(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row whose bar could bring something; ``last`` if there is none."""
        last = first_row_due(self._carry, frame, first, last)
        if self._expiries is None:
            return last
        return first_row_expiring(self._expiries, frame, first, last)
