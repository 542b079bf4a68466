from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate_chassis.configuration import Configuration, Environment, Layout
from tidegate_chassis.embedded import NatsServer, Place
from tidegate_chassis.testing import server_folder
from tidegate_cli.commands.logs import readable
from tidegate_cli.demo.wanted import Wanted, configuration_of
from tidegate_cli.identity import Identity
from tidegate_cli.instances import ProcessRecord
from tidegate_cli.supervisor.backoff import LONGEST_S, Backoff
from tidegate_cli.supervisor.child import STARTS_BEFORE_READY_MAX, Child, ChildPlan
from tidegate_cli.supervisor.environment import Addresses, child_plans
from tidegate_cli.supervisor.plan import Plan
from tidegate_cli.supervisor.rotation import ConsoleFile, tail
from tidegate_cli.supervisor.servers import KeptServer
from tidegate_cli.supervisor.supervisor import only_unreconciled


@pytest.fixture
def configuration() -> Configuration:
    """The demo's."""
    return configuration_of(Wanted())


def plan_of(tmp_path: Path, configuration: Configuration, **variables: str) -> Plan:
    """A plan in a temporary folder."""
    return Plan(
        instance="main",
        home=tmp_path,
        layout=Layout(tmp_path),
        configuration_path=tmp_path / "tidegate.yaml",
        configuration=configuration,
        environment=Environment(variables, {}),
        variables=variables,
    )


ADDRESSES = Addresses(
    nats_url="nats://127.0.0.1:1",
    redis_url="redis://127.0.0.1:2",
    otlp_endpoint="",
    databases={"risk": "postgresql://risk", "execution": "postgresql://execution"},
    credentials={"risk": Path("/s/nats-risk.creds"), "execution": Path("/s/nats-execution.creds")},
)


def test_a_service_gets_its_own_secrets_and_nobody_elses(
    tmp_path: Path, configuration: Configuration
) -> None:
    """Not the administrator's database, not another's, not the operator's token."""
    plan = plan_of(
        tmp_path,
        configuration,
        DATABASE_URL="postgresql://administrator",
        TIDEGATE_EXECUTION_DATABASE_URL="postgresql://other",
        TIDEGATE_TOKEN="secret",
        TIDEGATE__SESSIONS__DEMO__SPEED="9",
        LANG="C.UTF-8",
    )
    (risk,) = child_plans(plan, "risk", ADDRESSES)
    variables = risk.variables
    assert variables["TIDEGATE_RISK_DATABASE_URL"] == "postgresql://risk"
    assert variables["LANG"] == "C.UTF-8"
    text = " ".join(f"{name}={value}" for name, value in variables.items())
    for hidden in ("administrator", "postgresql://other", "secret", "SPEED", "nats-execution"):
        assert hidden not in text


def test_a_crash_point_is_passed_to_the_first_start_only(
    tmp_path: Path, configuration: Configuration
) -> None:
    """Otherwise the service would die there for ever."""
    plan = plan_of(tmp_path, configuration, TIDEGATE_RISK_CRASH_AT="after_commit:3")
    (risk,) = child_plans(plan, "risk", ADDRESSES)
    assert risk.first_variables == {"TIDEGATE_CRASH_AT": "after_commit:3"}
    assert not [name for name in risk.variables if name.endswith("CRASH_AT")]
    (execution,) = child_plans(plan, "execution", ADDRESSES)
    assert execution.first_variables == {}


def test_each_replica_has_a_name_a_port_and_a_log_of_its_own(
    tmp_path: Path, configuration: Configuration
) -> None:
    """The first is called like the service; ports follow the first one's."""
    document = configuration.model_dump(by_alias=True)
    document["services"]["risk"] |= {"replicas": 2, "http_port": 8_003}
    plan = plan_of(tmp_path, Configuration.model_validate(document))
    first, second = child_plans(plan, "risk", ADDRESSES)
    assert [first.service, second.service] == ["risk", "risk-2"]
    assert [first.http_port, second.http_port] == [8_003, 8_004]
    assert first.console != second.console
    assert second.variables["TIDEGATE_REPLICA"] == "2"
    assert second.variables["TIDEGATE_RISK_DATABASE_URL"] == "postgresql://risk"


def child_of(tmp_path: Path, code: str) -> Child:
    """A child that runs a line of Python as its module."""
    (tmp_path / "toy.py").write_text(code)
    plan = ChildPlan(
        service="toy",
        command=(sys.executable, "-m", "toy"),
        folder=tmp_path,
        console=tmp_path / "toy.log",
        variables={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)},
        first_variables={"FIRST": "yes"},
        http_host="127.0.0.1",
        http_port=None,
    )
    return Child(plan, lambda: None)


async def test_a_child_that_never_becomes_ready_is_given_up(tmp_path: Path) -> None:
    """The start then fails with the child's last words, instead of waiting for ever."""
    child = child_of(
        tmp_path, "import os; print('FIRST' in os.environ); raise SystemExit('broken')"
    )
    await child.run()
    assert child.gave_up
    assert child.starts == STARTS_BEFORE_READY_MAX
    said = child.plan.console.read_text()
    assert said.count("broken") == STARTS_BEFORE_READY_MAX
    assert said.count("True") == 1


async def test_a_killed_child_is_started_again_and_a_told_one_is_not(tmp_path: Path) -> None:
    """Kill -9 is a crash; stop is an order."""
    code = "import signal; print('up', flush=True); signal.pause()"
    started: asyncio.Queue[int] = asyncio.Queue()
    child = child_of(tmp_path, code)
    child.ready_once = True
    child._changed = lambda: started.put_nowait(child.record().pid or 0)
    running = asyncio.create_task(child.run())
    os.kill(await started.get(), signal.SIGKILL)
    assert await started.get() == 0, "a dead process is not written down"
    second = await started.get()
    await child.stop()
    await running
    assert child.starts == 2
    assert Identity.of(second) is None


@pytest.mark.real
async def test_a_server_that_died_is_written_down_with_its_new_process() -> None:
    """While it is dead it has none; afterwards there is the one that answers, and its restarts."""
    with server_folder() as folder:
        kept = KeptServer(NatsServer(Place(folder / "nats", dies_with_launcher=True)))
        await kept.start()
        first = kept.record()
        told: asyncio.Queue[ProcessRecord] = asyncio.Queue()
        keeping = asyncio.create_task(kept.keep(lambda: told.put_nowait(kept.record())))
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        assert await told.get() == ProcessRecord(pid=None, port=first.port, restarts=1)
        again = await told.get()
        assert again == ProcessRecord(pid=kept.server.pid, port=first.port, restarts=1)
        assert again.pid not in {None, first.pid}
        keeping.cancel()
        await kept.stop()


def test_backoff_doubles_and_is_bounded() -> None:
    """A service that dies at once must not eat the machine."""
    backoff = Backoff()
    waits = [backoff.next_s() for _ in range(10)]
    assert waits[:3] == [0.1, 0.2, 0.4]
    assert waits[-1] == LONGEST_S


def test_a_console_file_is_turned_over_while_its_writer_keeps_it_open(tmp_path: Path) -> None:
    """The newest words are in the file, older ones beside it, the oldest are gone."""
    file = ConsoleFile(tmp_path / "x.log", bytes_max=7, files_kept=2)
    writer = os.dup(file.fileno())
    for number in range(5):
        file.bound()
        os.write(writer, f"line {number}\n".encode())
    os.close(writer)
    file.close()
    assert (tmp_path / "x.log").read_text() == "line 4\n"
    assert (tmp_path / "x.log.1").read_text() == "line 3\n"
    assert (tmp_path / "x.log.2").read_text() == "line 2\n"
    assert tail(tmp_path / "x.log") == "line 4"
    assert tail(tmp_path / "absent.log") == ""


def test_a_child_never_waits_for_somebody_to_read_what_it_says(tmp_path: Path) -> None:
    """More than any pipe holds, while the supervisor does nothing."""
    file = ConsoleFile(tmp_path / "x.log")
    words = [sys.executable, "-c", "print('word ' * 1_000_000)"]
    assert subprocess.run(words, stdout=file.fileno(), timeout=30, check=False).returncode == 0
    file.close()
    assert (tmp_path / "x.log").stat().st_size == 5_000_001


def test_a_log_line_is_written_for_people() -> None:
    """What is no JSON object stays as it is."""
    line = '{"event": "shard opened", "at": "2024", "level": "info", "service": "risk", "n": 3}'
    assert readable(line).split() == ["2024", "info", "risk", "shard", "opened", "n=3"]
    assert readable("Traceback") == "Traceback"


@pytest.mark.parametrize(
    ("reasons", "alone"),
    [
        ([], False),
        (["execution/a: not reconciled: HOLDINGS_DIFFER: BTC/USD"], True),
        (["execution/a: not reconciled: x", "execution/b: recovering: journal"], False),
    ],
)
def test_an_account_that_differs_keeps_nobody_waiting_for_ever(
    reasons: list[str], *, alone: bool
) -> None:
    """The instance runs and sends no entry; anything else is waited for."""
    assert only_unreconciled(reasons) is alone
