"""Where one embedded server lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A server's folder, port and log, and whether it may outlive its launcher.

    ``folder`` belongs to this server alone and is made when absent. ``port`` 0 takes a free one
    and keeps it over restarts of the same object. Without ``log_file`` the log is in the folder.
    ``dies_with_launcher`` binds the server to the **thread** that starts it: when that thread
    ends, for whatever reason, the kernel ends the server.
    """

    folder: Path
    port: int = 0
    log_file: Path | None = None
    dies_with_launcher: bool = False
