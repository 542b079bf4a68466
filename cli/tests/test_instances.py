from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from tidegate_cli.commands.kill import KillOrder, run as kill
from tidegate_cli.errors import Misused, Unreachable
from tidegate_cli.identity import Identity
from tidegate_cli.instances import (
    InstanceRecord,
    ProcessRecord,
    checked_session,
    find,
    record_path,
    running,
)
from tidegate_cli.output import Output


def record(name: str, *, pid: int = 0, ticks: int = 0) -> InstanceRecord:
    """A record, of this very process unless another is named."""
    own = Identity.of(os.getpid())
    assert own is not None
    return InstanceRecord(
        instance=name,
        state="ready",
        supervisor_pid=pid or own.pid,
        supervisor_start_ticks=ticks or own.start_ticks,
        started_at="2024-01-01T00:00:00+00:00",
        folder=Path("/somewhere"),
        configuration=Path("/somewhere/tidegate.yaml"),
        ephemeral=False,
        sessions=("demo",),
        http={"risk": "http://127.0.0.1:1"},
        processes={"risk": ProcessRecord(pid=7, port=1)},
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a folder for records."""
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("TIDEGATE_HOME", str(tmp_path))
    monkeypatch.delenv("TIDEGATE_INSTANCE", raising=False)
    return tmp_path


def write(home: Path, *records: InstanceRecord) -> None:
    """Write records down."""
    for each in records:
        each.write(record_path(home, each.instance))


def test_a_record_is_read_as_it_was_written(home: Path) -> None:
    """Commands in other processes rely on it."""
    write(home, record("main"))
    assert InstanceRecord.read(record_path(home, "main")) == record("main")
    assert InstanceRecord.read(record_path(home, "other")) is None


def test_a_record_whose_process_is_another_one_does_not_count(home: Path) -> None:
    """A process id may have been given to a stranger since a crash."""
    write(home, record("main", ticks=1))
    assert running(home) == []
    with pytest.raises(Unreachable):
        find(None)


def test_the_main_instance_is_meant_unless_another_is_named(home: Path) -> None:
    """A demo beside it is found by its name."""
    write(home, record("main"), record("demo-1"))
    assert find(None).instance == "main"
    assert find("demo-1").instance == "demo-1"
    with pytest.raises(Unreachable, match="demo-2 does not run"):
        find("demo-2")


def test_the_only_instance_needs_no_name_but_one_of_two_does(home: Path) -> None:
    """The error lists the names."""
    write(home, record("demo-1"))
    assert find(None).instance == "demo-1"
    write(home, record("demo-2"))
    with pytest.raises(Misused, match="demo-1, demo-2"):
        find(None)


def test_a_zombie_is_not_alive() -> None:
    """A killed child that nobody waited for still has an entry in /proc."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert Identity.of(pid) is None
    os.waitpid(pid, 0)


def test_no_secret_is_written_down() -> None:
    """The record may be read by everybody on the machine."""
    names = {field.name for field in msgspec.structs.fields(InstanceRecord)}
    assert not {name for name in names if "password" in name or "token" in name}


def test_the_addresses_of_a_service_are_those_of_its_replicas() -> None:
    """The first one is asked first; a name that begins alike is another service's."""
    http = {"risk-2": "two", "risk": "one", "risk-watch": "other", "risk-10": "ten"}
    found = msgspec.structs.replace(record("main"), http=http)
    assert found.addresses("risk")[0] == "one"
    assert set(found.addresses("risk")) == {"one", "two", "ten"}
    assert found.addresses("risk-2") == ("two",)
    assert found.addresses("alerts") == ()


def test_a_session_that_an_instance_does_not_have_is_refused_with_those_it_has() -> None:
    """An empty list would look as if nothing were traded."""
    checked_session(None, ("demo",))
    checked_session("demo", ("demo",))
    with pytest.raises(Misused, match="no session 'dmeo'") as caught:
        checked_session("dmeo", ("demo",))
    assert caught.value.expected == "one of demo"


@pytest.mark.parametrize("scope", ["session:dmeo", "strategy:dmeo/trend", "instrument:dmeo/AAPL"])
def test_a_kill_of_an_unknown_session_says_so_at_once(home: Path, scope: str) -> None:
    """Otherwise it would wait for a shard that there is not."""
    write(home, record("main"))
    order = KillOrder(scope=scope, reason="a test", flatten=False)
    with pytest.raises(Misused, match="no session 'dmeo'"):
        kill(Output(), None, None, order)
