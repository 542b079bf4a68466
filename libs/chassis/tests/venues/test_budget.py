"""The budget of an account is one, whoever spends it, and never none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.venues.budget import Budget, Counters, Limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.embedded import ValkeyServer

MINUTE = Limit("requests", 100, 3_600)
SECONDS = Limit("orders", 50, 3_600)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
async def replica(valkey: ValkeyServer) -> AsyncIterator[Callable[[], Budget]]:
    """Return a way to make further processes of one account."""
    account = f"test-{uuid4().hex}"
    async with AsyncExitStack() as made:

        def another() -> Budget:
            budget = Budget.at(valkey.url, account, (MINUTE, SECONDS))
            made.push_async_callback(budget.close)
            return budget

        yield another


@pytest.mark.real
async def test_replicas_spend_from_one_budget(replica: Callable[[], Budget]) -> None:
    """However they take turns, together they get 80 of 100, and cancels the other 20."""
    replicas = [replica() for _ in range(3)]
    waits = []
    for _ in range(40):
        waits += await asyncio.gather(*(each.spend({"requests": 1}) for each in replicas))
    assert waits.count(0.0) == 80
    assert all(0 < each <= MINUTE.window_s for each in waits if each)
    cancels = [await replicas[n % 3].spend({"requests": 1}, cancels=True) for n in range(21)]
    assert [each == 0 for each in cancels] == [True] * 20 + [False]
    assert {each.problem for each in replicas} == {""}


@pytest.mark.real
async def test_a_request_spends_all_of_its_limits_or_none(replica: Callable[[], Budget]) -> None:
    """What one limit refuses takes nothing from the other."""
    budget = replica()
    for _ in range(40):
        assert await budget.spend({"requests": 1, "orders": 1}) == 0
    assert await budget.spend({"requests": 1, "orders": 1}) > 0
    waits = [await budget.spend({"requests": 1}) for _ in range(41)]
    assert waits.count(0.0) == 40


@pytest.mark.real
async def test_a_pause_holds_everybody_but_cancels(replica: Callable[[], Budget]) -> None:
    """Whoever was told "too many", all wait."""
    told, other = replica(), replica()
    await told.pause(30)
    assert 29 < await other.spend({"requests": 1}) <= 30
    assert await other.spend({"requests": 1}, cancels=True) == 0
    assert await replica().spend({"requests": 1}) > 29


@pytest.mark.real
async def test_a_limit_that_the_venue_tells_counts_from_then_on(
    replica: Callable[[], Budget],
) -> None:
    """Ten instead of a hundred: eight for everything but cancels."""
    budget = replica()
    budget.learn("requests", 10)
    waits = [await budget.spend({"requests": 1}) for _ in range(10)]
    assert waits.count(0.0) == 8


@pytest.mark.parametrize("url", [None, NOWHERE])
async def test_without_a_server_each_counts_alone_against_half(url: str | None) -> None:
    """40 of 100, a fifth of 50 kept for cancels; and it says why."""
    budget = Budget.at(url, "alone", (MINUTE,))
    waits = [await budget.spend({"requests": 1}) for _ in range(45)]
    assert waits.count(0.0) == 40
    cancels = [await budget.spend({"requests": 1}, cancels=True) for _ in range(12)]
    assert cancels.count(0.0) == 10
    await budget.pause(20)
    assert await budget.spend({"requests": 1}) > 0
    assert ("REDIS_URL" if url is None else "does not answer") in budget.problem
    await budget.close()


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 30)), max_size=60))
def test_a_window_never_holds_more_than_its_limit(steps: list[tuple[int, bool, int]]) -> None:
    """Nor what is not a cancel more than its share, whatever is asked and when."""
    limit, counters, now_s = Limit("requests", 40, 10), Counters(), 0.0
    spent: dict[tuple[int, bool], int] = {}
    for cost, cancels, later_s in steps:
        now_s += later_s / 10
        if counters.spend({limit: cost}, now_s, cancels=cancels) == 0:
            key = (int(now_s // limit.window_s), cancels)
            spent[key] = spent.get(key, 0) + cost
    for window, _ in spent:
        others = spent.get((window, False), 0)
        assert others <= 16
        assert others + spent.get((window, True), 0) <= 20
