"""Each finding of `upgrade --check` says what is wrong and what to do about it."""

import shutil
from pathlib import Path

import pytest

from tidegate_chassis.keeping.container import KeptShard
from tidegate_cli.commands.archive import droppable
from tidegate_cli.commands.upgrade import (
    contract,
    drained,
    migrations,
    orders_known,
    outbox_empty,
    versions,
)
from tidegate_cli.origin import baseline, newest_schema

from .conftest import Tidegate

SERVICES = ("risk", "execution")


def shard(n: int, snapshot_n: int) -> KeptShard:
    """Return a shard of risk."""
    return KeptShard(
        service="risk", shard="risk/a", term=1, n=n, snapshot_n=snapshot_n, core="c", heads={}
    )


def test_a_tail_is_this_versions_to_finish() -> None:
    """It is named with its length; without one all is well."""
    assert drained([shard(9, 9)], running=False).ok
    found = drained([shard(9, 7)], running=False)
    assert not found.ok
    assert "risk/a +2" in found.found


def test_an_instance_that_runs_is_not_drained() -> None:
    """Even if all its shards have just left a snapshot."""
    found = drained([shard(9, 9)], running=True)
    assert not found.ok
    assert "tidegate down" in found.hint


def test_unknown_outcomes_are_named() -> None:
    """Three of them at most, and how many more there are."""
    assert orders_known([]).ok
    found = orders_known([f"tg-{number}" for number in range(5)])
    assert not found.ok
    assert found.found == "unknown outcome: tg-0, tg-1, tg-2 and 2 more"


def test_messages_that_are_not_in_a_stream_are_counted() -> None:
    """One is enough."""
    assert outbox_empty(0).ok
    assert outbox_empty(1).found.startswith("1 messages")


def test_pending_migrations_are_named_and_no_fault() -> None:
    """They run at the next start, after a backup."""
    none = migrations(dict.fromkeys(SERVICES, newest_schema()))
    assert none.ok
    assert not none.hint
    pending = migrations(dict.fromkeys(SERVICES, "20261121000001"))
    assert pending.ok
    assert newest_schema() in pending.found
    assert "tidegate backup" in pending.hint


def test_databases_newer_than_the_code_are_a_fault() -> None:
    """Both numbers are said."""
    found = migrations(dict.fromkeys(SERVICES, "99991231000000"))
    assert not found.ok
    assert "99991231000000" in found.found
    assert newest_schema() in found.found


def test_databases_of_different_ages_are_a_fault() -> None:
    """Each is named with its schema."""
    found = migrations({"risk": "20261121000001", "execution": newest_schema()})
    assert not found.ok
    assert "risk 20261121000001" in found.found


def test_mixed_versions_are_told_with_who_runs_them() -> None:
    """This command counts too."""
    assert versions({"this command": "1.0", "risk": "1.0 on Python 3.11.7"}).ok
    found = versions({"this command": "1.0", "risk": "1.0 on Python 3.11.7", "alerts": "0.9"})
    assert not found.ok
    assert found.found == "mixed: 0.9: alerts; 1.0: this command, risk"


def test_a_contract_that_lost_a_field_is_a_fault(tmp_path: Path) -> None:
    """The field is named; the contract as it stands only grew."""
    proto = baseline().parent
    shutil.copytree(proto / "tidegate", tmp_path / "tidegate")
    for name in ("buf.yaml", "baseline.binpb"):
        shutil.copy(proto / name, tmp_path / name)
    assert contract(tmp_path / "baseline.binpb").ok
    path = tmp_path / "tidegate" / "risk" / "v1" / "risk.proto"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if "string signal_key =" in line)
    path.write_text("".join(lines[:place] + lines[place + 1 :]), encoding="utf-8")
    found = contract(tmp_path / "baseline.binpb")
    assert not found.ok
    assert "signal_key" in found.found


def test_without_a_checkout_the_contract_is_as_released(tmp_path: Path) -> None:
    """There is nothing to compare."""
    assert contract(tmp_path / "baseline.binpb").ok


def test_it_only_looks(tidegate: Tidegate) -> None:
    """Without --check it is misused, and says so."""
    assert tidegate("upgrade").code == 2


def test_without_an_instance_there_is_nothing_to_check(tidegate: Tidegate) -> None:
    """Exit code 3, as everywhere."""
    assert tidegate("upgrade", "--check").code == 3


@pytest.mark.parametrize(
    ("snapshots", "reached", "limit"),
    [([], 0, 0), ([5], 1, 0), ([5, 9], 2, 5), ([2, 5, 9], 3, 5), ([2, 5, 9], 2, 0), ([5, 9], 0, 0)],
)
def test_a_journal_goes_up_to_the_older_of_two_snapshots(
    snapshots: list[int], reached: int, limit: int
) -> None:
    """Only if this code has reached every one of them again."""
    assert droppable(snapshots, reached) == limit
