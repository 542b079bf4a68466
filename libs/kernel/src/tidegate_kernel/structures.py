"""Structures of options: what several legs are together, by their symbols alone.

A structure is what one of an order with legs holds: of each leg ``ratio`` units, bought or sold.
At the expiry an option is worth what it is in the money by, so a structure whose legs all expire
on one day is then worth a sum of straight lines with kinks at the strikes. Its least value lies at
a kink, at a price of 0, or, if the calls that are sold outnumber those that are bought, nowhere: it
falls without end. Source: Hull, "Options, Futures, and Other Derivatives", on trading strategies.
"""

from __future__ import annotations

from decimal import Decimal
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.contracts import OptionSymbol, option_of
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LEGS_MIN, LEGS_MAX = 2, 4


class Leg(NamedTuple):
    """One option of a structure; ``sign`` is +1 for what is bought, -1 for what is sold, else 0."""

    symbol: str
    sign: int
    ratio: int


def faults_of(legs: Sequence[Leg], underlying: str) -> list[str]:
    """Return what keeps legs from being a structure, each with what was expected and found."""
    return list(_faults(legs, underlying))


def _faults(legs: Sequence[Leg], underlying: str) -> Iterator[str]:
    if not LEGS_MIN <= len(legs) <= LEGS_MAX:
        yield f"expected {LEGS_MIN} to {LEGS_MAX} legs, found {len(legs)}"
    symbols = [leg.symbol for leg in legs]
    others = [each for each in symbols if option_of(each) is None]
    if others:
        yield f"expected options as legs, found {', '.join(others)}"
    twice = sorted({each for each in symbols if symbols.count(each) > 1})
    if twice:
        yield f"expected each option in one leg, found {', '.join(twice)} in several"
    roots = sorted({option.underlying for option in map(option_of, symbols) if option})
    if roots and roots != [underlying]:
        yield f"expected options on {underlying or 'one underlying'}, found {', '.join(roots)}"
    if any(leg.sign == 0 for leg in legs):
        yield "expected BUY or SELL as the side of each leg, found none"
    ratios = [leg.ratio for leg in legs]
    if any(ratio < 1 for ratio in ratios):
        yield f"expected ratios of 1 or more, found {min(ratios)}"
    elif gcd(*ratios) > 1:
        found = ":".join(str(ratio) for ratio in ratios)
        yield f"expected ratios without a common divisor, found {found}: divide by {gcd(*ratios)}"


def expires_together(legs: Iterable[Leg]) -> bool:
    """Tell whether all legs are options that expire on the same day."""
    options = [option_of(leg.symbol) for leg in legs]
    return len({option.expires_on if option else None for option in options}) == 1


def worth_least(legs: Sequence[Leg]) -> Decimal | None:
    """Return the least that a structure can be worth at its expiry, signed; None: it has no bound.

    Without a bound is also what does not expire together: a later leg's worth is no straight line.
    """
    if not expires_together(legs):
        return None
    return least_worth([(leg.symbol, Decimal(leg.sign * leg.ratio)) for leg in legs])


def least_worth(held: Sequence[tuple[str, Decimal]]) -> Decimal | None:
    """Return the least that options of one expiry are worth then, in signed quantities of each.

    None: they fall without end.
    """
    options = [(_option(symbol), quantity) for symbol, quantity in held]
    if sum((quantity for option, quantity in options if option.is_call), ZERO) < 0:
        return None
    prices = [ZERO, *(option.strike for option, _ in options)]
    return min(
        sum((quantity * _worth(option, price) for option, quantity in options), ZERO)
        for price in prices
    )


def _option(symbol: str) -> OptionSymbol:
    option = option_of(symbol)
    assert option is not None, "only options are legs; see faults_of"
    return option


def _worth(option: OptionSymbol, price: Decimal) -> Decimal:
    """Return what an option is worth at its expiry, at a price of its underlying."""
    return max(price - option.strike if option.is_call else option.strike - price, ZERO)
