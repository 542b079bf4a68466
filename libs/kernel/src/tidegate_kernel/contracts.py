"""Options by their symbols: the OCC's naming, without its padding, as brokers write it.

``AAPL271217C00200000`` is a call on AAPL that expires on 2027-12-17 with a strike of 200. Prices
and quantities of options count units of the underlying everywhere in this house; venues count
contracts, which are turned into units where their words are read and written.

Source: the Options Clearing Corporation's option symbology of 2010: root of up to 6 characters,
date as yymmdd, C or P, strike in thousandths with 8 digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

CONTRACT_UNITS = Decimal(100)
"""What a standard contract delivers; no other is traded."""
_ONE = Decimal(1)
_SYMBOL = re.compile(r"([A-Z]{1,6})(\d\d)(\d\d)(\d\d)([CP])(\d{8})", re.ASCII)
_STRIKE_PLACES = 3
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class OptionSymbol:
    """What a symbol says of its option."""

    underlying: str
    expires_on: date
    is_call: bool
    strike: Decimal


@lru_cache(maxsize=4096)
def option_of(symbol: str) -> OptionSymbol | None:
    """Read an option's symbol; None for everything else.

    A root that ends in a digit is that of an adjusted contract, which delivers something else than
    100 units: such a symbol is none here.
    """
    match = _SYMBOL.fullmatch(symbol)
    if match is None:
        return None
    root, year, month, day, right, strike = match.groups()
    try:
        expires_on = date(_CENTURY + int(year), int(month), int(day))
    except ValueError:
        return None
    scaled = Decimal(strike).scaleb(-_STRIKE_PLACES)
    return OptionSymbol(root, expires_on, right == "C", scaled.normalize() + 0)


def is_option(symbol: str) -> bool:
    """Tell whether a symbol is an option's."""
    return option_of(symbol) is not None


def underlying_of(symbol: str) -> str:
    """Return the symbol that an option is on; everything else is its own."""
    option = option_of(symbol)
    return symbol if option is None else option.underlying


def units_of(symbol: str) -> Decimal:
    """Return how many units a venue's one of a symbol is: of an option a contract, else 1."""
    return CONTRACT_UNITS if is_option(symbol) else _ONE
