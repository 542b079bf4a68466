from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tidegate_chassis.configuration import dump
from tidegate_contracts.execution import OrderEvent
from tidegate_lab.replay.archive import write_archive
from tidegate_lab.replay.definitions import definitions_of
from tidegate_lab.testing import SESSION, MemoryRecording, record, toy_configuration

Tidegate = Callable[..., Any]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> MemoryRecording:
    """Give a recorded session."""
    return record(toy_configuration(tmp_path_factory.mktemp("toy")))


@pytest.fixture
def archive(recording: MemoryRecording, tmp_path: Path) -> str:
    """Give its archive's folder; shards that recorded nothing are there too, empty."""
    names = [each.shard for each in definitions_of(recording, SESSION)]
    write_archive(recording, SESSION, names, tmp_path / "archive")
    return str(tmp_path / "archive")


@pytest.fixture
def order_id(recording: MemoryRecording) -> str:
    """Give the id of the first order."""
    bodies = (message.body for message in recording.said[f"execution/{SESSION}"])
    event = next(body for body in bodies if isinstance(body, OrderEvent))
    return event.specification.client_order_id


def test_a_replay_without_a_difference_ends_with_0(tidegate: Tidegate, archive: str) -> None:
    """The last line has the counts of each shard and both hashes."""
    ended = tidegate("replay", SESSION, "--verify", "--journals", archive, "--json")
    assert ended.code == 0, ended.err
    assert ended.document["differ"] == 0
    assert ended.document["outcome"]["ledger_balanced"] is True
    assert len(ended.document["outcome"]["orders_hash"]) == 64
    by_name = {shard["shard"]: shard for shard in ended.document["shards"]}
    assert by_name[f"risk/{SESSION}"]["inputs"] > by_name[f"risk/{SESSION}"]["decisions"] > 0
    assert "0 decisions differ" in tidegate("replay", SESSION, "--journals", archive).out


def test_a_replay_with_a_difference_ends_with_1_and_shows_it(
    tidegate: Tidegate, recording: MemoryRecording, archive: str, tmp_path: Path
) -> None:
    """Under another configuration: both versions of the first message, and what caused it."""
    path = tmp_path / "changed.yaml"
    path.write_text(dump(recording.configuration).replace("fast: 2", "fast: 3"))
    options = ("--journals", archive, "--config", str(path), "--shard", f"signals/{SESSION}/0")
    ended = tidegate("replay", SESSION, *options)
    assert ended.code == 1
    assert "reasons[0]: 'EMA(2)" in ended.out
    assert "-> 'EMA(3)" in ended.out
    assert f"market-data/replay-{SESSION} n=" in ended.out
    assert tidegate("replay", SESSION, *options, "--json").document["differ"] > 0


def test_the_state_of_a_shard_is_shown_at_a_position_and_at_a_time(
    tidegate: Tidegate, archive: str
) -> None:
    """As JSON, decoded."""
    options = ("--state", f"portfolio/{SESSION}", "--journals", archive, "--json")
    begun = tidegate("replay", SESSION, *options, "--at", "1").document
    then = tidegate("replay", SESSION, *options, "--at", "2024-02-01T00:00:00Z").document
    ended = tidegate("replay", SESSION, *options).document
    assert begun["n"] == 1 < then["n"] < ended["n"]
    assert then["at"] == "2024-02-01T00:00:00Z"
    assert then["machine"]["ledger"]["balances"]["equity:capital"] == {"USD": "-100000"}


def test_an_order_is_explained_in_words_and_as_json(
    tidegate: Tidegate, archive: str, order_id: str
) -> None:
    """From its fills back to its bars."""
    ended = tidegate("explain", order_id[:14], "--journals", archive)
    assert ended.code == 0, ended.err
    for text in (order_id, "fill: BUY", "verdict: APPROVED", "because EMA(2)", "equity = 100000"):
        assert text in ended.out
    document = tidegate("explain", order_id, "--journals", archive, "--json").document
    assert document["order"]["state"] == "FILLED"


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (("explain", "tg-unknown"), 2, "NOT_RECORDED"),
        (("replay", "nobody"), 2, "NOT_RECORDED"),
        (("replay", SESSION, "--shard", "risk/nobody"), 2, "NOT_RECORDED"),
        (("replay", SESSION, "--state", f"risk/{SESSION}", "--at", "9999999"), 2, "NOT_RECORDED"),
        (("replay", SESSION, "--state", f"risk/{SESSION}", "--at", "noon"), 2, "AT"),
        (("replay", SESSION, "--at", "5"), 2, "USAGE"),
        (("replay", SESSION, "--verify", "--export", "there"), 2, "USAGE"),
    ],
)
def test_a_wrong_question_gets_a_clear_error(
    tidegate: Tidegate, archive: str, arguments: tuple[str, ...], code: int, name: str
) -> None:
    """Misuse is 2, and the five parts are there."""
    ended = tidegate(*arguments, "--journals", archive, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (code, name)


def test_a_changed_archive_ends_with_5(tidegate: Tidegate, archive: str) -> None:
    """Nothing is replayed from what is not what was exported."""
    path = Path(archive) / f"risk.{SESSION}.journal.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    ended = tidegate("replay", SESSION, "--journals", archive, "--json")
    assert ended.code == 5
    assert path.name in ended.document["error"]["message"]


@pytest.mark.parametrize("arguments", [("replay", SESSION), ("explain", "tg-x")])
def test_without_a_recording_commands_end_with_3(
    tidegate: Tidegate, arguments: tuple[str, ...]
) -> None:
    """The hint says where one may be."""
    ended = tidegate(*arguments, "--json")
    assert ended.code == 3
    assert "--journals" in ended.document["error"]["hint"]


def test_an_export_is_read_again(tidegate: Tidegate, archive: str, tmp_path: Path) -> None:
    """An archive of an archive has the same files."""
    again = tmp_path / "again"
    ended = tidegate("replay", SESSION, "--export", str(again), "--journals", archive, "--json")
    assert ended.code == 0, ended.err
    assert tidegate("replay", SESSION, "--journals", str(again), "--json").document["differ"] == 0
    assert (again / "manifest.json").read_bytes() == (Path(archive) / "manifest.json").read_bytes()
