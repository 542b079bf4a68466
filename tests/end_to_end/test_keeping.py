"""A backup of a running instance, restored elsewhere: the same books, halted until two rejoin."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.instances import Instance, eventually, running

from tidegate_chassis.keeping.container import opened
from tidegate_chassis.testing import server_folder
from tidegate_cli.__main__ import main

from .conftest import Watched

pytestmark = [
    pytest.mark.real,
    pytest.mark.end_to_end,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("traced"),
]
ENDED = ("FILLED", "CANCELLED", "EXPIRED", "REJECTED")
PLANTED = "planted-key-of-a-venue-0123456789"
Said = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Said:
    """Give a command line that runs in a home; it returns the exit code and the last line."""

    def _say(home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
        with patch.dict("os.environ", {"TIDEGATE_HOME": str(home), "ALPACA_API_SECRET": PLANTED}):
            code = main(["--json", *arguments])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return _say


def test_a_restored_instance_is_the_same_and_halted(traced: Watched, say: Said) -> None:
    """Kept while it runs: no secret in the file, equal books elsewhere, shut until two rejoin."""
    source = traced.instance
    with server_folder() as folder:
        file, home = folder / "one.backup", folder / "home"
        with planted(source):
            code, kept = say(source.folder, "backup", str(file))
        assert code == 0
        assert_no_secret(file, source)
        assert say(home, "restore", str(file))[0] == 0
        assert say(home, "restore", str(file))[1]["error"]["code"] == "NOT_EMPTY"

        ended = ended_orders(source)
        assert ended
        configuration = (home / "tidegate.yaml").read_text(encoding="utf-8")
        with running(home, configuration) as restored:
            assert books(restored, ended) == books(source, ended)
            eventually(lambda: level(restored) == "HALTED", "the gate to be shut")
            before = kept_n(kept, "risk/demo")
            eventually(lambda: restored.shard("risk/demo")["n"] > before, "risk to go on")
            _rejoin(restored, say)
            eventually(lambda: level(restored) == "OPEN", "the gate to be open again")


def _rejoin(restored: Instance, say: Said) -> None:
    home = restored.folder
    # It is refused with another code until execution has compared the account.
    look = eventually(lambda: _look(home, say), "the accounts to be compared")
    seen = str(_epoch(restored))
    assert look["hint"].startswith(f"tidegate admin rejoin --seen {seen} ")
    code, raised = say(home, "gate", "raise", "HALTED", "--reason", "not yet")
    assert code == 0
    asking = ("admin", "rejoin", "--reason", "compared", "--seen")
    assert say(home, *asking, seen)[1]["error"]["code"] == "RAISED_SINCE"
    assert say(home, *asking, str(2**63 - 1))[1]["error"]["code"] == "EPOCH_UNKNOWN"
    code, asked = say(home, *asking, str(raised["gate_epoch"]))
    assert (code, asked["error"]["code"]) == (4, "SECOND_PRINCIPAL_NEEDED")
    request = asked["error"]["message"].split()[1]
    code, same = say(home, "admin", "rejoin", "--approve", request)
    assert (code, same["error"]["code"]) == (4, "SAME_PRINCIPAL")
    code, strange = say(home, "admin", "rejoin", "--approve", "lowering-99", "--as", "approver")
    assert (code, strange["error"]["code"]) == (4, "NO_SUCH_REQUEST")
    code, done = say(home, "admin", "rejoin", "--approve", request, "--as", "approver")
    assert (code, done["rejoined"]) == (0, True)
    audited = restored.get("risk", "/v1/audit", what="LOWERED")["audit"]
    assert any(each["why"] == "rejoin: compared" for each in audited)
    assert say(home, "admin", "rejoin")[1]["rejoined"] is False


def _look(home: Path, say: Said) -> dict[str, Any] | None:
    error: dict[str, Any] = say(home, "admin", "rejoin")[1]["error"]
    return error if error["code"] == "REJOIN_NEEDED" else None


@contextmanager
def planted(instance: Instance) -> Iterator[None]:
    """Put a venue's key where keys are, for a while."""
    path = instance.folder / "secrets" / "alpaca.key"
    path.write_text(f"{PLANTED}\n", encoding="utf-8")
    try:
        yield
    finally:
        path.unlink()


def assert_no_secret(file: Path, source: Instance) -> None:
    """Neither the planted key nor the content of any file of the secrets is in any part."""
    known = {PLANTED.encode()}
    for path in (source.folder / "secrets").iterdir():
        if not path.name.endswith(".verify-key.pem"):
            known |= {line for line in path.read_bytes().splitlines() if b"-----" not in line}
    whole = file.read_bytes()
    assert not [secret for secret in known if secret in whole]
    with opened(file) as backup:
        for each in backup.manifest.files:
            with backup.content(each.name) as content:
                data = content.read()
            data = gzip.decompress(data) if each.name.startswith("databases/") else data
            assert not [secret for secret in known if secret in data], each.name


def books(instance: Instance, ended: Collection[str]) -> tuple[object, ...]:
    """Return positions, fills and the orders that are named."""
    orders = instance.get("execution", "/v1/orders", limit=5_000)["orders"]
    return (
        instance.get("portfolio", "/v1/positions")["positions"],
        instance.get("execution", "/v1/fills", limit=5_000)["fills"],
        {o["client_order_id"]: o for o in orders if o["client_order_id"] in ended},
    )


def ended_orders(instance: Instance) -> set[str]:
    """Return the orders that have ended: what is open, a halt cancels."""
    orders = instance.get("execution", "/v1/orders", limit=5_000)["orders"]
    return {str(o["client_order_id"]) for o in orders if o["state"] in ENDED}


def level(instance: Instance) -> str:
    """Return the gate's level for everything."""
    return next((str(scope["level"]) for scope in _everything(instance)), "OPEN")


def _epoch(instance: Instance) -> int:
    (scope,) = _everything(instance)
    return int(scope["gate_epoch"])


def _everything(instance: Instance) -> list[dict[str, Any]]:
    scopes = instance.get("risk", "/v1/gate")["scopes"]
    return [scope for scope in scopes if scope["scope"] == "all"]


def kept_n(manifest: dict[str, Any], shard: str) -> int:
    """Return a shard's last input, as a backup says."""
    found: int = next(each["n"] for each in manifest["shards"] if each["shard"] == shard)
    return found
