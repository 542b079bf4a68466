"""Somebody has decided about every recorded payload."""

import pytest
from tests.venues.recording_decisions import DECISIONS, Reader
from tests.venues.recordings import Payload, needed, payloads


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
