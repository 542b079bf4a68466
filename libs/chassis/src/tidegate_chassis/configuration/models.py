"""The configuration as types: what `tidegate.yaml` may hold.

These models know the shape. What a strategy's parameters, a session's limits, a venue's model and
the alert rules may hold is each service's own knowledge: see `check` in its ``config.py``.
"""

from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tidegate_chassis.configuration.entries import EntryConfiguration
from tidegate_chassis.configuration.fields import (
    Moment,
    Name,
    Options,
    Settings,
    Symbol,
    Timeframe,
)
from tidegate_kernel.time import parse_time


def _or_a_path(schema: dict[str, Any]) -> None:
    """Let a schema's mapping also be a text: the loader reads the file that it names."""
    outside = ("description", "title")
    mapping = {name: value for name, value in schema.items() if name not in outside}
    for name in mapping:
        del schema[name]
    schema["anyOf"] = [mapping, {"type": "string", "minLength": 1}]


class Money(Settings):
    """An amount in a currency."""

    amount: Decimal = Field(gt=0, max_digits=24, decimal_places=8, description="The amount.")
    currency: str = Field(
        default="USD", pattern="^[A-Z0-9]{2,10}$", description="What it counts, such as USD."
    )


class InstrumentConfiguration(Settings):
    """What a symbol of a feed is, where its file cannot say it; what is left out, the file says."""

    symbol: Symbol = Field(description="The symbol, as the data write it.")
    asset_class: Literal["crypto", "equity"] | None = Field(
        default=None, description="What it is. Default: a pair is crypto, the rest are equities."
    )
    base_currency: Symbol | None = Field(
        default=None, description="What its quantity counts. Default: from the symbol."
    )
    quote_currency: Symbol | None = Field(
        default=None, description="What its price counts. Default: from the symbol, else USD."
    )
    price_scale: int | None = Field(
        default=None,
        ge=0,
        le=8,
        description="Decimal places of its prices. Default: as many as the data need.",
    )
    size_scale: int | None = Field(
        default=None,
        ge=0,
        le=8,
        description="Decimal places of its volumes. Default: as many as the data need.",
    )
    tick_size: Decimal | None = Field(
        default=None,
        gt=0,
        description="Smallest step of an order's price. Default: that of the price scale.",
    )
    lot_size: Decimal | None = Field(
        default=None,
        gt=0,
        description="Smallest step of an order's quantity. Default: that of the size scale.",
    )
    min_quantity: Decimal | None = Field(
        default=None, ge=0, description="Smallest quantity of an order. Default: the lot."
    )
    min_notional: Decimal | None = Field(
        default=None, ge=0, description="Smallest value of an order, quote currency. Default: 0."
    )
    shortable: bool | None = Field(
        default=None, description="Whether it may be sold short. Default: equities only."
    )


_OF_REPLAYS = frozenset({"paths", "since", "until", "instruments", "greeks", "interest_rate"})
_OF_ALPACA = frozenset({"tape", "hours", "fractional"})
_OF_CCXT = frozenset({"exchange", "market", "testnet"})
_NOT_OF_KIND = {
    "replay": _OF_CCXT | _OF_ALPACA | {"warmup_bars"},
    "alpaca": _OF_REPLAYS | _OF_CCXT,
    "ccxt": _OF_REPLAYS | _OF_ALPACA,
}
LIVE_TIMEFRAME = "1m"


class FeedConfiguration(Settings):
    """Where a session's market data come from."""

    kind: Literal["replay", "alpaca", "ccxt"] = Field(
        default="replay",
        description="`replay` plays recorded bars of this session's own feed; `alpaca` and `ccxt` "
        "stream closed bars live.",
    )
    paths: tuple[str, ...] = Field(
        default=(),
        description="Replay: CSV or Parquet files, or folders of <SYMBOL>.csv|parquet; relative "
        "to this file.",
    )
    timeframe: Timeframe | None = Field(
        default=None,
        description="Length of a bar, such as 5m or 1d. Default: the smallest step in the data; "
        "live: 1m.",
    )
    tape: Literal["iex", "sip"] = Field(
        default="iex", description="Alpaca: the tape of US equities; `sip` needs a subscription."
    )
    hours: Literal["regular", "extended"] = Field(
        default="regular",
        description="Alpaca: bars of US equities from the regular session, or from around it too.",
    )
    fractional: bool = Field(
        default=False,
        description="Alpaca: equities are ordered in fractions of a share, and not sold short.",
    )
    exchange: Name | None = Field(
        default=None, description="ccxt: the exchange by ccxt's name, such as `binance`."
    )
    market: Literal["spot", "usdm"] = Field(
        default="spot", description="ccxt: spot, or contracts with linear margin (USD-M)."
    )
    testnet: bool = Field(
        default=False, description="ccxt: whether the exchange's testnet is meant."
    )
    warmup_bars: int = Field(
        default=200,
        ge=0,
        le=5_000,
        description="Live: how many past bars of a symbol a new feed begins with.",
    )
    since: Moment | None = Field(
        default=None,
        description="Bars that start earlier are left out: ISO 8601, UTC when it names no zone.",
    )
    until: Moment | None = Field(
        default=None, description="Bars that start then or later are left out."
    )
    greeks: Literal["none", "files", "model"] | None = Field(
        default=None,
        description="Replay: the Greeks of options, without which risk refuses them: `none`, those "
        "in the `files`, or of the `model` where the files state none. Default: model.",
    )
    interest_rate: Decimal | None = Field(
        default=None,
        ge=-1,
        le=1,
        max_digits=9,
        decimal_places=8,
        description="Replay: interest a year in the model of Greeks, continuously compounded, such "
        "as 0.04. Default: 0.",
    )
    instruments: tuple[InstrumentConfiguration, ...] = Field(
        default=(), description="What symbols are. Default: what the data tell of them."
    )

    @field_validator("instruments")
    @classmethod
    def _instruments_are_unique(
        cls, value: tuple[InstrumentConfiguration, ...]
    ) -> tuple[InstrumentConfiguration, ...]:
        _refuse_repeated("instrument", tuple(each.symbol for each in value))
        return value

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "replay" and not self.paths:
            raise ValueError("expected paths of the bars to replay, found none")
        fields = type(self).model_fields
        foreign = sorted(
            name for name in _NOT_OF_KIND[self.kind] if getattr(self, name) != fields[name].default
        )
        if foreign:
            message = f"expected nothing but fields of a feed of kind {self.kind}, found {foreign}"
            raise ValueError(message)
        if self.kind == "ccxt" and self.exchange is None:
            raise ValueError("expected exchange, such as binance, found none")
        if self.interest_rate is not None and self.greeks in {"none", "files"}:
            message = f"expected no interest_rate with greeks {self.greeks}, which need no model"
            raise ValueError(message)
        return self

    @property
    def is_live(self) -> bool:
        """Whether its bars come as the market makes them."""
        return self.kind != "replay"

    @property
    def source_of_greeks(self) -> Literal["none", "files", "model", "venue"]:
        """Where the Greeks of its options come from."""
        return "venue" if self.is_live else self.greeks or "model"

    @model_validator(mode="after")
    def _the_period_holds_something(self) -> Self:
        if self.since is None or self.until is None:
            return self
        if parse_time(self.since)[0] >= parse_time(self.until)[0]:
            message = f"expected until to be later than since, {self.since}, found {self.until}"
            raise ValueError(message)
        return self


class StrategyConfiguration(Settings):
    """One instance of a strategy."""

    name: Name = Field(description="Name of this instance, unique in its session.")
    strategy: Name = Field(description="The strategy's own name, such as ema-crossover.")
    parameters: Options = Field(default_factory=dict, description="Its parameters.")
    entry: EntryConfiguration | None = Field(
        default=None, description="How its entries are placed. Default: as the strategy says."
    )


class BooksConfiguration(Settings):
    """How often the books of a session are told, in session time, and when a mark is too old."""

    snapshot_interval: Timeframe | None = Field(
        default=None,
        description="Between account snapshots. Default: 1d in lockstep, 1m on the wall's clock.",
    )
    performance_interval: Timeframe = Field(
        default="7d", description="Between performance reports."
    )
    mark_age_max: Timeframe = Field(
        default="7d", description="A mark older than this makes a valuation stale."
    )


class Session(Settings):
    """An account with its strategies, limits, feed and clock."""

    name: Name = Field(description="Unique name of the session.")
    mode: Literal["paper", "live"] = Field(
        default="paper",
        description="`paper` trades no money: the paper venue, or a venue's own paper account or "
        "testnet. `live` also needs TRADING_MODE=live and TIDEGATE_LIVE_CONFIRM.",
    )
    clock: Literal["lockstep", "wall"] = Field(
        default="lockstep",
        description="`lockstep`: the feed's time, repeatable. `wall`: `speed` times the wall's.",
    )
    speed: float = Field(
        default=1.0,
        gt=0,
        le=1e9,
        description="Seconds of feed time per second of wall time; only with clock `wall`.",
    )
    account: Name = Field(default="", validate_default=True, description="Default: the name.")
    capital: Money = Field(description="What the account starts with.")
    feed: FeedConfiguration = Field(description="Its market data.")
    symbols: tuple[Symbol, ...] = Field(
        default=(), description="Symbols to trade. Default: every symbol of the feed."
    )
    strategies: tuple[StrategyConfiguration, ...] = Field(
        min_length=1, description="The strategies that run in this session."
    )
    limits: Options = Field(
        default_factory=dict,
        description="Sizing and limits, checked by the risk service; or the path of a YAML file "
        "that holds them, relative to this one.",
        json_schema_extra=_or_a_path,
    )
    limits_environment: dict[str, str] = Field(
        default_factory=dict,
        description="Limits by the names of environment variables; filled in from those that are "
        "set. They only tighten `limits`.",
    )
    venue: Options = Field(
        default_factory=dict,
        description="Where it trades: `kind: paper` with fees, slippage and latency, or a real "
        "venue; and execution's own caps.",
    )
    books: BooksConfiguration = Field(
        default_factory=BooksConfiguration, description="How often its books are told."
    )

    @field_validator("account", mode="before")
    @classmethod
    def _account_defaults_to_the_name(cls, value: object, info: ValidationInfo) -> object:
        return info.data.get("name", "unnamed") if value == "" else value

    @field_validator("symbols")
    @classmethod
    def _symbols_are_unique(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _refuse_repeated("symbol", value)
        return value

    @field_validator("strategies")
    @classmethod
    def _strategy_names_are_unique(
        cls, value: tuple[StrategyConfiguration, ...]
    ) -> tuple[StrategyConfiguration, ...]:
        _refuse_repeated("strategy name", tuple(each.name for each in value))
        return value

    @model_validator(mode="after")
    def _fits_its_feed(self) -> Self:
        if not self.feed.is_live:
            return self
        if self.clock != "wall" or self.speed != 1:
            found = f"clock: {self.clock} and speed: {self.speed:g}"
            message = f"expected clock: wall at speed: 1 with a live feed, found {found}"
            raise ValueError(message)
        if not self.symbols:
            raise ValueError("expected symbols to subscribe to at a live feed, found none")
        return self

    @property
    def feed_name(self) -> str:
        """The feed that this session reads.

        A replay belongs to its session alone; sessions that name the same live source share it.
        """
        feed = self.feed
        if feed.kind == "alpaca":
            return "alpaca" if feed.tape == "iex" else f"alpaca-{feed.tape}"
        if feed.kind == "ccxt":
            place = f"{feed.exchange}-{feed.market}{'-testnet' if feed.testnet else ''}"
            return f"{place}-{feed.timeframe or LIVE_TIMEFRAME}"
        return f"replay-{self.name}"


REPLICAS_MAX = 3


class ServiceConfiguration(Settings):
    """How one service runs on this machine."""

    http_host: str = Field(default="127.0.0.1", description="Address that its HTTP binds to.")
    http_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Port of its HTTP; further replicas take the next ones. Default: free ones.",
    )
    replicas: int = Field(
        default=1,
        ge=1,
        le=REPLICAS_MAX,
        description="Processes that run it: one leads a shard, the others stand by. execution: 1.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log line that is written."
    )
    trace_one_in: int = Field(
        default=1000,
        ge=0,
        le=1_000_000,
        description="Of how many traces that cause nothing one is kept; 0 keeps none.",
    )


class ServicesConfiguration(Settings):
    """The six services."""

    market_data: ServiceConfiguration = Field(
        default_factory=ServiceConfiguration, alias="market-data", description="market-data"
    )
    signals: ServiceConfiguration = Field(
        default_factory=ServiceConfiguration, description="signals"
    )
    risk: ServiceConfiguration = Field(default_factory=ServiceConfiguration, description="risk")
    execution: ServiceConfiguration = Field(
        default_factory=ServiceConfiguration, description="execution"
    )
    portfolio: ServiceConfiguration = Field(
        default_factory=ServiceConfiguration, description="portfolio"
    )
    alerts: ServiceConfiguration = Field(default_factory=ServiceConfiguration, description="alerts")

    @field_validator("execution")
    @classmethod
    def _execution_has_one_process(cls, value: ServiceConfiguration) -> ServiceConfiguration:
        if value.replicas > 1:
            message = (
                f"expected 1 process of execution, found {value.replicas}: its kill flags lie in "
                "one file, and a second process would not stop at the first one's"
            )
            raise ValueError(message)
        return value

    def of(self, service: str) -> ServiceConfiguration:
        """Return one service's part by its name, such as ``market-data``."""
        part: ServiceConfiguration = getattr(self, service.replace("-", "_"))
        return part


class Configuration(Settings):
    """Everything that `tidegate.yaml` may hold."""

    sessions: tuple[Session, ...] = Field(min_length=1, description="The sessions to run.")
    services: ServicesConfiguration = Field(
        default_factory=ServicesConfiguration, description="How the services run."
    )
    alerts: Options = Field(
        default_factory=dict, description="Alert rules and channels, checked by the alerts service."
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        _refuse_repeated("session name", tuple(each.name for each in self.sessions))
        _refuse_repeated("account", tuple(each.account for each in self.sessions))
        return self

    def session(self, name: str) -> Session:
        """Return the session of this name; asking for an unknown one is a programmer's error."""
        return next(each for each in self.sessions if each.name == name)


SERVICE_NAMES = ("market-data", "signals", "risk", "execution", "portfolio", "alerts")
"""The six services, in the order of the life of a bar."""


def _refuse_repeated(what: str, values: tuple[str, ...]) -> None:
    repeated = sorted({each for each in values if values.count(each) > 1})
    if repeated:
        message = f"expected each {what} once, found {', '.join(repeated)} again"
        raise ValueError(message)
