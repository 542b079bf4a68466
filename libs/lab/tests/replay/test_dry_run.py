"""Other limits over a recorded session: the same change nothing, stricter ones refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_kernel.time import NS_PER_DAY, format_time, parse_time
from tidegate_lab.testing import SESSION, MemoryRecording
from tidegate_risk.adapters.dry_run import Became, DryRun, Window, dry_run
from tidegate_risk.config import document_of, settings_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_risk.core.changes.document import LimitsDocument

WHOLE = Window(since_ns=0)
RISK = f"risk/{SESSION}"


def session(recording: MemoryRecording) -> Session:
    """Return the recorded session."""
    return recording.configuration.sessions[0]


def document(recording: MemoryRecording, **limits: Any) -> LimitsDocument:  # noqa: ANN401 - any limit
    """Return limits as the session would have them."""
    settings, _ = settings_of(session(recording), limits)
    return document_of(settings, session(recording))


def tried(recording: MemoryRecording, window: Window = WHOLE, **limits: Any) -> DryRun:  # noqa: ANN401
    """Try limits on the recording."""
    return dry_run(recording, session(recording), document(recording, **limits), window)


def test_the_recorded_document_decides_the_same(recording: MemoryRecording) -> None:
    """Every verdict, from the genesis and from the middle."""
    whole = tried(recording)
    assert whole.counts == {"same": whole.signals} | dict.fromkeys(
        ("refused", "resized", "other reason", "approved"), 0
    )
    assert (whole.changes, whole.verdicts, whole.refused_by) == ((), (), {})
    assert whole.signals > 5
    middle = tried(recording, Window(since_ns=parse_time("2024-02-01")[0]))
    assert 0 < middle.signals < whole.signals
    assert middle.counts["same"] == middle.signals
    assert all(each.recorded for each in whole.breakers)


def test_stricter_limits_refuse_recorded_orders_with_their_codes(
    recording: MemoryRecording,
) -> None:
    """Each refused order is named with its id, its quantity and the rule's own words."""
    found = tried(recording, trade_notional_min=10**6)
    refused = [each for each in found.verdicts if each.became == Became.REFUSED.value]
    assert found.counts["refused"] == len(refused) > 0
    assert found.refused_by == {"TRADE_TOO_SMALL": len(refused)}
    assert all(each.client_order_id and each.quantity_recorded for each in refused)
    assert all(each.message.startswith("expected") for each in refused)
    (change,) = found.changes
    assert (change.name, change.looser) == ("trade_notional_min", False)


def test_smaller_sizes_are_told_beside_the_recorded_ones(recording: MemoryRecording) -> None:
    """Half the fraction is about half the quantity."""
    found = tried(recording, position_fraction="0.1")
    first = found.verdicts[0]
    assert first.became == Became.RESIZED.value
    halved = int(first.quantity_recorded) / 2
    assert int(first.quantity) == pytest.approx(halved, abs=1)


def test_a_stricter_breaker_is_told_and_refuses_what_follows(recording: MemoryRecording) -> None:
    """It trips in the same prices, and until it is over its scope opens nothing."""
    drawdown = {"drawdown": {"percent": "0.1"}, "resume": "never"}
    found = tried(recording, breakers=drawdown)
    assert (found.breakers[0].breaker, found.breakers[0].recorded) == ("drawdown", False)
    recorded = {(each.breaker, each.at) for each in tried(recording).breakers}
    assert {(each.breaker, each.at) for each in found.breakers if each.recorded} <= recorded
    assert found.refused_by["BREAKER_OPEN"] > 0


def test_without_a_window_the_newest_day_is_looked_at(recording: MemoryRecording) -> None:
    """Up to the record's end."""
    newest_ns = recording.journals[RISK][-1].row.at_ns
    found = dry_run(recording, session(recording), document(recording))
    assert found.until == format_time(newest_ns)
    assert parse_time(found.since)[0] >= newest_ns - NS_PER_DAY


def test_a_window_without_any_input_is_not_recorded(recording: MemoryRecording) -> None:
    """The error says where the journal ends; so does one of a session that never decided."""
    with pytest.raises(NotRecorded, match="its journal ends at 2024-"):
        tried(recording, Window(since_ns=parse_time("2030-01-01")[0]))
    recording.journals[RISK] = []
    with pytest.raises(NotRecorded, match="a journal of"):
        tried(recording)


def test_more_inputs_than_are_allowed_are_refused_before_any_is_read(
    recording: MemoryRecording,
) -> None:
    """Those up to the window count too: exactly as many pass, one less does not."""
    inputs = tried(recording).inputs
    assert tried(recording, Window(since_ns=0, inputs_max=inputs)).inputs == inputs
    with pytest.raises(NotRecorded, match="fewer inputs"):
        tried(recording, Window(since_ns=0, inputs_max=inputs - 1))
