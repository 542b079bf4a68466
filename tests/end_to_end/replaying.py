"""A recorded session through this code again, as a person does it: `tidegate replay`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.instances import tell

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 180.0


def replay(home: Path, *options: str) -> dict[str, Any]:
    """Verify session demo of an instance under a home; return what the command ended with."""
    ended = subprocess.run(
        [sys.executable, "-m", "tidegate_cli", "replay", "demo", "--verify", "--json", *options],
        env={**os.environ, "TIDEGATE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert ended.returncode in {0, 1}, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    assert "error" not in found, found
    tell(f"{found['differ']} of {found['decisions']} decisions differ, {found['inputs']} inputs")
    return found


def differences(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every difference that a replay tells in full."""
    return [each for shard in found["shards"] for each in shard["differences"]]
