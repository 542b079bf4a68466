"""Starts the execution service quickly: imported once, forked for each start.

`python -m tests.crash_execution.nursery` imports everything, then reads one JSON object a
line: the environment of a process, which is forked off at once. Its process id is the answer. A
child is a process of its own with nothing of an earlier one: state comes from the database alone.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import signal
import sys
from typing import TYPE_CHECKING

from tidegate_chassis.embedded.processes import dying_with_parent
from tidegate_chassis.host import crash
from tidegate_chassis.host.service import run_service
from tidegate_execution.__main__ import SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENTS = (
    "tidegate_execution.adapters.alpaca.bounded_client",
    "tidegate_execution.adapters.alpaca.listening_stream",
    "ccxt.pro",
)


def main() -> None:
    """Import, then fork until nobody asks any more."""
    for name in CLIENTS:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever dies needs nobody to wait for it
    print("ready", flush=True)  # noqa: T201 - the protocol
    for line in sys.stdin:
        bind = dying_with_parent(signal.SIGKILL)
        pid = os.fork()
        if pid == 0:
            bind()
            _be(json.loads(line))
        print(pid, flush=True)  # noqa: T201 - the protocol


def _be(environment: Mapping[str, str]) -> None:
    """Become the service with this environment; does not return."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    console = os.open(environment["CONSOLE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for opened, number in ((nothing, 0), (console, 1), (console, 2)):
        os.dup2(opened, number)
    random.seed()
    importlib.reload(crash)  # its points are read from the environment when it is imported
    code = 1
    try:
        run_service(SERVICE)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
