"""A whole instance for a benchmark: the supervisor starts it, as `tidegate demo` does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from tidegate_chassis.configuration import (
    Configuration,
    FeedConfiguration,
    Layout,
    Money,
    Session,
    StrategyConfiguration,
    dump,
)
from tidegate_cli import launching
from tidegate_cli.configured import judge
from tidegate_cli.instances import InstanceRecord
from tidegate_cli.output import Output
from tidegate_cli.supervisor.plan import Request

SESSION = "bench"
CAPITAL = Money(amount=Decimal(100_000), currency="USD")
OWN_SERVERS = ("NATS_URL", "DATABASE_URL", "REDIS_URL")


@contextmanager
def instance(
    session: Session, folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[InstanceRecord]:
    """Run an instance of six services on servers of its own; it is gone afterwards."""
    configuration = Configuration(sessions=(session,))
    problems = judge(configuration)
    assert not problems, problems
    place = folder / "instance"
    place.mkdir(mode=0o711)
    path = place / "tidegate.yaml"
    path.write_text(dump(configuration), encoding="utf-8")
    home = folder / "home"
    Layout(home).make()
    request = Request(SESSION, home, place, path, ephemeral=True)
    process = _start(request, variables or {})
    try:
        yield launching.wait_until_ready(request, process, Output(json=True))
    finally:
        launching.end(process)


def _start(request: Request, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    console = launching.console_path(request)
    console.parent.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
    with console.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tidegate_cli.supervisor", *request.arguments()],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**kept, "TIDEGATE_HOME": str(request.home), **variables},
        )


def lockstep_session(path: str) -> Session:
    """Return the demo's session on some data: both strategies, time given by the feed."""
    return Session(
        name=SESSION,
        capital=CAPITAL,
        feed=FeedConfiguration(paths=(path,)),
        strategies=(
            StrategyConfiguration(name="ema-crossover", strategy="ema-crossover"),
            StrategyConfiguration(name="donchian-breakout", strategy="donchian-breakout"),
        ),
    )
