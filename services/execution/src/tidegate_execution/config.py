"""Execution's settings of a session: its venue, and the caps that risk cannot write.

They are the session's ``venue:`` in `tidegate.yaml`. Durations are text such as ``250ms`` or
``1d``; money is in the session's currency.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from tidegate_chassis.configuration.explain import known_keys
from tidegate_chassis.configuration.problem import Problem
from tidegate_chassis.configuration.trading_mode import LIVE
from tidegate_chassis.configuration.wording import expected_in, found_in
from tidegate_execution.carry_settings import CarrySettings, rules_of
from tidegate_execution.core.exits.attached import NEVER
from tidegate_execution.core.exits.plan import NONE
from tidegate_execution.core.paper.parameters import (
    FeeSchedule,
    FeeTier,
    IntrabarPath,
    MatchingRules,
    PaperVenueParameters,
    QueueModel,
    SlippageModel,
)
from tidegate_execution.core.parameters import (
    PAPER_VENUE_MODEL,
    ExecutionParameters,
    HardCaps,
    RateBudget,
    VenueModel,
)
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, parse_duration

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session

RECONCILE_EVERY_NS = 30 * NS_PER_SECOND
RETRY_AFTER_NS = NS_PER_SECOND
RETRY_AFTER_MAX_NS = 30 * NS_PER_SECOND
# A comparison costs a lockstep session two rounds, and there it can only find our own errors.
RECONCILE_EVERY_LOCKSTEP_NS = 7 * NS_PER_DAY


def _duration(text: str) -> str:
    if text != "0":
        parse_duration(text)
    return text


PAPER, ALPACA, CCXT = "paper", "alpaca", "ccxt"
ALPACA_VENUE_MODEL = VenueModel(
    ids_unique_for_ever=True,
    not_found_conclusive_after_ns=60 * NS_PER_SECOND,
    watched_for_ns=3_600 * NS_PER_SECOND,
)
"""Nothing that was sent carries a time, so an order may appear late: watched for an hour."""

CCXT_VENUE_MODEL = VenueModel(
    ids_unique_for_ever=False, not_found_conclusive_after_ns=15 * NS_PER_SECOND
)
"""Ids count among open orders. A request is refused 2 s after its time; the rest is margin."""

BasisPoints = Annotated[Decimal, Field(ge=0, le=1_000)]
Rate = Annotated[Decimal, Field(ge=-100, le=1_000)]
Duration = Annotated[str, AfterValidator(_duration)]


class FeeTierSettings(BaseModel):
    """Rates from a volume on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    volume_from: Decimal = Field(ge=0, description="Value traded on the 30 days before.")
    maker_bps: Rate = Field(description="Fee of what rested; below 0 a rebate.")
    taker_bps: Rate = Field(description="Fee of what took liquidity.")


class VenueSettings(BaseModel):
    """Where a session trades, and execution's own bounds. Fees and below are the paper venue's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["paper", "alpaca", "ccxt"] = Field(
        "paper",
        description="`paper` is the venue inside; `alpaca` and `ccxt` trade where the feed of the "
        "same kind comes from.",
    )
    fee_bps: BasisPoints = Field(
        Decimal(1), description="Fee of an execution, in basis points of its value."
    )
    fee_per_unit: Decimal = Field(
        Decimal(0), ge=0, description="Fee per unit, in the instrument's quote currency."
    )
    fee_per_contract: Decimal = Field(
        Decimal(0), ge=0, description="Fee per contract of an option, in its quote currency."
    )
    maker_fee_bps: Rate | None = Field(
        None, description="Fee of what rested, below 0 a rebate. Default: `fee_bps`."
    )
    taker_fee_bps: Rate | None = Field(
        None, description="Fee of what took liquidity. Default: `fee_bps`."
    )
    fee_tiers: tuple[FeeTierSettings, ...] = Field(
        (),
        description="Rates by the value traded on the 30 UTC days before, ascending: a list of "
        "`volume_from`, `maker_bps`, `taker_bps`.",
    )
    order_fee_min: Decimal = Field(
        Decimal(0), ge=0, description="The least that an order costs which is executed at all."
    )
    slippage_bps: BasisPoints = Field(
        Decimal(2), description="How much worse than the open a market order fills."
    )
    slippage_model: Literal["fixed", "spread", "volatility", "square_root"] = Field(
        "fixed",
        description="What is added to `slippage_bps`, measured on the 20 bars before: "
        "`slippage_factor` times the spread, the volatility, or the square-root impact.",
    )
    slippage_factor: Decimal = Field(
        Decimal("0.5"),
        ge=0,
        le=100,
        description="The share of spread or volatility, or the square root's Y; unused by `fixed`.",
    )
    latency: Duration = Field("0", description="From an order's cause to its arrival, as 250ms.")
    touch_fills: bool = Field(
        default=False, description="Whether a bar that only touches a limit fills it."
    )
    volume_share: Decimal = Field(
        Decimal(0), ge=0, le=1, description="Largest share of a bar's volume that fills; 0 = all."
    )
    queue: Literal["none", "volume"] = Field(
        "none",
        description="What stands ahead of a resting limit; volume: a bar fills of it what traded "
        "beyond the limit, its volume spread evenly over its range.",
    )
    intrabar_path: Literal["pessimistic", "high_first", "low_first", "nearest_first"] = Field(
        "pessimistic",
        description="Which extreme of a bar comes first; pessimistic: the one that is worse for "
        "the order, so of a stop and a target in one bar the stop.",
    )
    negative_cash_allowed: bool = Field(
        default=False, description="Whether the venue lends cash without bound."
    )
    short_margin: Decimal = Field(
        Decimal(0),
        ge=0,
        le=10,
        description="Share of the value of all shorts that must be free besides what buys them "
        "back, when one is added; 0 = no check.",
    )
    carry: CarrySettings = Field(
        CarrySettings(),
        description="What holding costs or brings without an order; by default nothing.",
    )
    order_quantity_max: Decimal = Field(
        Decimal(10_000_000), gt=0, description="Hard cap on the quantity of one entry, in units."
    )
    order_notional_max: Decimal | None = Field(
        None, gt=0, description="Hard cap on the value of one entry. Default: the capital."
    )
    orders_per_minute_max: int = Field(
        120, ge=1, le=100_000, description="Most entries sent in a minute of session time."
    )
    protective_exits: Literal["none", "stop", "bracket"] = Field(
        "none",
        description="What is placed when an entry fills: nothing, a stop where risk or the signal "
        "says, or a stop and a target of which one ends the other.",
    )
    native_entries: Literal["never", "market"] = Field(
        "never",
        description="Which entries Alpaca is given together with their `protective_exits`; market: "
        "those at the market of whole US shares. Such exits work once all of the entry has filled: "
        "limit entries are always sent alone, and each part that fills is protected by itself.",
    )
    ids_unique_for_ever: bool = Field(
        default=True, description="Whether the venue takes a client order id only once, ever."
    )

    @field_validator("fee_tiers")
    @classmethod
    def _ascending(cls, tiers: tuple[FeeTierSettings, ...]) -> tuple[FeeTierSettings, ...]:
        volumes = [each.volume_from for each in tiers]
        if volumes != sorted(set(volumes)):
            message = "expected each tier's volume_from above the one before"
            raise ValueError(message)
        return tiers

    @property
    def is_real(self) -> bool:
        """Whether it is a venue outside, reached through its own client."""
        return self.kind != PAPER

    @property
    def model(self) -> VenueModel:
        """How it treats client order ids."""
        if self.kind == ALPACA:
            return ALPACA_VENUE_MODEL
        if self.kind == CCXT:
            return CCXT_VENUE_MODEL
        found_ns = PAPER_VENUE_MODEL.not_found_conclusive_after_ns
        return VenueModel(self.ids_unique_for_ever, found_ns)


_OF_PAPER = (
    "fee_bps",
    "fee_per_unit",
    "fee_per_contract",
    "maker_fee_bps",
    "taker_fee_bps",
    "fee_tiers",
    "order_fee_min",
    "slippage_bps",
    "slippage_model",
    "slippage_factor",
    "latency",
    "touch_fills",
    "volume_share",
    "queue",
    "intrabar_path",
    "negative_cash_allowed",
    "short_margin",
    "carry",
    "ids_unique_for_ever",
)


def venue_settings_of(session: Session) -> VenueSettings:
    """Return a session's venue; what is wrong with it is said by `check`."""
    return VenueSettings.model_validate(session.venue)


def execution_parameters_of(session: Session) -> ExecutionParameters:
    """Return what the session's execution machine is told."""
    settings = venue_settings_of(session)
    lockstep = session.clock == "lockstep"
    # A replay's session time passes faster than the wall's; what the wall paces is stretched.
    speed = 1.0 if lockstep else session.speed
    cap = settings.order_notional_max
    return ExecutionParameters(
        session=session.name,
        account=session.account,
        lockstep=lockstep,
        session_clock_is_wall=not lockstep and session.feed.kind != "replay",
        caps=HardCaps(
            order_quantity_max=settings.order_quantity_max,
            order_notional_max=session.capital.amount if cap is None else cap,
        ),
        rate=RateBudget(settings.orders_per_minute_max, 60 * NS_PER_SECOND),
        venue_model=settings.model,
        venue=settings.kind,
        spot=session.feed.market == "spot",
        exchange=session.feed.exchange or "",
        protective_exits=settings.protective_exits,
        native_entries=settings.native_entries,
        reconcile_every_ns=(
            RECONCILE_EVERY_LOCKSTEP_NS if lockstep else int(RECONCILE_EVERY_NS * speed)
        ),
        retry_after_ns=int(RETRY_AFTER_NS * speed),
        retry_after_max_ns=int(RETRY_AFTER_MAX_NS * speed),
    )


def venue_parameters_of(session: Session) -> PaperVenueParameters:
    """Return what the session's paper venue is told."""
    settings = venue_settings_of(session)
    return PaperVenueParameters(
        session=session.name,
        currency=session.capital.currency,
        cash=session.capital.amount,
        rules=MatchingRules(
            slippage_bps=settings.slippage_bps,
            slippage_model=SlippageModel(settings.slippage_model),
            slippage_factor=settings.slippage_factor,
            latency_ns=0 if settings.latency == "0" else parse_duration(settings.latency),
            touch_fills=settings.touch_fills,
            volume_share=settings.volume_share,
            queue=QueueModel(settings.queue),
            intrabar_path=IntrabarPath(settings.intrabar_path),
        ),
        fees=_fees_of(settings),
        negative_cash_allowed=settings.negative_cash_allowed,
        short_margin=settings.short_margin,
        ids_unique_for_ever=settings.ids_unique_for_ever,
        carry=rules_of(settings.carry),
    )


def _fees_of(settings: VenueSettings) -> FeeSchedule:
    return FeeSchedule(
        fee_bps=settings.fee_bps,
        fee_per_unit=settings.fee_per_unit,
        fee_per_contract=settings.fee_per_contract,
        maker_bps=settings.maker_fee_bps,
        taker_bps=settings.taker_fee_bps,
        tiers=tuple(
            FeeTier(each.volume_from, each.maker_bps, each.taker_bps) for each in settings.fee_tiers
        ),
        order_fee_min=settings.order_fee_min,
    )


def check(configuration: Configuration) -> list[Problem]:
    """Return everything that is wrong with the sessions' venues."""
    problems: list[Problem] = []
    accounts: dict[str, str] = {}
    for session in configuration.sessions:
        place = f"sessions.{session.name}"
        try:
            settings = venue_settings_of(session)
        except ValidationError as error:
            problems += [_problem(place, each) for each in error.errors(include_url=False)]
            continue
        problems += _of_kind(session, settings, place)
        problems += _of_native_entries(settings, place)
        if settings.is_real:
            feed = session.feed
            account = f"{settings.kind} {feed.exchange or ''} {feed.market}"
            other = accounts.setdefault(account, session.name)
            if other != session.name:
                hint = "two sessions would find each other's orders there; give one of them up"
                expected = f"one session at {settings.kind}, whose keys are one account"
                found = f"{other} and {session.name}"
                problems.append(Problem(f"{place}.venue.kind", expected, found, hint))
    return problems


def _of_kind(session: Session, settings: VenueSettings, place: str) -> list[Problem]:
    if not settings.is_real:
        if session.mode != LIVE:
            return []
        hint = "set `mode: paper`, or `kind: alpaca`: the paper venue moves no money"
        return [Problem(f"{place}.mode", "paper at the paper venue", LIVE, hint)]
    fields, problems = VenueSettings.model_fields, []
    for name in _OF_PAPER:
        value = getattr(settings, name)
        if value != fields[name].default:
            expected = f"it left out: a real venue has its own, kind is {settings.kind}"
            problems.append(Problem(f"{place}.venue.{name}", expected, str(value)))
    if session.feed.kind != settings.kind:
        hint = "instruments, ticks and lots are the venue's own"
        expected = f"{settings.kind}, as the venue"
        problems.append(Problem(f"{place}.feed.kind", expected, session.feed.kind, hint))
    elif settings.kind == CCXT and session.feed.testnet == (session.mode == LIVE):
        hint = "a paper session trades on the testnet by its bars, a live one never does"
        expected = "false with mode: live" if session.mode == LIVE else "true with mode: paper"
        found = str(session.feed.testnet).lower()
        problems.append(Problem(f"{place}.feed.testnet", expected, found, hint))
    return problems


def _of_native_entries(settings: VenueSettings, place: str) -> list[Problem]:
    if settings.native_entries == NEVER:
        return []
    hint = "no other venue takes an entry with its exits; leave native_entries out"
    place = f"{place}.venue"
    problems = []
    if settings.kind != ALPACA:
        problems.append(
            Problem(f"{place}.kind", f"{ALPACA} with native_entries", settings.kind, hint)
        )
    if settings.protective_exits == NONE:
        expected = "stop or bracket with native_entries"
        hint = "an entry is sent with the exits that the session wants"
        problems.append(Problem(f"{place}.protective_exits", expected, NONE, hint))
    return problems


def _problem(place: str, detail: object) -> Problem:
    assert isinstance(detail, dict)
    path = ".".join([place, "venue", *(str(part) for part in detail["loc"])])
    if detail["type"] == "extra_forbidden":
        known = known_keys(detail["loc"][:-1], VenueSettings.model_json_schema())
        expected, found = f"one of {', '.join(known)}", f"the unknown key {detail['loc'][-1]!r}"
    else:
        expected, found = expected_in(detail), found_in(detail)
    return Problem(path, expected, found, "see services/execution/README.md")
