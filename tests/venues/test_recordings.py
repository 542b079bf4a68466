"""Somebody has decided about every recorded payload."""

from collections.abc import Callable

import pytest
from tests.venues.recording_decisions import DECISIONS, Reader
from tests.venues.recordings import Json, Payload, Reading, check_reading, needed, payloads


@needed
def test_every_recorded_payload_has_one_decision() -> None:
    """An adapter reads it, or a reason says why none does; a new file needs a new line."""
    undecided = []
    for payload in payloads():
        try:
            assert payload.decision
        except LookupError as error:
            undecided.append(str(error))
    assert not undecided, "\n".join(undecided)


@needed
def test_every_decision_and_every_reader_has_a_payload() -> None:
    """A line that fits nothing any more is deleted."""
    names = [each.name for each in payloads()]
    idle = [
        pattern.pattern
        for pattern, _ in DECISIONS
        if not any(pattern.fullmatch(name) for name in names)
    ]
    assert not idle, idle
    assert {each.decision for each in payloads()} >= set(Reader)


@pytest.mark.parametrize("name", ["alpaca_new_recording.json 0", "alpaca_trade_updates.json 0"])
def test_a_payload_that_nobody_has_decided_about_is_told(name: str) -> None:
    """The error names the payload and the place for the decision."""
    with pytest.raises(LookupError, match=f"{name}.*recording_decisions.py"):
        assert Payload(name, {}).decision


BODY = {"price": "1", "legs": [{"quantity": "2"}]}
REQUIRED = ("price", "legs", "legs.*.quantity")


def strict(body: Json) -> object:
    """Read two numbers, or say which is missing."""
    for name, within in (("price", body), ("legs", body)):
        if within.get(name) is None:
            raise KeyError(f"expected {name}")
    for leg in body["legs"]:
        if leg.get("quantity") is None:
            raise KeyError("expected quantity")
    return body["price"], [leg["quantity"] for leg in body["legs"]]


def lenient(body: Json) -> object:
    """Make something of a price that is missing."""
    return strict({**body, "price": body.get("price") or "0"})


def silent(body: Json) -> object:
    """Fail without a name."""
    try:
        return strict(body)
    except KeyError:
        raise KeyError("unreadable") from None


def curious(body: Json) -> object:
    """Read what nobody knows."""
    return strict(body), sorted(body)


def test_a_reading_that_names_all_that_counts_passes() -> None:
    """Whatever is missing, and whatever is added."""
    check_reading(BODY, Reading(strict, KeyError, REQUIRED))


@pytest.mark.parametrize("read", [lenient, silent, curious])
@pytest.mark.parametrize("declared", [REQUIRED, ()])
def test_a_reading_that_guesses_is_found_out(
    read: Callable[[Json], object], declared: tuple[str, ...]
) -> None:
    """Declared or not: a guess, an error without a name, and an interest in the unknown fail."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check_reading(BODY, Reading(read, KeyError, declared))
