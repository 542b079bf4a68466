"""The committed examples trade at a venue outside, through its real client, until they are killed.

Each starts a whole instance by the command line, which takes longer than 5 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.instances import eventually
from tests.venues.server import TestVenue

from .trading_at import Running, last_minute_ns, play_the_past, publish, trading_at

if TYPE_CHECKING:
    from tidegate_chassis.testing.collector import CollectedSpan, SpanCollector

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(300)]
PATIENT = ("limits.signal_age_max_s=600", "limits.verdict_ttl_s=60")
"""A bar is published once, at any second of a minute: on a busy machine too its order is sent."""
WAYS = [
    (
        "market-data publish Bar",
        "signals handle Bar",
        "risk handle Signal",
        "execution handle Verdict",
        f"execution handle {heard}",
        "portfolio handle Fill",
    )
    for heard in ("Called", "Replied")
]
"""A fill is heard of from the private stream, or found by asking: whichever comes first."""


def way_to(span: CollectedSpan, by_id: dict[str, CollectedSpan]) -> tuple[str, ...]:
    """Return the names of the spans that led to one, from the first on; empty if one is missing."""
    way = [span.name]
    while span.parent_span_id:
        parent = by_id.get(span.parent_span_id)
        if parent is None:
            return ()
        span = parent
        way.append(span.name)
    return tuple(reversed(way))


@dataclass(frozen=True)
class Story:
    """One committed example, and what the test venue calls the things in it."""

    example: str
    session: str
    # The exchange there, and the symbols there and here.
    place: str
    listed: str
    symbol: str


ALPACA = Story("alpaca-paper.yaml", "alpaca-paper", "alpaca", "BTC/USD", "BTC/USD")
BINANCE = Story("binance-testnet.yaml", "binance-testnet", "usdm", "BTCUSDT", "BTC/USDT:USDT")


@pytest.mark.parametrize(
    "story", [ALPACA, pytest.param(BINANCE, marks=pytest.mark.long)], ids=lambda each: each.session
)
def test_a_bar_becomes_an_order_a_booked_fill_and_one_trace(story: Story) -> None:
    """From the venue's stream into its book and back into the ledger; a kill leaves none open."""
    with TestVenue() as venue:
        exchange = venue.exchanges[story.place]
        play_the_past(venue, story.place, {story.listed: 60_000})
        patient = [f"sessions.{story.session}.{each}" for each in PATIENT]
        with trading_at(venue, story.example, *patient) as running:
            publish(venue, story.place, (story.listed, last_minute_ns()), 60_300)
            eventually(lambda: exchange.account.positions, "a position at the venue")
            held = exchange.account.positions[story.listed]
            eventually(
                lambda: booked(running) == [(story.symbol, held.quantity)],
                "the ledger to hold what the venue does",
            )
            eventually(lambda: is_traced(running.collector), "one trace from the bar to the ledger")
            killed = running.tidegate("kill", "--reason", "end of the test")
            assert killed["killed"]
            assert exchange.open_orders() == []
            written = running.written()
            assert venue.keys.key not in written
            assert venue.keys.secret not in written


@pytest.mark.long
def test_a_difference_is_booked_away_by_two_people() -> None:
    """What was bought at the venue by hand keeps the session shut until it is in the books."""
    with TestVenue() as venue:
        play_the_past(venue, "alpaca", {"BTC/USD": 60_000})
        patient = [f"sessions.alpaca-paper.{each}" for each in PATIENT]
        with trading_at(venue, "alpaca-paper.yaml", *patient) as running:
            publish(venue, "alpaca", ("BTC/USD", last_minute_ns()), 60_300)
            eventually(lambda: booked(running), "a booked position")
            assert running.tidegate("kill", "--reason", "somebody buys by hand")["killed"]
            held = venue.alpaca.account.positions["BTC/USD"]
            held.quantity += Decimal("0.5")
            found = eventually(lambda: difference(running), "the difference to be certain")
            assert Decimal(found["found"]) - Decimal(found["expected"]) == Decimal("0.5")
            lowering = lowering_is_refused(running)
            book_away(running, "0.5")
            assert running.tidegate(*lowering)["level"] == "OPEN"
            assert booked(running) == [("BTC/USD", held.quantity)]


def booked(running: Running) -> list[tuple[str, Decimal]]:
    """Return the ledger's positions, by symbol."""
    found = running.get("portfolio", "/v1/positions")["positions"]
    return [(each["symbol"], Decimal(each["quantity"])) for each in found]


def difference(running: Running) -> dict[str, str] | None:
    """Return what the venue is found to hold of a symbol, and what was expected."""
    (account,) = running.tidegate("account", "show")["accounts"]
    return next(iter(account["differences"].values()), None)


def lowering_is_refused(running: Running) -> tuple[str, ...]:
    """Have two people ask for an open gate in vain; return what the second one said."""
    (before,) = running.tidegate("gate", "show")["scopes"]
    running.tidegate("gate", "raise", "HALTED", "--reason", "nobody has seen this")
    lower = ("gate", "lower", "OPEN", "--reason", "the end")
    blind = running.tidegate(*lower, "--seen", str(before["gate_epoch"]), ends_with=4)
    assert blind["error"]["code"] == "RAISED_SINCE"
    filed = running.tidegate(*lower, ends_with=4)
    assert filed["error"]["code"] == "SECOND_PRINCIPAL_NEEDED"
    (request,) = running.tidegate("gate", "show")["requests"]
    lowering = ("gate", "approve", str(request["request_id"]), "--as", "approver")
    refused = running.tidegate(*lowering, ends_with=4)
    assert refused["error"]["code"] == "UNRECONCILED"
    return lowering


def book_away(running: Running, quantity: str) -> None:
    """Only exactly what differs, and only by two."""
    price = ("--price", "60000", "--reason", "bought by hand")
    blind = running.tidegate("account", "adjust", "BTC/USD", "0.4", *price, ends_with=4)
    assert blind["error"]["code"] == "DIFFERENCE_MISMATCH"
    filed = running.tidegate("account", "adjust", "BTC/USD", quantity, *price, ends_with=4)
    assert filed["error"]["code"] == "SECOND_PRINCIPAL_NEEDED"
    again = running.tidegate("account", "approve", "adjustment-1", ends_with=4)
    assert again["error"]["code"] == "SAME_PRINCIPAL"
    running.tidegate("account", "approve", "adjustment-1", "--as", "approver")
    (entry,) = running.tidegate("account", "entries")["entries"]
    assert (entry["principal"], entry["approver"]) == ("operator", "approver")
    assert running.tidegate("account", "show")["accounts"][0]["reconciled"]


def test_a_kill_cancels_what_waits_at_the_venue() -> None:
    """A market order that finds nobody to sell waits in Alpaca's book until it is killed."""
    with TestVenue() as venue:
        play_the_past(venue, "alpaca", {"ETH/USD": 3_000})
        patient = [f"sessions.alpaca-paper.{each}" for each in PATIENT]
        with trading_at(venue, "alpaca-paper.yaml", *patient) as running:
            venue.alpaca.quote("ETH/USD", [("3000", "9")], [])
            publish(venue, "alpaca", ("ETH/USD", last_minute_ns()), 3_025)
            eventually(venue.alpaca.open_orders, "an order that waits at the venue")
            assert running.tidegate("kill", "--reason", "end of the test")["killed"]
            assert venue.alpaca.open_orders() == []


@pytest.mark.long
def test_shares_are_bought_with_what_will_close_them() -> None:
    """Each by one request: stop and target rest as soon as it has filled, until the kill."""
    session = "sessions.alpaca-paper"
    native = ("venue.protective_exits=bracket", "venue.native_entries=market")
    wanted = ("symbols=[AAPL]", "limits.position_fraction=0.1", *PATIENT, *native)
    with TestVenue() as venue:
        exchange = venue.alpaca
        exchange.open_always = True
        play_the_past(venue, "alpaca", {"AAPL": 6_000})
        exchange.quote("AAPL", [("6030", "9")], [("6031", "9")])
        exchange.trade("AAPL", "6030")
        flags = [f"{session}.{each}" for each in wanted]
        with trading_at(venue, "alpaca-paper.yaml", *flags) as running:
            publish(venue, "alpaca", ("AAPL", last_minute_ns()), 6_030)
            # Two strategies, each with its stop and its target.
            eventually(lambda: len(exchange.open_orders()) == 4, "exits that rest at the venue")
            assert {each.order_class for each in exchange.orders.values()} == {"bracket"}
            assert venue.requests.count("POST /v2/orders") == 2
            eventually(lambda: booked(running) == [("AAPL", Decimal(2))], "two shares in the books")
            orders = running.get("execution", "/v1/orders", session="alpaca-paper")["orders"]
            exits = [each for each in orders if each["reduce_only"]]
            assert [each["state"] for each in exits] == ["WORKING"] * 2
            assert running.tidegate("kill", "--reason", "end of the test")["killed"]
            assert exchange.open_orders() == []
            assert exchange.account.positions["AAPL"].quantity == 2


def is_traced(collector: SpanCollector) -> bool:
    """Tell whether one trace leads from a bar to the ledger."""
    by_id = {span.span_id: span for span in collector.spans}
    return any(way_to(span, by_id) in WAYS for span in by_id.values())


CALL, HIGHER = "AAPL271217C00200000", "AAPL271217C00210000"
SPREAD = ("--leg", f"buy {CALL}", "--leg", f"sell {HIGHER}", "--tif", "day")


@pytest.mark.long
def test_options_are_traded_by_hand() -> None:
    """One by one and as a spread, until the venue delivers shares for them by itself."""
    session = "sessions.alpaca-paper"
    with TestVenue() as venue:
        venue.alpaca.open_always = True
        play_the_past(venue, "alpaca", {"AAPL": 210, CALL: 15, HIGHER: 12})
        overrides = (f"symbols=[AAPL, {CALL}, {HIGHER}]", "limits.price_age_max_bars=1000")
        flags = [f"{session}.{each}" for each in overrides]
        with trading_at(venue, "alpaca-paper.yaml", *flags) as running:
            eventually(lambda: both_are_listed(running), "the options among the instruments")
            one_is_bought_and_sold(venue, running)
            a_spread_is_bought(venue, running)
            another_waits_until_the_kill(venue, running)
            what_is_held_is_used(venue, running)


@pytest.mark.long
def test_a_strategy_buys_a_spread() -> None:
    """A bar becomes one order with two legs; flattened, the sold one is bought back first."""
    session = "sessions.alpaca-paper"
    spread = f"parameters: {{bought: {CALL}, sold: {HIGHER}, net_price: 4, fast: 2, slow: 3}}"
    with TestVenue() as venue:
        venue.alpaca.open_always = True
        play_the_past(venue, "alpaca", {"AAPL": 210, CALL: 15, HIGHER: 12})
        overrides = (
            f"symbols=[AAPL, {CALL}, {HIGHER}]",
            f"strategies=[{{name: spread, strategy: vertical-spread, {spread}}}]",
            "limits.price_age_max_bars=1000",
            "limits.position_fraction=0.25",
            *PATIENT,
        )
        flags = [f"{session}.{each}" for each in overrides]
        with trading_at(venue, "alpaca-paper.yaml", *flags) as running:
            eventually(lambda: both_are_listed(running), "the options among the instruments")
            publish(venue, "alpaca", ("AAPL", last_minute_ns()), 220)
            eventually(lambda: len(booked(running)) == 2, "both legs in the ledger")
            (order,) = (each for each in venue.alpaca.orders.values() if each.legs)
            assert order.order_class == "mleg"
            units = order.filled * 100
            assert sorted(booked(running)) == [(CALL, units), (HIGHER, -units)]
            assert units == 200
            scope = ("--scope", "symbol:AAPL")
            assert running.tidegate("kill", "--flatten", *scope, "--reason", "out")["killed"]
            eventually(lambda: booked(running) == [], "nothing is held")
            tickets = [(e.ticket.symbol, e.ticket.intent) for e in venue.alpaca.orders.values()]
            closings = [each for each in tickets if each[1].endswith("_close")]
            assert closings == [(HIGHER, "buy_to_close"), (CALL, "sell_to_close")]


def both_are_listed(running: Running) -> bool:
    """Tell whether both calls are among the instruments."""
    found = running.get("market-data", "/v1/instruments")["instruments"]
    return {CALL, HIGHER} <= {each["symbol"] for each in found}


def one_is_bought_and_sold(venue: TestVenue, running: Running) -> None:
    """Two contracts to open, and one of them to close."""
    running.tidegate("order", "place", CALL, "buy", "200", "--reason", "test")
    eventually(lambda: booked(running) == [(CALL, Decimal(200))], "two contracts in the ledger")
    assert venue.alpaca.account.positions[CALL].quantity == 2
    running.tidegate("order", "place", CALL, "sell", "100", "--reason", "half off")
    eventually(lambda: booked(running) == [(CALL, Decimal(100))], "one contract in the ledger")
    intents = [each.ticket.intent for each in venue.alpaca.orders.values()]
    assert intents == ["buy_to_open", "sell_to_close"]


def a_spread_is_bought(venue: TestVenue, running: Running) -> None:
    """One order in the venue's book, and both legs in the ledger."""
    wanted = ("order", "place", "AAPL", "buy", "200", *SPREAD)
    running.tidegate(*wanted, "--limit", "4", "--reason", "two spreads")
    held = [(CALL, Decimal(300)), (HIGHER, Decimal(-200))]
    eventually(lambda: sorted(booked(running)) == held, "both legs in the ledger")
    (spread,) = (each for each in venue.alpaca.orders.values() if each.legs)
    assert spread.order_class == "mleg"
    assert (spread.filled, spread.average_price) == (Decimal(2), Decimal(4))


def another_waits_until_the_kill(venue: TestVenue, running: Running) -> None:
    """A net price that nobody offers waits; the kill leaves neither it nor a leg of it open."""
    wanted = ("order", "place", "AAPL", "buy", "100", *SPREAD)
    running.tidegate(*wanted, "--limit", "3.90", "--reason", "cheaper")
    eventually(venue.alpaca.open_orders, "a spread that waits at the venue")
    assert running.tidegate("kill", "--reason", "end of the test")["killed"]
    assert venue.alpaca.open_orders() == []


def what_is_held_is_used(venue: TestVenue, running: Running) -> None:
    """Exercised and assigned: nobody books it by hand, and ledger and venue agree to the cent."""
    for option, strike in ((CALL, "200"), (HIGHER, "210")):
        venue.bookings["alpaca"].deliver(option, "AAPL", strike)
    assert running.tidegate("account", "show")["accounts"][0]["reconciled"]
    eventually(lambda: booked(running) == [("AAPL", Decimal(100))], "shares in the ledger")
    kinds = sorted(each["kind"] for each in running.tidegate("account", "entries")["entries"])
    assert kinds == ["OPTION_ASSIGNMENT"] * 2 + ["OPTION_EXERCISE"] * 2
    (account,) = running.get("portfolio", "/v1/account", session="alpaca-paper")["accounts"]
    assert Decimal(account["cash"]) == venue.alpaca.account.balances["USD"]
    told = running.get("alerts", "/v1/alerts", session="alpaca-paper")["alerts"]
    assert [each["severity"] for each in told if each["rule"] == "entry"] == ["WARNING"] * 4
