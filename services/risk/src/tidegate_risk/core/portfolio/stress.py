"""What today's book would lose if it all happened again, at once and before anybody could act.

A scenario shocks prices by asset class, by asset or by symbol; the narrowest that names a listing
counts, and what no shock names keeps its price. The shocks of the past are what the market lost
from its high to its low, rounded:

==============  =======  =======  ================================================================
scenario        equity   crypto   what happened
==============  =======  =======  ================================================================
crisis-2008     -0.57    -0.80    S&P 500, 9 October 2007 to 9 March 2009: -56.8 %. There was no
                                  crypto: the loss of its own worst year stands for it.
covid-2020      -0.34    -0.50    S&P 500, 19 February to 23 March 2020: -33.9 %; bitcoin fell by
                                  half on 12 and 13 March.
crypto-2022     -0.25    -0.75    S&P 500 in 2022: -25.4 %; bitcoin from November 2021 to November
                                  2022: -77 %.
flash-crash     -0.10    -0.35    S&P 500 on 6 May 2010: -9 % within minutes; bitcoin on 19 May
                                  2021: -30 % within a day.
==============  =======  =======  ================================================================

Options are taken to lose everything in each of them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidegate_contracts.market import Instrument
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.book.worth import Worth
    from tidegate_risk.core.portfolio.exposure import Exposures


class Scenario(msgspec.Struct, frozen=True):
    """Shocks by asset class (``equity``), asset (``asset:BTC``) or symbol (``symbol:BTCUSDT``).

    A shock is the relative change of the price: -0.5 halves it.
    """

    name: str
    shocks: tuple[tuple[str, Decimal], ...]

    def shock_of(self, instrument: Instrument) -> Decimal:
        """Return what happens to an instrument's price; 0 if the scenario does not name it."""
        shocks = dict(self.shocks)
        for key in (
            f"symbol:{instrument.symbol}",
            f"asset:{instrument.base_currency}",
            instrument.asset_class.name.lower(),
        ):
            if key in shocks:
                return shocks[key]
        return ZERO


PAST: Mapping[str, Mapping[str, str]] = {
    "crisis-2008": {"equity": "-0.57", "crypto": "-0.80", "option": "-1"},
    "covid-2020": {"equity": "-0.34", "crypto": "-0.50", "option": "-1"},
    "crypto-2022": {"equity": "-0.25", "crypto": "-0.75", "option": "-1"},
    "flash-crash": {"equity": "-0.10", "crypto": "-0.35", "option": "-1"},
}
"""The scenarios that every session has, unless its limits replace one by its name."""


def scenarios_of(shocks: Mapping[str, Mapping[str, Decimal | str]]) -> tuple[Scenario, ...]:
    """Return the scenarios of the past with a session's own, in the order of their names."""
    every = {**PAST, **shocks}
    return tuple(
        Scenario(name, tuple((key, Decimal(each)) for key, each in sorted(every[name].items())))
        for name in sorted(every)
    )


_NOTHING = (ZERO, ZERO)


class Shocks:
    """What each scenario does to each listing, worked out once.

    Listings that all scenarios shock alike are one kind; most books hold few kinds.
    """

    def __init__(self, scenarios: Iterable[Scenario]) -> None:
        self.scenarios = tuple(scenarios)
        self._kinds: list[tuple[Decimal, ...]] = []
        self._known: dict[str, tuple[Instrument | None, int]] = {}
        # What is held, by kind and summed, and the book for which that is so.
        self._layout: object = None
        self._members: dict[int, list[str]] = {}
        self._worth: Worth | None = None
        self._sums: dict[int, tuple[Decimal, Decimal]] = {}

    def of(self, listing: str, instrument: Instrument | None) -> tuple[Decimal, ...]:
        """Return the shock of each scenario; nothing is known of an unknown instrument: -1."""
        return self._kinds[self._kind(listing, instrument)]

    def losses_of(
        self, book: Book, exposures: Exposures, ordered: Iterable[str]
    ) -> tuple[Decimal, ...]:
        """Return what the book loses in each scenario; ``ordered`` are listings with open orders.

        The same as `losses`, but what is held is summed again only after it has changed.
        """
        worth, instruments = book.worth, book.market.instruments
        sums, values = dict(self._held(worth, instruments)), worth.values
        for listing in ordered:
            kind = self._kind(listing, instruments.get(listing))
            (most, least), held = sums.get(kind, _NOTHING), values.get(listing, ZERO)
            extremes = exposures[listing]
            sums[kind] = most + extremes.most - held, least + extremes.least - held
        return self._losses(sums)

    def _held(
        self, worth: Worth, instruments: Mapping[str, Instrument]
    ) -> dict[int, tuple[Decimal, Decimal]]:
        if self._worth is worth:
            return self._sums
        if self._layout is not worth.layout:
            members: dict[int, list[str]] = {}
            for listing in worth.values:
                kind = self._kind(listing, instruments.get(listing))
                members.setdefault(kind, []).append(listing)
            self._layout, self._members = worth.layout, members
        values, self._sums = worth.values, {}
        for kind, listings in self._members.items():
            total = sum([values[each] for each in listings], ZERO)
            self._sums[kind] = total, total
        self._worth = worth
        return self._sums

    def losses(
        self, exposures: Exposures, instruments: Mapping[str, Instrument]
    ) -> tuple[Decimal, ...]:
        """Return what the book loses in each scenario; a gain is below zero."""
        sums: dict[int, tuple[Decimal, Decimal]] = {}
        for listing, (most, least) in exposures.items():
            kind = self._kind(listing, instruments.get(listing))
            known = sums.get(kind)
            sums[kind] = (most, least) if known is None else (known[0] + most, known[1] + least)
        return self._losses(sums)

    def _losses(self, sums: Mapping[int, tuple[Decimal, Decimal]]) -> tuple[Decimal, ...]:
        totals = [ZERO] * len(self.scenarios)
        for kind, (most, least) in sums.items():
            for place, shock in enumerate(self._kinds[kind]):
                totals[place] += loss_of(most, least, shock)
        return tuple(totals)

    def _kind(self, listing: str, instrument: Instrument | None) -> int:
        known = self._known.get(listing)
        if known is not None and known[0] is instrument:
            return known[1]
        shocks = tuple(
            Decimal(-1) if instrument is None else each.shock_of(instrument)
            for each in self.scenarios
        )
        if shocks not in self._kinds:
            self._kinds.append(shocks)
        kind = self._kinds.index(shocks)
        self._known[listing] = instrument, kind
        return kind


def loss_of(most: Decimal, least: Decimal, shock: Decimal) -> Decimal:
    """Return what is lost in the worse of the two values that a position could have."""
    return -shock * (most if shock < 0 else least)
