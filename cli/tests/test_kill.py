from __future__ import annotations

from typing import Any

import pytest

from tidegate_cli.commands.kill import KillOrder, Paths, deliver, not_confirmed, stopped
from tidegate_cli.errors import Refused, Unreachable

ORDER = KillOrder(scope="all", reason="test", flatten=False)
CONFIRMED: dict[str, Any] = {
    "shard": "execution/demo",
    "running": True,
    "stored": True,
    "levels": {"all": "HALTED"},
    "open_orders": 0,
    "closing_orders": 0,
    "holdings_to_close": 0,
    "confirmed": True,
}


def test_a_shard_that_stored_it_and_has_nothing_open_confirms() -> None:
    """A stricter level confirms as well."""
    assert not_confirmed(CONFIRMED, ORDER) is None
    assert not_confirmed({**CONFIRMED, "levels": {"all": "LOCKED"}}, ORDER) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"running": False}, "does not run"),
        ({"stored": False}, "stored"),
        ({"levels": {}}, "OPEN"),
        ({"levels": {"all": "REDUCE_ONLY"}}, "REDUCE_ONLY"),
        ({"levels": {"session:demo": "HALTED"}}, "OPEN"),
        ({"open_orders": 2}, "2 orders"),
        ({"confirmed": False}, "venue"),
    ],
)
def test_anything_less_is_no_confirmation(change: dict[str, Any], why: str) -> None:
    """KILLED is a promise: each of its parts is needed."""
    assert why in (not_confirmed({**CONFIRMED, **change}, ORDER) or "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"confirmed": False}, True),
        ({"open_orders": 2}, True),
        ({"stored": False}, False),
        ({"running": False}, False),
        ({"levels": {"all": "REDUCE_ONLY"}}, False),
    ],
)
def test_a_shard_has_stopped_before_its_venue_says_so(
    change: dict[str, Any], *, expected: bool
) -> None:
    """What is still waited for is told apart from what still trades."""
    assert stopped({**CONFIRMED, **change}, ORDER) is expected


def test_flattening_is_confirmed_when_its_own_orders_are_done() -> None:
    """The closing orders are the gate's own and count only then."""
    flatten = KillOrder(scope="all", reason="test", flatten=True)
    shard = {**CONFIRMED, "levels": {"all": "FLATTENING"}, "closing_orders": 1}
    assert "closing" in (not_confirmed(shard, flatten) or "")
    assert not_confirmed({**shard, "closing_orders": 0}, flatten) is None


def test_a_path_that_does_not_answer_is_tried_again() -> None:
    """Who died with the order in memory only hears it again once it is back."""
    paths = Paths(0.0)
    answers = [Unreachable("NO_ANSWER", "gone"), ConnectionResetError("gone"), None]

    def send() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    deliver(paths, "execution", send, again_s=0.0)
    assert answers == []
    assert list(paths.answered_ms) == ["execution"]
    assert paths.failed == {}


def test_a_path_is_tried_no_more_once_the_command_is_over() -> None:
    """Whatever has confirmed or not by then is what is printed."""
    paths = Paths(0.0)
    paths.ended.set()

    def send() -> None:
        raise Unreachable("NO_ANSWER", "gone")

    deliver(paths, "risk", send)
    assert "gone" in paths.failed["risk"]
    assert paths.answered_ms == {}


def test_a_path_that_refuses_is_not_asked_again() -> None:
    """A token that is not accepted will not be accepted later."""
    paths = Paths(0.0)
    asked: list[int] = []

    def send() -> None:
        asked.append(1)
        raise Refused("FORBIDDEN", "not you")

    deliver(paths, "risk", send, again_s=0.0)
    assert len(asked) == 1
    assert "not you" in paths.failed["risk"]
