"""What the paper venue is told once about the cost of holding; by default nothing costs."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.market import AssetClass

BORROW_DAYS = 360


class Rate(msgspec.Struct, frozen=True):
    """A rate of a symbol, or of every symbol of an asset class; the symbol's own comes first."""

    rate: Decimal
    symbol: str = ""
    asset_class: AssetClass = AssetClass.UNSPECIFIED


class FundingPoint(msgspec.Struct, frozen=True):
    """A funding rate as a venue told it, for the interval that ends at a time."""

    symbol: str
    at_ns: int
    rate: Decimal


class Dividend(msgspec.Struct, frozen=True):
    """Cash per unit, to whoever held it before the time from which it trades without."""

    symbol: str
    ex_at_ns: int
    amount: Decimal


class Split(msgspec.Struct, frozen=True):
    """``new`` units for every ``old`` ones from a time on."""

    symbol: str
    ex_at_ns: int
    new: int
    old: int


class CarryRules(msgspec.Struct, frozen=True):
    """Everything that holding costs or brings. Times of day count from midnight, UTC."""

    # Shares per year.
    borrow: tuple[Rate, ...] = ()
    borrow_at_ns: int = 0
    # The days of a year that a daily share is taken of.
    borrow_days: int = BORROW_DAYS
    # Shares per interval, due at each of the times.
    funding: tuple[Rate, ...] = ()
    funding_at_ns: tuple[int, ...] = ()
    funding_points: tuple[FundingPoint, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    splits: tuple[Split, ...] = ()
    # True: options are exercised, assigned or worthless at their expiry.
    options_expire: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether holding costs and brings nothing, ever."""
        return self == CarryRules(
            borrow_at_ns=self.borrow_at_ns,
            borrow_days=self.borrow_days,
            funding_at_ns=self.funding_at_ns,
        )


def rate_of(rates: tuple[Rate, ...], symbol: str, asset_class: AssetClass) -> Decimal:
    """Return the rate of a symbol: its own, else that of its asset class, else 0."""
    own = [each.rate for each in rates if each.symbol == symbol]
    if own:
        return own[0]
    of_class = [each.rate for each in rates if not each.symbol and each.asset_class == asset_class]
    return of_class[0] if of_class else Decimal(0)
