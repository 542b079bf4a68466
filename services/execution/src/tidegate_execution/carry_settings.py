"""Settings of what holding costs or brings at the paper venue: `venue.carry` of a session.

`tidegate backtest --carry FILE` reads the same from a file of its own.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tidegate_contracts.market import AssetClass
from tidegate_execution.core.paper.carry.parameters import (
    CarryRules,
    Dividend,
    FundingPoint,
    Rate,
    Split,
)
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import NS_PER_SECOND, parse_time

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_RATIO = re.compile(r"([1-9][0-9]{0,5}):([1-9][0-9]{0,5})")
_HUNDRED = Decimal(100)
_BPS = Decimal(10_000)


def _time_of_day(text: str) -> str:
    if not _TIME_OF_DAY.fullmatch(text):
        message = "expected a time of day in UTC such as 08:00"
        raise ValueError(message)
    return text


def _moment(text: str) -> str:
    try:
        parse_time(text)
    except TimeError:
        message = "expected an ISO 8601 time such as 2024-02-09 or 2024-02-09T14:30:00Z"
        raise ValueError(message) from None
    return text


def _ratio(text: str) -> str:
    if not _RATIO.fullmatch(text):
        message = "expected new units for old ones such as 4:1, or 1:10 for a reverse split"
        raise ValueError(message)
    return text


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Moment = Annotated[str, AfterValidator(_moment)]
Ratio = Annotated[str, AfterValidator(_ratio)]
Class = Literal["crypto", "equity", "option"]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Whose(_Settings):
    """One symbol, or all of an asset class."""

    symbol: str = Field("", description="Whose rate it is; comes before its asset class's.")
    asset_class: Class | None = Field(None, description="Of all symbols of the class.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.symbol) == (self.asset_class is not None):
            message = "expected either a symbol or an asset_class"
            raise ValueError(message)
        return self

    def rate_of(self, rate: Decimal) -> Rate:
        """Return what the venue is told."""
        found = self.asset_class
        asset_class = AssetClass.UNSPECIFIED if found is None else AssetClass[found.upper()]
        return Rate(rate, self.symbol, asset_class)


class BorrowSettings(_Whose):
    """What a short costs."""

    annual_percent: Decimal = Field(gt=0, le=1_000, description="Cost of a short, of its value.")


class FundingSettings(_Whose):
    """What one side of a perpetual contract pays the other, always the same."""

    rate_bps: Decimal = Field(
        ge=-1_000,
        le=1_000,
        description="At each of `funding_at`, of the value: longs pay shorts, below 0 shorts pay.",
    )


class FundingPointSettings(_Settings):
    """The same as a venue told it."""

    symbol: str = Field(min_length=1, description="A perpetual contract.")
    at: Moment = Field(description="When it was paid.")
    rate_bps: Decimal = Field(ge=-1_000, le=1_000, description="The rate that was told for it.")


class DividendSettings(_Settings):
    """Cash per unit."""

    symbol: str = Field(min_length=1, description="What pays it.")
    ex: Moment = Field(description="From when on it trades without; who held before is paid then.")
    amount: Decimal = Field(gt=0, description="Per unit, in the quote currency; shorts pay it.")


class SplitSettings(_Settings):
    """New units for old ones."""

    symbol: str = Field(min_length=1, description="What is split.")
    ex: Moment = Field(description="From when on it trades in new units.")
    ratio: Ratio = Field(description="New units for old ones, as 4:1.")


class CarrySettings(_Settings):
    """Everything that holding costs or brings; by default nothing."""

    borrow: tuple[BorrowSettings, ...] = Field(default=(), description="What shorts cost.")
    borrow_at: TimeOfDay = Field(
        default="00:00", description="When a day of borrowing is due, each calendar day, UTC."
    )
    borrow_days: Literal[360, 365] = Field(
        default=360, description="Days of the year of the rates."
    )
    funding: tuple[FundingSettings, ...] = Field(
        default=(), description="What perpetual contracts cost or bring, always the same."
    )
    funding_at: tuple[TimeOfDay, ...] = Field(
        default=("00:00", "08:00", "16:00"), description="When funding is due, UTC."
    )
    funding_rates: tuple[FundingPointSettings, ...] = Field(
        default=(), description="What they cost or brought by what a venue told."
    )
    dividends: tuple[DividendSettings, ...] = Field(default=(), description="Cash per unit.")
    splits: tuple[SplitSettings, ...] = Field(default=(), description="New units for old ones.")
    options_expire: bool = Field(
        default=False,
        description="Whether options end at their expiry: exercised, assigned or worthless.",
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _once("borrow", [each.symbol or each.asset_class for each in self.borrow])
        _once("funding", [each.symbol or each.asset_class for each in self.funding])
        _once("funding_at", self.funding_at)
        _once("funding_rates", [(e.symbol, _ns(e.at)) for e in self.funding_rates])
        _once("dividends", [(each.symbol, _ns(each.ex)) for each in self.dividends])
        _once("splits", [(each.symbol, _ns(each.ex)) for each in self.splits])
        both = {e.symbol for e in self.funding} & {e.symbol for e in self.funding_rates}
        if both:
            message = f"expected {min(both)} in funding or in funding_rates, found it in both"
            raise ValueError(message)
        return self


T = TypeVar("T")


def _once(name: str, keys: list[T] | tuple[T, ...]) -> None:
    for place, key in enumerate(keys):
        if key in keys[:place]:
            message = f"expected each of {name} once, found {key} twice"
            raise ValueError(message)


def rules_of(settings: CarrySettings) -> CarryRules:
    """Return what the venue is told."""
    return CarryRules(
        borrow=tuple(each.rate_of(each.annual_percent / _HUNDRED) for each in settings.borrow),
        borrow_at_ns=_day_ns(settings.borrow_at),
        borrow_days=settings.borrow_days,
        funding=tuple(each.rate_of(each.rate_bps / _BPS) for each in settings.funding),
        funding_at_ns=tuple(_day_ns(each) for each in settings.funding_at),
        funding_points=tuple(
            FundingPoint(each.symbol, _ns(each.at), each.rate_bps / _BPS)
            for each in settings.funding_rates
        ),
        dividends=tuple(Dividend(e.symbol, _ns(e.ex), e.amount) for e in settings.dividends),
        splits=tuple(_split(each) for each in settings.splits),
        options_expire=settings.options_expire,
    )


def _split(settings: SplitSettings) -> Split:
    new, _, old = settings.ratio.partition(":")
    return Split(settings.symbol, _ns(settings.ex), int(new), int(old))


def _ns(text: str) -> int:
    return parse_time(text)[0]


def _day_ns(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return (int(hours) * 60 + int(minutes)) * 60 * NS_PER_SECOND
