"""State over HTTP: what the machines have, in money and as shares, and answers without effect."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest

from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.adapters.projection import verdict_document
from tidegate_risk.testing import START_NS, Desk, bar, instrument

from .process import Context, sent_by

if TYPE_CHECKING:
    import httpx


ASKER = sent_by("operator")


async def only(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """Return the one session's part of an answer."""
    (found,) = (await client.get(path)).json()["sessions"]
    return dict(found)


async def test_the_state_is_the_machines(client: httpx.AsyncClient, context: Context) -> None:
    """Equity, what is open, the gate, and the version of the limits."""
    verdict = context.desk.hold()
    state = await only(client, "/v1/state")
    assert Decimal(state["equity"]) == 100_000
    assert (state["open_positions"], state["open_orders"]) == (1, 0)
    assert (state["gate"]["epoch"], state["limits_version"]) == (0, verdict.limits_version)


async def test_exposure_is_the_worst_case(client: httpx.AsyncClient, context: Context) -> None:
    """An open order counts as if it were filled."""
    verdict = context.desk.ask()
    assert verdict.specification is not None
    worst = verdict.specification.quantity
    exposure = await only(client, "/v1/exposure")
    (row,) = exposure["listings"]
    assert (row["quantity"], Decimal(row["worst_quantity"])) == ("0", worst)
    assert Decimal(row["worst_value"]) == worst * 100 == Decimal(exposure["gross"])
    assert Decimal(exposure["limit_gross"]) == 100_000


async def test_value_at_risk_says_what_it_is_made_from(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Without history there is none, and it says so; stress and heat need none."""
    context.desk.hold()
    found = await only(client, "/v1/var")
    assert (found["estimates"], found["tails"]) == ("missing: history", [])
    assert found["heat"]["limit_fraction"] == "0.06"
    assert {each["name"] for each in found["stress"]} >= {"crisis-2008", "flash-crash"}


async def test_every_breaker_is_told(client: httpx.AsyncClient) -> None:
    """Armed ones too, with what they watch and how they come back."""
    breakers = (await only(client, "/v1/breakers"))["breakers"]
    assert {"daily_loss", "drawdown", "cooldown"} <= {each["breaker"] for each in breakers}
    assert {each["state"] for each in breakers} <= {"ARMED", "OFF"}
    assert all(each["watches"] and each["comes_back"] for each in breakers)


async def test_a_tripped_breaker_is_told_first(client: httpx.AsyncClient, context: Context) -> None:
    """With its scope, level and reason."""
    context.desk.hold()
    context.desk.tell(bar(close=5_000, end_ns=START_NS + NS_PER_DAY))
    first = (await only(client, "/v1/breakers"))["breakers"][0]
    assert (first["state"], first["holds"], first["scope"]) == ("TRIPPED", True, "session:demo")
    assert first["reason"].startswith("expected ")


def question(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a question that would be approved."""
    return {"strategy": "ema", "symbol": "AAPL", "direction": "LONG", **changes}


async def test_a_question_gets_the_verdict_that_the_order_would_get(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Equal numbers and order; asked twice it says the same, and nothing is remembered."""
    before = context.desk.machine.snapshot()
    first = (await client.post("/v1/ask", json=question(), headers=ASKER)).json()
    again = (await client.post("/v1/ask", json=question(), headers=ASKER)).json()
    assert first == again
    assert context.desk.machine.snapshot() == before
    assert context.projections.rows == {}
    verdict = context.desk.ask(Direction.LONG)
    assert verdict.specification is not None
    assert first["verdict"]["decision"] == "APPROVED"
    assert Decimal(first["verdict"]["order"]["quantity"]) == verdict.specification.quantity
    assert set(first["verdict"]["numbers"]) == {each.name for each in verdict.numbers}
    assert first["explanation"][0].startswith("Approved: ema buys")


@pytest.mark.parametrize(
    ("asked", "signal"),
    [
        ({"limit_price": "99"}, {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(99)}),
        ({"trigger_price": "101"}, {"entry_style": EntryStyle.STOP, "trigger_price": Decimal(101)}),
        (
            {"trigger_price": "101", "limit_price": "102", "time_in_force": "DAY"},
            {
                "entry_style": EntryStyle.STOP_LIMIT,
                "trigger_price": Decimal(101),
                "limit_price": Decimal(102),
                "time_in_force": TimeInForce.DAY,
            },
        ),
        (
            {
                "limit_price": "99",
                "time_in_force": "GTD",
                "valid_for": "10m",
                "post_only": True,
                "stop_distance": "3",
            },
            {
                "entry_style": EntryStyle.LIMIT,
                "limit_price": Decimal(99),
                "time_in_force": TimeInForce.GTD,
                "valid_for_ns": 600 * NS_PER_SECOND,
                "post_only": True,
                "stop_distance": Decimal(3),
            },
        ),
        (
            {"limit_price": "99", "algorithm": {"kind": "ICEBERG", "display_fraction": "0.1"}},
            {
                "entry_style": EntryStyle.LIMIT,
                "limit_price": Decimal(99),
                "algorithm": ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG),
                "display_fraction": Decimal("0.1"),
            },
        ),
        (
            {"algorithm": {"kind": "TWAP", "over": "10m", "slices": 5}},
            {
                "algorithm": ExecutionAlgorithm(
                    kind=AlgorithmKind.TWAP, duration_ns=600 * NS_PER_SECOND, slices=5
                )
            },
        ),
    ],
)
async def test_every_kind_of_entry_can_be_asked_about(
    client: httpx.AsyncClient, context: Context, asked: dict[str, Any], signal: dict[str, Any]
) -> None:
    """The order and the numbers are those that a strategy's own signal gets."""
    answer = (await client.post("/v1/ask", json=question(**asked), headers=ASKER)).json()
    verdict = verdict_document(context.desk.ask(Direction.LONG, **signal))
    assert verdict["decision"] == "APPROVED"
    for part in ("decision", "numbers"):
        assert answer["verdict"][part] == verdict[part]
    asked_order, order = answer["verdict"]["order"], cast("dict[str, Any]", verdict["order"])
    assert {**asked_order, "client_order_id": ""} == {**order, "client_order_id": ""}


async def test_a_question_carries_the_version_of_the_strategys_signals(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Another one is refused, as the strategy's own would be."""
    context.desk.tell(instrument("IBM"))
    context.desk.tell(bar("IBM"))
    context.desk.ask(symbol="IBM", model_version="ema@1")
    own = await client.post("/v1/ask", json=question(), headers=ASKER)
    assert own.json()["verdict"]["decision"] == "APPROVED"
    other = await client.post("/v1/ask", json=question(model_version="ema@2"), headers=ASKER)
    assert other.json()["verdict"]["code"] == "MODEL_NOT_APPROVED"


async def test_extended_hours_can_be_asked_about(client: httpx.AsyncClient) -> None:
    """The limits of this session do not allow them."""
    asked = question(limit_price="100", extended_hours=True)
    answer = (await client.post("/v1/ask", json=asked, headers=ASKER)).json()
    assert answer["verdict"]["code"] == "EXTENDED_HOURS"


async def test_a_question_may_be_refused(client: httpx.AsyncClient) -> None:
    """With the code that the order would get."""
    answer = await client.post("/v1/ask", json=question(direction="SHORT"), headers=ASKER)
    assert answer.json()["verdict"]["code"] == "SHORT_NOT_ALLOWED"
    assert answer.json()["explanation"][0].startswith("Refused, SHORT_NOT_ALLOWED: ")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"symbol": "MSFT"}, "UNKNOWN_SYMBOL"),
        ({"strategy": "emma"}, "UNKNOWN_STRATEGY"),
        ({"session": "other"}, "UNKNOWN_SESSION"),
        ({"direction": "UP"}, "INVALID"),
        ({"strength": 2}, "INVALID"),
        ({"quantity": 5}, "INVALID"),
        ({"reference_price": "nan"}, "INVALID"),
        ({"trigger_price": 0}, "INVALID"),
        ({"valid_for": "10m"}, "VALID_FOR"),
        ({"time_in_force": "GTD"}, "VALID_FOR"),
        ({"algorithm": {"kind": "POV"}}, "INVALID"),
        ({"time_in_force": "GTD", "valid_for": "soon"}, "INVALID"),
    ],
)
async def test_a_wrong_question_is_refused(
    client: httpx.AsyncClient, wrong: dict[str, Any], code: str
) -> None:
    """With what was expected."""
    answer = await client.post("/v1/ask", json=question(**wrong), headers=ASKER)
    assert answer.status_code in {404, 422}
    error = answer.json()["error"]
    assert error["code"].startswith(code)
    assert error["expected"]


async def test_a_symbol_of_several_venues_needs_its_venue(
    client: httpx.AsyncClient, context: Context
) -> None:
    """They are named."""
    context.desk.tell(instrument(venue="XNYS"))
    answer = await client.post("/v1/ask", json=question(), headers=ASKER)
    assert answer.json()["error"]["code"] == "VENUE_MISSING"
    named = await client.post("/v1/ask", json=question(venue="XNAS"), headers=ASKER)
    assert named.json()["verdict"]["decision"] == "APPROVED"


async def test_verdicts_are_searched_by_all_that_is_asked(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Strategy, symbol, decision, code and time; each narrows."""
    desk = Desk(symbols=("AAPL", "IBM"))
    for verdict in (desk.ask(), desk.ask(symbol="IBM"), desk.ask(symbol="MSFT", strategy="rsi")):
        context.projections.add(verdict)
    decided = {"since": "2024-10-04T00:00:00Z", "until": "2024-10-05T00:00:00Z"}

    async def symbols(**asked: str) -> list[str]:
        found = (await client.get("/v1/verdicts", params=asked)).json()["verdicts"]
        return [row["symbol"] for row in found]

    assert await symbols() == ["AAPL", "IBM", "MSFT"]
    assert await symbols(order="newest", limit="2") == ["MSFT", "IBM"]
    assert await symbols(symbol="IBM") == ["IBM"]
    assert await symbols(strategy="rsi") == ["MSFT"]
    assert await symbols(decision="APPROVED") == ["AAPL", "IBM"]
    assert await symbols(code="INSTRUMENT_UNKNOWN", **decided) == ["MSFT"]
    assert await symbols(since="2024-10-05T00:00:00Z") == []
    assert await symbols(symbol="IBM", strategy="rsi") == []


@pytest.mark.parametrize(
    "wrong", [{"since": "yesterday"}, {"decision": "MAYBE"}, {"limit": "0"}, {"who": "me"}]
)
async def test_a_wrong_search_is_refused(client: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    """422, never an unfiltered answer."""
    answer = await client.get("/v1/verdicts", params=wrong)
    assert answer.status_code == 422
    assert answer.json()["error"]["expected"]


async def test_a_verdict_is_told_in_words_with_every_number(
    client: httpx.AsyncClient, context: Context
) -> None:
    """Each number of the verdict stands in a sentence."""
    verdict = context.desk.ask()
    context.projections.add(verdict)
    answer = (await client.get(f"/v1/verdicts/{verdict.signal_key}/explain")).json()
    words = " ".join(answer["explanation"])
    assert answer["verdict"]["signal_key"] == verdict.signal_key
    assert "version 1 of the limits" in words
    for number in verdict.numbers:
        what = number.name.removeprefix("limit_").removeprefix("quantity_by_")
        what = what.removesuffix("_after").removesuffix("_before").replace("_", " ")
        assert what in words.lower(), number.name
    assert (await client.get("/v1/verdicts/none/explain")).status_code == 404
