"""How the entries of a strategy are placed: the setting `entry`."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from tidegate_chassis.configuration.fields import BasisPoints, Settings, Timeframe, bps_of
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, parse_duration

SLICES_MAX = 1_000
DAYS_MAX = 7
"""How many slices an order may have, and over how many days."""


class EntryConfiguration(Settings):
    """How the entries of a strategy are placed. Its exits always go to the market, whole."""

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
    extended_hours: bool = Field(
        default=False,
        description="Of limit: it also works before and after the regular session, and exits may "
        "leave then; the limits say whether that is allowed.",
    )
    algorithm: Literal["twap", "vwap", "iceberg"] | None = Field(
        default=None,
        description="Of market and limit (an iceberg: of limit): how it is sliced. Default: whole.",
    )
    over: Timeframe | None = Field(
        default=None, description="Of twap and vwap: how long slices are sent, as 10m; up to 7d."
    )
    slices: int = Field(
        default=0, ge=0, le=SLICES_MAX, description="Of twap: how many, a second for each at least."
    )
    participation: Decimal | None = Field(
        default=None, gt=0, le=1, description="Of vwap: the share of what each bar has traded."
    )
    display: Decimal | None = Field(
        default=None, gt=0, lt=1, description="Of iceberg: the share of the order that is open."
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
                self.extended_hours and self.style != "limit",
                "expected extended_hours only with limit",
            ),
            (
                self.extended_hours and (at_once or self.valid_for),
                "expected extended_hours only with time_in_force gtc or day",
            ),
            (
                at_once and (triggered or self.post_only),
                "expected ioc and fok only with an order that does not wait",
            ),
        ):
            if wrong:
                text = f"{message}, found style {self.style}"
                raise ValueError(text)
        return self

    @model_validator(mode="after")
    def _is_sliced_as_its_algorithm_asks(self) -> Self:
        kind, over_ns = self.algorithm, parse_duration(self.over) if self.over else 0
        scheduled = kind in {"twap", "vwap"}
        styles = {"limit"} if kind == "iceberg" else {"market", "limit"}
        for wrong, message in (
            (kind and self.style not in styles, f"{kind} only with {' or '.join(sorted(styles))}"),
            (kind and self.time_in_force != "gtc", f"{kind} only with time_in_force gtc"),
            (scheduled and self.valid_for, f"no valid_for with {kind}, which `over` ends"),
            (scheduled != bool(over_ns), "over with twap and vwap, and only there"),
            (over_ns > DAYS_MAX * NS_PER_DAY, f"over at most {DAYS_MAX}d"),
            ((kind == "twap") != bool(self.slices), "slices with twap, and only there"),
            (over_ns < self.slices * NS_PER_SECOND, "over at least a second for each slice"),
            ((kind == "vwap") != bool(self.participation), "participation with vwap, only there"),
            ((kind == "iceberg") != bool(self.display), "display with iceberg, and only there"),
        ):
            if wrong:
                text = f"expected {message}, found algorithm {kind} and style {self.style}"
                raise ValueError(text)
        return self
