"""Orders by hand over HTTP: placed by a principal, answered once, refused with a code."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tidegate_contracts.market import AssetClass, OptionGreeks, OptionRight, OptionTerms
from tidegate_contracts.risk import GateAction, GateEvent, GateLevel
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.testing import bar, instrument

from .process import Context, sent_by

if TYPE_CHECKING:
    import httpx

OPERATOR = sent_by("operator")
ORDER: dict[str, Any] = {"symbol": "AAPL", "side": "BUY", "quantity": "10", "reason": "a hedge"}


async def place(client: httpx.AsyncClient, **changes: object) -> tuple[int, dict[str, Any]]:
    """Place the usual order with some changes; return status and answer."""
    body = {**ORDER, **changes}
    response = await client.post("/v1/orders", json=body, headers=OPERATOR)
    return response.status_code, response.json()


def code_of(answer: dict[str, Any]) -> str:
    """Return an error's stable code."""
    return str(answer.get("error", answer)["code"])


async def test_an_order_is_placed_in_the_principals_name(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Its verdict is kept as any other, and the audit says who it was and why."""
    status, answer = await place(client)
    assert status == 200
    verdict = answer["verdict"]
    assert (verdict["decision"], verdict["strategy"], verdict["order"]["quantity"]) == (
        "APPROVED",
        "manual",
        "10",
    )
    assert "Placed by hand by operator: a hedge." in answer["explanation"]
    assert context.desk.machine.state.book.orders.count() == 1
    (row,) = (await client.get("/v1/verdicts?strategy=manual")).json()["verdicts"]
    assert (row["principal"], row["reason"]) == ("operator", "a hedge")
    (entry,) = context.projections.audit
    assert (entry["who"], entry["what"]) == ("operator", "APPROVED")
    assert entry["why"] == "a hedge: every rule passed"


@pytest.mark.parametrize(
    ("algorithm", "said"),
    [
        ({"kind": "TWAP", "over": "10m", "slices": 5}, "in 5 equal slices over 10m"),
        (
            {"kind": "VWAP", "over": "30m", "participation": "0.1"},
            "as 10 % of what each bar trades for 30m",
        ),
        ({"kind": "ICEBERG", "display_quantity": "5"}, "of which 5 are open at a time"),
    ],
)
async def test_an_order_in_slices_says_how_it_is_cut(
    client: httpx.AsyncClient, algorithm: dict[str, object], said: str
) -> None:
    """The verdict has the algorithm, and its explanation says it in words."""
    status, answer = await place(
        client, algorithm=algorithm, order_type="LIMIT", limit_price="99", quantity="10"
    )
    assert status == 200
    assert answer["verdict"]["order"]["algorithm"]["kind"] == algorithm["kind"]
    assert said in " ".join(answer["explanation"])


async def test_extended_hours_are_asked_for_by_name(client: httpx.AsyncClient) -> None:
    """As this session's limits do not allow them, the answer says so, to a dry run too."""
    changes = {"order_type": "LIMIT", "limit_price": "100", "extended_hours": True}
    for dry_run in (True, False):
        status, answer = await place(client, **changes, dry_run=dry_run)
        told = answer["verdict"]["code"] if dry_run else code_of(answer)
        assert (status, told) == (200 if dry_run else 409, "EXTENDED_HOURS")


async def test_an_algorithm_that_makes_no_sense_is_refused(client: httpx.AsyncClient) -> None:
    """By the rules, in a sentence; what no document can say is refused before."""
    status, answer = await place(client, algorithm={"kind": "TWAP", "over": "10m"})
    assert (status, code_of(answer)) == (409, "ORDER_INVALID")
    assert "slices from 1 to 1000" in answer["error"]["message"]
    status, _ = await place(client, algorithm={"kind": "POV", "over": "10m"})
    assert status == 422


LOW, HIGH = "AAPL991218C00100000", "AAPL991218C00110000"
LEGS: list[dict[str, Any]] = [
    {"symbol": LOW, "side": "BUY"},
    {"symbol": HIGH, "side": "SELL", "ratio": 1},
]


def describe_options(context: Context) -> None:
    """Let the feed describe two calls, at 5 and at 2."""
    for symbol, close in ((LOW, 500), (HIGH, 200)):
        terms = OptionTerms(
            underlying="AAPL",
            right=OptionRight.CALL,
            strike=Decimal(100),
            expires_at_ns=context.desk.now_ns + 30 * NS_PER_DAY,
        )
        greeks = OptionGreeks(delta=Decimal("0.5"), at_ns=context.desk.now_ns)
        option = instrument(
            symbol,
            asset_class=AssetClass.OPTION,
            lot_size=Decimal(100),
            min_quantity=Decimal(100),
            option=terms,
            greeks=greeks,
        )
        context.desk.tell(option)
        context.desk.tell(bar(symbol, close, context.desk.now_ns))


async def test_an_order_with_legs_says_what_one_of_it_holds(
    client: httpx.AsyncClient, context: Context
) -> None:
    """The net price has a name of its own, for it may be negative; no other price may."""
    describe_options(context)
    order: dict[str, Any] = {"legs": LEGS, "order_type": "LIMIT", "quantity": "200"}
    status, answer = await place(client, **order, net_price="3")
    assert status == 200
    verdict = answer["verdict"]
    assert [each["symbol"] for each in verdict["order"]["legs"]] == [LOW, HIGH]
    assert verdict["numbers"]["structure_loss"]["value"] == "600"
    assert f"buys 200 units of +1 {LOW}, -1 {HIGH} on" in answer["explanation"][0]
    sold = [{**LEGS[0], "side": "SELL"}, {**LEGS[1], "side": "BUY"}]
    status, answer = await place(client, **{**order, "legs": sold}, net_price="-3")
    assert (status, answer["verdict"]["order"]["limit_price"]) == (200, "-3")
    status, _ = await place(client, **order, limit_price="-3")
    assert status == 422


async def test_nobody_places_an_order_without_a_name(client: httpx.AsyncClient) -> None:
    """A token says who it is."""
    assert (await client.post("/v1/orders", json=ORDER)).status_code == 401


async def test_a_retry_with_its_key_orders_nothing_anew(
    client: httpx.AsyncClient, context: Context
) -> None:
    """The same answer; another order under the key is refused."""
    first = await place(client, key="k")
    assert await place(client, key="k") == first
    assert context.desk.machine.state.book.orders.count() == 1
    status, answer = await place(client, key="k", quantity="11")
    assert (status, code_of(answer)) == (409, "KEY_TAKEN")


async def test_a_dry_run_says_what_would_be_said_and_changes_nothing(
    client: httpx.AsyncClient, context: Context
) -> None:
    """The very verdict that the order then gets, and the book is untouched by the question."""
    before = context.desk.machine.snapshot()
    status, asked = await place(client, dry_run=True)
    assert (status, asked["verdict"]["decision"]) == (200, "APPROVED")
    assert context.desk.machine.snapshot() == before
    assert context.calls == 0
    _, refused = await place(client, dry_run=True, quantity="100000")
    assert refused["verdict"]["decision"] == "REFUSED"
    _, answer = await place(client)
    assert answer["verdict"]["numbers"] == asked["verdict"]["numbers"]


async def test_a_refused_order_answers_with_the_verdicts_code_and_message(
    client: httpx.AsyncClient, context: Context
) -> None:
    """A shut gate, a price off the tick, too much: 409, and the verdict is kept."""
    status, answer = await place(client, order_type="LIMIT", limit_price="99.995")
    assert (status, code_of(answer)) == (409, "TICK_SIZE")
    status, answer = await place(client, quantity="100000")
    assert (status, code_of(answer)) == (409, "ORDER_NOTIONAL")
    halted = GateEvent(action=GateAction.RAISED, scope="all", level=GateLevel.HALTED, gate_epoch=1)
    context.desk.tell(halted)
    status, answer = await place(client)
    assert (status, code_of(answer)) == (409, "GATE_CLOSED")
    rows = (await client.get("/v1/verdicts?strategy=manual")).json()["verdicts"]
    assert [row["code"] for row in rows] == ["TICK_SIZE", "ORDER_NOTIONAL", "GATE_CLOSED"]


async def test_less_than_asked_for_is_said(client: httpx.AsyncClient, context: Context) -> None:
    """What only reduces closes what is held and no more."""
    context.desk.fill(context.desk.place())
    _, answer = await place(client, side="SELL", quantity="50", reduce_only=True)
    assert answer["verdict"]["order"]["quantity"] == "10"
    said = "Size: 10 AAPL of the 50 AAPL that were asked for: no more is held and not closed."
    assert said in answer["explanation"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"symbol": "TSLA"}, 422, "UNKNOWN_SYMBOL"),
        ({"quantity": "-1"}, 422, "INVALID_REQUEST"),
        ({"quantity": "0"}, 422, "INVALID_REQUEST"),
        ({"quantity": "NaN"}, 422, "INVALID_REQUEST"),
        ({"side": "HOLD"}, 422, "INVALID_REQUEST"),
        ({"reason": ""}, 422, "INVALID_REQUEST"),
        ({"valid_for": "x", "time_in_force": "GTD"}, 422, "INVALID_REQUEST"),
        ({"valid_for": "10m"}, 422, "VALID_FOR"),
        ({"time_in_force": "GTD"}, 422, "VALID_FOR"),
        ({"session": "other"}, 404, "UNKNOWN_SESSION"),
        ({"order_type": "LIMIT"}, 409, "ORDER_INVALID"),
        ({"strategy": "ema"}, 409, "ORDER_INVALID"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_code(
    client: httpx.AsyncClient, context: Context, changes: dict[str, object], status: int, code: str
) -> None:
    """Nothing is ordered."""
    found, answer = await place(client, **changes)
    assert (found, code_of(answer)) == (status, code)
    assert context.desk.machine.state.book.orders.count() == 0


async def test_a_symbol_at_two_venues_wants_one_named(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Then it is placed there."""
    context.desk.tell(instrument(venue="ARCX"))
    status, answer = await place(client)
    assert (status, code_of(answer)) == (422, "VENUE_MISSING")
    _, answer = await place(client, venue="XNAS", quantity="7")
    assert Decimal(answer["verdict"]["order"]["quantity"]) == 7
