"""`tidegate order place|cancel|replace|show|trades`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from tidegate_cli.client import Document, Services
from tidegate_cli.commands.risk import Asking
from tidegate_cli.errors import Misused, Unreachable
from tidegate_cli.output import Output
from tidegate_execution.core.orders.attached import is_meant

__all__ = [
    "Algorithm",
    "Asking",
    "Change",
    "Place",
    "Prices",
    "Terms",
    "Wanted",
    "cancel",
    "place",
    "replace",
    "show",
    "trades",
]

SIDES = ("BUY", "SELL")
TYPES = ("MARKET", "LIMIT", "STOP", "STOP_LIMIT", "TRAILING_STOP")
TIMES = ("GTC", "DAY", "IOC", "FOK")
ALGORITHMS = {
    "TWAP": {"over", "slices"},
    "VWAP": {"over", "participation"},
    "ICEBERG": {"display_quantity"},
}
"""What each algorithm is told, all of it."""
LEG_WORDS = 2
OPTIONS = {
    "over": "--over",
    "slices": "--slices",
    "participation": "--participation",
    "display_quantity": "--display",
}
TRADE = ("event_at", "session", "strategy", "symbol", "side", "quantity", "price", "fee")
FILL = ("event_at", "execution_id", "quantity", "price", "fee", "fee_currency")


@dataclass(frozen=True, slots=True)
class Prices:
    """What an order names; ``trail`` is an amount, or a percentage as 2%."""

    limit: str | None = None
    trigger: str | None = None
    trail: str | None = None
    stop: str | None = None
    target: str | None = None

    def body(self) -> dict[str, object]:
        """Return its part of the request."""
        percent = self.trail is not None and self.trail.endswith("%")
        given = {
            "limit_price": self.limit,
            "trigger_price": self.trigger,
            "trail_amount": None if percent else self.trail,
            "trail_percent": self.trail[:-1] if self.trail and percent else None,
            "stop_price": self.stop,
            "take_profit_price": self.target,
        }
        return {name: value for name, value in given.items() if value is not None}

    @property
    def order_type(self) -> str:
        """The type that these prices belong to."""
        if self.trail is not None:
            return "TRAILING_STOP"
        if self.trigger is not None:
            return "STOP" if self.limit is None else "STOP_LIMIT"
        return "MARKET" if self.limit is None else "LIMIT"


@dataclass(frozen=True, slots=True)
class Terms:
    """How an order is to work."""

    kind: str | None = None
    tif: str | None = None
    valid_for: str | None = None
    post_only: bool = False
    extended_hours: bool = False
    reduce_only: bool = False

    def body(self) -> dict[str, object]:
        """Return its part of the request; what it cannot mean ends the command."""
        given: dict[str, object] = {
            **self.life(),
            "post_only": self.post_only,
            "extended_hours": self.extended_hours,
            "reduce_only": self.reduce_only,
        }
        if self.kind is not None:
            given["order_type"] = _one_of("TYPE", self.kind, TYPES)
        return given

    def life(self) -> dict[str, object]:
        """Return how long it works, as a request says it."""
        lives: dict[str, object] = {"time_in_force": self._lives()}
        return lives if self.valid_for is None else {**lives, "valid_for": self.valid_for}

    def _lives(self) -> str:
        if self.valid_for is None:
            return "GTC" if self.tif is None else _one_of("TIF", self.tif, TIMES)
        if self.tif is not None:
            raise Misused(
                "TIF",
                "--tif and --valid-for both say how long the order works",
                expected="one of them",
                found=f"{self.tif} and {self.valid_for}",
            )
        return "GTD"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """How an order is cut into slices, if it is."""

    name: str | None = None
    over: str | None = None
    slices: int | None = None
    participation: str | None = None
    display: str | None = None

    def body(self) -> dict[str, object]:
        """Return its part of the request; options that do not belong together end the command."""
        told = {
            "over": self.over,
            "slices": self.slices,
            "participation": self.participation,
            "display_quantity": self.display,
        }
        given = {name: value for name, value in told.items() if value is not None}
        if self.name is None:
            _same(set(), set(given), "an order that is sent whole")
            return {}
        kind = _one_of("ALGORITHM", self.name, tuple(ALGORITHMS))
        _same(ALGORITHMS[kind], set(given), kind.lower())
        return {"algorithm": {"kind": kind, **given}}

    def of_a_share(self) -> dict[str, object]:
        """Return it for an order whose size is not known yet: ``display`` is a share of it."""
        body = self.body()
        told = body.get("algorithm")
        if isinstance(told, dict) and "display_quantity" in told:
            told["display_fraction"] = told.pop("display_quantity")
        return body


def _same(wanted: set[str], given: set[str], whose: str) -> None:
    """End the command when an algorithm is told less or more than it asks for."""
    if wanted == given:
        return
    options, found = ([OPTIONS[n] for n in OPTIONS if n in each] for each in (wanted, given))
    raise Misused(
        "ALGORITHM",
        f"these options do not belong to {whose}" if given - wanted else f"{whose} lacks an option",
        expected=" and ".join(options) or "none of --over, --slices, --participation, --display",
        found=" and ".join(found) or "none of them",
        hint="`tidegate order place --help` shows an example of each algorithm",
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """The order that a person wants, and why."""

    symbol: str
    side: str
    quantity: str
    reason: str
    prices: Prices = Prices()
    terms: Terms = Terms()
    algorithm: Algorithm = Algorithm()
    # Each as `buy SYMBOL` or `sell 2 SYMBOL`.
    legs: tuple[str, ...] = ()

    def body(self) -> dict[str, object]:
        """Return its part of the request; what it cannot mean ends the command."""
        return {
            "symbol": self.symbol,
            "side": _one_of("SIDE", self.side, SIDES),
            "quantity": self.quantity,
            "reason": self.reason,
            "order_type": self.prices.order_type,
            **self.prices.body(),
            **self.terms.body(),
            **self.algorithm.body(),
            **self._structure(),
        }

    def _structure(self) -> dict[str, object]:
        """Return its legs; their limit is a net price, which may be negative."""
        if not self.legs:
            return {}
        net = {} if self.prices.limit is None else {"net_price": self.prices.limit}
        return {**net, "limit_price": None, "legs": [_leg(each) for each in self.legs]}


def _leg(text: str) -> dict[str, object]:
    words = text.split()
    if len(words) not in (LEG_WORDS, LEG_WORDS + 1) or not all(w.isdigit() for w in words[1:-1]):
        raise Misused(
            "LEG",
            "a leg is a side, how many of it, and a symbol",
            expected="--leg 'buy SYMBOL' or --leg 'sell 2 SYMBOL'",
            found=text,
        )
    ratio = int(words[1]) if len(words) > LEG_WORDS else 1
    return {"symbol": words[-1], "side": _one_of("SIDE", words[0], SIDES), "ratio": ratio}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose position it is, where, and whether it is only a question."""

    strategy: str | None = None
    venue: str | None = None
    key: str | None = None
    dry_run: bool = False

    def body(self) -> dict[str, object]:
        """Return its part of the request: every order has a key of its own, or the one given."""
        named = {"strategy": self.strategy, "venue": self.venue}
        given = {name: value for name, value in named.items() if value is not None}
        return {**given, "key": self.key or uuid.uuid4().hex, "dry_run": self.dry_run}


def place(asking: Asking, wanted: Wanted, where: Place) -> None:
    """Place an order, or ask what would be said to it."""
    body = {**wanted.body(), **where.body()}
    if asking.session is not None:
        body["session"] = asking.session
    with asking.services() as services:
        document = _posted(services, body)
    output = asking.output
    for sentence in document["explanation"]:
        output.text(sentence)
    specification = document["verdict"]["order"]
    if where.dry_run:
        output.text("Nothing was ordered: this was a question.")
    elif specification is not None:
        order_id = specification["client_order_id"]
        output.text(f"order {order_id}; `tidegate order show {order_id}` tells what becomes of it")
    output.result({**document, "key": body["key"]})


def _posted(services: Services, body: dict[str, object]) -> Document:
    try:
        return services.post("risk", "/v1/orders", body)
    except Unreachable as error:
        # Whether it was placed may not be known; the key makes asking again safe.
        again = f"asked again with --key {body['key']} it is placed at most once"
        error.hint = "; ".join(filter(None, (error.hint, again)))
        raise


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an open order, and why."""

    reason: str
    quantity: str | None = None
    prices: Prices = Prices()

    def body(self) -> dict[str, object]:
        """Return the request; a change that changes nothing ends the command."""
        named = {} if self.quantity is None else {"quantity": self.quantity}
        terms = {**named, **self.prices.body()}
        if not terms:
            raise Misused(
                "NO_CHANGE",
                "nothing would change",
                expected="--quantity, --limit, --trigger or --trail",
                found="none of them",
                hint="`tidegate order cancel` ends an order",
            )
        return {**terms, "reason": self.reason}


def cancel(asking: Asking, name: str, reason: str) -> None:
    """Cancel an open order."""
    _command(asking, name, "cancel", {"reason": reason})


def replace(asking: Asking, name: str, change: Change) -> None:
    """Replace an open order by what is left of it on other terms."""
    _command(asking, name, "replace", change.body())


def _command(asking: Asking, name: str, verb: str, body: dict[str, object]) -> None:
    with asking.services() as services:
        order_id = _whole_id(services, name, asking.session)
        path = f"/v1/orders/{quote(order_id, safe='')}/{verb}"
        document = services.post("execution", path, body)
    asking.output.text(document["message"])
    following = document["following_client_order_id"]
    if following:
        asking.output.text(f"order {following} follows once {order_id} has ended")
    asking.output.result(document)


def show(asking: Asking, name: str) -> None:
    """Show an order with its fills."""
    with asking.services() as services:
        order_id = _whole_id(services, name, asking.session)
        found = services.get("execution", f"/v1/orders/{quote(order_id, safe='')}")
    fills = found["fills"]
    for field, value in found.items():
        if field != "fills" and value not in (None, ""):
            asking.output.text(f"{field + ':':<18}{value}")
    if fills:
        asking.output.text("")
        asking.output.table(FILL, [[fill[column] for column in FILL] for fill in fills])
    asking.output.result(found)


def _whole_id(services: Services, name: str, session: str | None) -> str:
    rows = services.pages("execution", "/v1/orders", "orders", session=session)
    every = [str(each["client_order_id"]) for each in rows]
    found = [each for each in every if is_meant(each, name)]
    if name in found or len(found) == 1:
        return name if name in found else found[0]
    raise Misused(
        "UNKNOWN_ORDER",
        f"{len(found) or 'no'} orders begin with {name!r}",
        expected="a client order id, or the beginning of exactly one",
        found=", ".join(found[:5]) or name,
        hint="`tidegate orders` lists orders",
    )


def trades(asking: Asking, wanted: Mapping[str, str | None], limit: int) -> None:
    """List executions, newest last."""
    with asking.services() as services:
        rows = list(services.pages("execution", "/v1/fills", "fills", session=asking.session))
    named = {name: value for name, value in wanted.items() if value is not None}
    found = [row for row in rows if named.items() <= row.items()]
    _table(asking.output, found[-limit:])
    asking.output.text(f"\n{len(found[-limit:])} of {len(found)} executions")
    asking.output.result({"fills": found[-limit:], "count": len(found)})


def _table(output: Output, rows: list[Document]) -> None:
    output.table(TRADE, [[row[column] for column in TRADE] for row in rows])


def _one_of(code: str, text: str, known: tuple[str, ...]) -> str:
    name = text.upper().replace("-", "_")
    if name in known:
        return name
    words = ", ".join(each.lower().replace("_", "-") for each in known)
    raise Misused(
        f"UNKNOWN_{code}", f"{text!r} is none of these", expected=f"one of {words}", found=text
    )
