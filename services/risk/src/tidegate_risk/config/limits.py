"""Sizing and limits of a session, as its ``limits:`` in `tidegate.yaml` may set them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from tidegate_risk.config.breakers import BreakerSettings
from tidegate_risk.config.exposure import ExposureLimits
from tidegate_risk.config.options import OptionLimits
from tidegate_risk.config.orders import OrderLimits
from tidegate_risk.config.portfolio import PortfolioLimits
from tidegate_risk.config.profiles import PROFILES
from tidegate_risk.config.signals import SignalLimits
from tidegate_risk.config.sizing import SizingLimits

OVERRIDES_MAX = 250
"""Of each kind: limits of every strategy are compared with those of every symbol."""

Overrides = Annotated[dict[str, dict[str, Any]], Field(max_length=OVERRIDES_MAX)]
OVERRIDES = ("accounts", "strategies", "symbols")


class OverrideError(ValueError):
    """A limit of an account, a strategy or a symbol cannot be; ``place`` is where it stands."""

    def __init__(self, place: str, detail: Mapping[str, Any]) -> None:
        super().__init__(
            f"expected valid limits in {place}: {detail['msg']}, found {detail['input']}"
        )
        self.place = place
        self.detail = detail


class SharedLimits(
    SignalLimits, OptionLimits, ExposureLimits, OrderLimits, SizingLimits, PortfolioLimits
):
    """What a session, one of its strategies or one symbol may set."""

    @model_validator(mode="after")
    def _sizes_fit_their_limits(self) -> Self:
        limit = min(self.order_notional_max_fraction, self.symbol_exposure_max_fraction)
        if self.position_fraction > limit:
            message = (
                f"expected position_fraction at most {limit}, the smaller of "
                "order_notional_max_fraction and symbol_exposure_max_fraction, found "
                f"{self.position_fraction}: every full-sized entry would be refused"
            )
            raise ValueError(message)
        return self


class RiskLimits(SharedLimits):
    """Sizing and limits of one session, with what differs for a strategy or a symbol."""

    profile: Literal["conservative", "moderate", "aggressive"] | None = Field(
        None, description="Limits by a name; what stands beside it goes before."
    )
    breakers: BreakerSettings = Field(
        default_factory=BreakerSettings, description="What shuts trading by itself."
    )
    accounts: Overrides = Field(
        default_factory=dict,
        description="Limits of this table that differ for the sessions of an account, by its name.",
    )
    strategies: Overrides = Field(
        default_factory=dict,
        description="Limits of this table that differ for a strategy, by its name.",
    )
    symbols: Overrides = Field(
        default_factory=dict,
        description="Limits of this table that differ for a symbol, by its name; where its "
        "strategy has set the same limit, the stricter one counts.",
    )

    @model_validator(mode="before")
    @classmethod
    def _begin_with_the_profile(cls, given: Any) -> Any:  # noqa: ANN401 - whatever was written
        if not isinstance(given, Mapping) or not isinstance(given.get("profile"), str):
            return given
        return {**PROFILES.get(given["profile"], {}), **given}

    @model_validator(mode="after")
    def _overrides_are_valid(self) -> Self:
        for what in OVERRIDES:
            for name, changes in getattr(self, what).items():
                try:
                    self.with_changes(changes)
                except ValidationError as error:
                    first = error.errors(include_url=False)[0]
                    place = ".".join([what, name, *(str(part) for part in first["loc"])])
                    raise OverrideError(place, first) from error
        return self

    def with_changes(self, changes: Mapping[str, Any]) -> SharedLimits:
        """Return these limits with those of a strategy or symbol in their place."""
        own = self.model_dump(include=set(SharedLimits.model_fields))
        return SharedLimits.model_validate({**own, **changes})

    def of_account(self, account: str) -> RiskLimits:
        """Return the limits as they are for an account's sessions."""
        changes = self.accounts.get(account)
        if not changes:
            return self
        own = self.with_changes(changes).model_dump()
        return RiskLimits.model_validate({**self.model_dump(), **own})
