"""What goes wrong on purpose, seen by plain HTTP and sockets."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.instances import eventually
from tests.venues.faults import FaultPlan, Faults
from tests.venues.server import TestVenue
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.real
SYMBOL = "BTC/USD"
PATIENCE_S = 30.0
IMPATIENT_S = 0.3
Asked = tuple[int, dict[str, object]]
Document = dict[str, object]


def ask(
    venue: TestVenue,
    method: str,
    path: str,
    body: Document | None = None,
    patience_s: float = PATIENCE_S,
) -> Asked:
    """Make one request with the venue's keys; return status and body."""
    headers = {"APCA-API-KEY-ID": venue.keys.key, "APCA-API-SECRET-KEY": venue.keys.secret}
    data = None if body is None else json.dumps(body).encode()
    url = venue.http + path
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=patience_s) as answer:  # noqa: S310 - loopback
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
            found = json.loads(text) if text.startswith(b"{") else {}
            return error.code, {**found, "headers": dict(error.headers)}


def order(client_order_id: str) -> Document:
    """Return a purchase at the market."""
    return {
        "symbol": SYMBOL,
        "qty": "2",
        "side": "buy",
        "type": "market",
        "time_in_force": "gtc",
        "client_order_id": client_order_id,
    }


@pytest.fixture
def quoted(venue: TestVenue) -> TestVenue:
    """Return a venue with liquidity in one symbol."""
    venue.alpaca.quote(SYMBOL, [("100", "9")], [("101", "9")])
    return venue


@pytest.mark.parametrize(
    ("fault", "status", "taken"),
    [
        ("rate_limited", 429, False),
        ("banned", 418, False),
        ("requests_lost", 504, False),
        ("answers_lost", 504, True),
    ],
)
def test_a_failed_answer_proves_only_what_it_says(
    quoted: TestVenue, fault: str, status: int, *, taken: bool
) -> None:
    """A 504 stands for an order that is there, or for one that is not."""
    quoted.plan.set(**{fault: 1, "only": "POST /v2/orders"})
    assert ask(quoted, "POST", "/v2/orders", order("a"))[0] == status
    assert len(quoted.alpaca.orders) == int(taken)
    assert ask(quoted, "POST", "/v2/orders", order("b"))[0] == 200


def test_a_limited_client_is_told_when_to_come_back(quoted: TestVenue) -> None:
    """429 carries Retry-After, and Binance's own body where Binance is asked."""
    quoted.plan.set(rate_limited=2, retry_after_s=7)
    first, second = (ask(quoted, "GET", path)[1] for path in ("/v2/clock", "/api/v3/time"))
    assert (first["code"], second["code"]) == (42910000, -1003)
    headers = first["headers"]
    assert isinstance(headers, dict)
    assert headers["retry-after"] == "7"


@pytest.mark.parametrize(("fault", "taken"), [("hang_before", 0), ("hang_after", 1)])
def test_a_hanging_server_never_answers(quoted: TestVenue, fault: str, taken: int) -> None:
    """Whether the order was taken, the client cannot tell."""
    quoted.plan.set(**{fault: 1})
    with pytest.raises(TimeoutError):
        ask(quoted, "POST", "/v2/orders", order("a"), IMPATIENT_S)
    eventually(lambda: len(quoted.alpaca.orders) == taken, "the venue to have what it took")


def test_an_order_is_refused_for_the_reason_that_was_set(quoted: TestVenue) -> None:
    """At once with a code, or later by an update."""
    quoted.plan.set(refused=1, refusal_code="40310000", refusal_reason="account is restricted")
    status, body = ask(quoted, "POST", "/v2/orders", order("a"))
    assert (status, body["message"]) == (403, "account is restricted")
    quoted.plan.set(refused=1, refusal_code="later")
    assert ask(quoted, "POST", "/v2/orders", order("b"))[0] == 200
    assert [each.status.value for each in quoted.alpaca.orders.values()] == ["rejected"]


def test_orders_fill_in_parts(quoted: TestVenue) -> None:
    """A quarter at each change of the book."""
    quoted.plan.set(fill_share="0.25")
    ask(quoted, "POST", "/v2/orders", order("a"))
    placed = quoted.alpaca.find_client("a")
    filled = [placed.filled]
    while placed.is_open:
        quoted.alpaca.quote(SYMBOL, [("100", "9")], [("101", "9")])
        filled.append(placed.filled)
    assert [f"{each:.1f}" for each in filled] == ["0.5", "1.0", "1.5", "2.0"]


def test_a_skewed_clock_shows(quoted: TestVenue) -> None:
    """The venue's time is off by what was set."""
    before_ns = quoted.now_ns()
    quoted.plan.set(clock_skew_ms=-60_000)
    assert quoted.now_ns() < before_ns


@contextmanager
def listening(venue: TestVenue) -> Iterator[ClientConnection]:
    """Open a socket that hears trade updates."""
    keys = {"key_id": venue.keys.key, "secret_key": venue.keys.secret}
    with connect(f"{venue.ws}/stream") as socket:
        socket.send(json.dumps({"action": "authenticate", "data": keys}))
        socket.recv()
        socket.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
        socket.recv()
        yield socket


def heard(socket: ClientConnection, count: int) -> list[str]:
    """Return the next events."""
    return [json.loads(socket.recv(timeout=PATIENCE_S))["data"]["event"] for _ in range(count)]


@pytest.mark.parametrize(
    ("fault", "events"),
    [
        ("duplicate_share", ["pending_new", "pending_new", "new", "new", "fill", "fill"]),
        ("reorder_share", ["new", "pending_new", "fill"]),
    ],
)
def test_updates_come_twice_or_out_of_order(
    quoted: TestVenue, fault: str, events: list[str]
) -> None:
    """With a share of one, every update suffers that can."""
    quoted.plan.set(**{fault: 1.0})
    with listening(quoted) as socket:
        ask(quoted, "POST", "/v2/orders", order("a"))
        assert heard(socket, len(events)) == events


def test_a_mute_stream_stays_connected(quoted: TestVenue) -> None:
    """What was said in the meantime is lost; later updates come again."""
    with listening(quoted) as socket:
        quoted.plan.set(streams_mute=True)
        ask(quoted, "POST", "/v2/orders", order("a"))
        ask(quoted, "GET", "/venue/book")
        quoted.plan.set(streams_mute=False)
        ask(quoted, "POST", "/v2/orders", order("b"))
        socket_order = json.loads(socket.recv(timeout=PATIENCE_S))["data"]["order"]
    assert socket_order["client_order_id"] == "b"


def test_faults_are_set_over_http(venue: TestVenue) -> None:
    """Another process sets, reads and clears them; unknown names are refused."""
    assert ask(venue, "POST", "/venue/faults", {"answers_lost": 2})[1]["answers_lost"] == 2
    assert ask(venue, "GET", "/venue/faults")[1]["answers_lost"] == 2
    assert ask(venue, "POST", "/venue/faults", {"answers": 2})[0] == 422
    assert ask(venue, "DELETE", "/venue/faults")[1]["answers_lost"] == 0


def test_the_book_is_played_and_read_over_http(venue: TestVenue) -> None:
    """Quotes, trades and bars go in, orders and holdings come out."""
    quote: Document = {"symbol": SYMBOL, "bids": [["100", "9"]], "asks": [["101", "9"]]}
    bar: Document = {"symbol": SYMBOL, "start_ns": 60_000_000_000, "prices": ["1", "2", "1", "2"]}
    trade: Document = {"symbol": SYMBOL, "price": "100"}
    for path, body in (("quote", quote), ("trade", trade), ("bar", bar)):
        assert ask(venue, "POST", f"/venue/{path}", body)[0] == 204
    ask(venue, "POST", "/v2/orders", order("a"))
    book = ask(venue, "GET", "/venue/book")[1]
    assert book["positions"] == {SYMBOL: "1.995000000"}
    assert len(venue.tapes["alpaca"].bars[SYMBOL]) == 1


def _drawn(seed: int) -> list[bool]:
    plan = FaultPlan()
    plan.set(seed=seed, duplicate_share=0.5)
    return [plan.happens("duplicate_share") for _ in range(64)]


@pytest.mark.parametrize("same", [True, False])
def test_a_seed_draws_the_same_faults(*, same: bool) -> None:
    """Equal seeds give equal draws, other seeds others."""
    assert (_drawn(7) == _drawn(7 if same else 8)) == same


def test_every_fault_is_off_by_default(venue: TestVenue) -> None:
    """A fresh venue harms nobody."""
    assert venue.plan.faults == Faults()
    assert ask(venue, "GET", "/v2/account")[0] == 200
