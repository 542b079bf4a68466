"""How the entries of a strategy are placed: the setting `entry`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tidegate_chassis.configuration.fields import BasisPoints, Settings, Timeframe, bps_of


class EntryConfiguration(Settings):
    """How the entries of a strategy are placed. Its exits always go to the market."""

    style: Literal["market", "limit", "stop", "stop_limit"] = Field(
        description="`limit` waits for a better price than the close, `stop` for a worse one."
    )
    offset: BasisPoints = Field(
        default="0bps",
        description="Of limit: how much better than the close; of stop and stop_limit: how far "
        "beyond it the trigger is.",
    )
    limit_offset: BasisPoints = Field(
        default="0bps", description="Of stop_limit: how far beyond its trigger the limit is."
    )
    time_in_force: Literal["gtc", "day", "ioc", "fok"] = Field(
        default="gtc", description="How long the order works, where `valid_for` does not say it."
    )
    valid_for: Timeframe | None = Field(
        default=None, description="The order expires so long after its bar's end, as 10m."
    )
    post_only: bool = Field(
        default=False, description="Of limit: rejected rather than filled at once as a taker."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        waits, triggered = self.style != "market", self.style in {"stop", "stop_limit"}
        at_once = self.time_in_force in {"ioc", "fok"}
        for wrong, message in (
            (not waits and bps_of(self.offset), "expected offset only with an order that waits"),
            (
                self.style != "stop_limit" and bps_of(self.limit_offset),
                "expected limit_offset only with stop_limit",
            ),
            (not waits and self.valid_for, "expected valid_for only with an order that waits"),
            (
                self.valid_for and self.time_in_force != "gtc",
                "expected either valid_for or time_in_force",
            ),
            (self.post_only and self.style != "limit", "expected post_only only with limit"),
            (
                at_once and (triggered or self.post_only),
                "expected ioc and fok only with an order that does not wait",
            ),
        ):
            if wrong:
                text = f"{message}, found style {self.style}"
                raise ValueError(text)
        return self
