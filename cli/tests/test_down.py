"""A purge names what is still open at venues, and goes on only if that is said to be meant."""

from pathlib import Path

import pytest

from tidegate_cli.commands.down import require_closed
from tidegate_cli.errors import Refused
from tidegate_cli.exposed import Open, open_orders
from tidegate_cli.output import Output

from .conftest import Tidegate

STATES = ("PENDING", "SUBMITTING", "WORKING", "PARTIALLY_FILLED", "UNKNOWN")
ENDED = ("FILLED", "CANCELLED", "EXPIRED", "REJECTED")


@pytest.mark.parametrize("state", [*STATES, *ENDED])
def test_an_order_is_open_until_it_has_ended(state: str) -> None:
    """An order whose outcome is unknown may be working at the venue."""
    row = {"session": "a", "venue": "alpaca", "client_order_id": "tg-1", "state": state}
    found = open_orders([row])
    assert found == ([Open("a", "alpaca", "order tg-1")] if state in STATES else [])


def test_an_open_position_is_said_in_a_line() -> None:
    """With its session and its venue."""
    assert Open("a", "alpaca", "-3 AAPL").sentence() == "a at alpaca: -3 AAPL"


def test_a_purge_of_nothing_removes_nothing(tidegate: Tidegate) -> None:
    """No home is no error."""
    ended = tidegate("--json", "down", "--purge", "--yes")
    assert ended.code == 0
    assert ended.document["purged"] == []


@pytest.mark.parametrize("abandon", [False, True])
def test_books_that_cannot_be_read_are_not_taken_for_empty(
    tidegate: Tidegate, tmp_path: Path, *, abandon: bool
) -> None:
    """Data without a database: what is open is not known, and only --abandon goes on."""
    lost = tmp_path / "home" / "data" / "nats"
    lost.mkdir(parents=True)
    ended = tidegate("--json", "down", "--purge", "--yes", *(["--abandon"] if abandon else []))
    assert lost.exists() is not abandon
    if abandon:
        assert ended.code == 0
    else:
        assert ended.document["error"]["code"] == "NOT_KNOWN"
        assert "--abandon" in ended.document["error"]["hint"]


def test_what_is_open_is_left_only_on_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is named in either case."""
    found = [Open("a", "alpaca", "10 AAPL"), Open("a", "alpaca", "order tg-1")]
    with pytest.raises(Refused) as caught:
        require_closed(Output(), found, abandon=False)
    assert caught.value.code == "STILL_OPEN"
    assert caught.value.found == "a at alpaca: 10 AAPL; a at alpaca: order tg-1"
    require_closed(Output(), found, abandon=True)
    assert capsys.readouterr().err.count("a at alpaca: order tg-1") == 2
    require_closed(Output(), [], abandon=False)
