"""Valkey, for what may be lost: last quotes, rate budgets, the feature cache. Never the truth."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tidegate_chassis.embedded import binaries
from tidegate_chassis.embedded.ports import LOOPBACK
from tidegate_chassis.embedded.server import EmbeddedServer, write_private
from tidegate_chassis.security.secrets import generated_secret

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_chassis.embedded.place import Place

_PROBE_PATIENCE_S = 1.0

# Nothing is written to the disk, and when the memory is full the least used key goes.
_CONFIGURATION = """\
bind {host}
port {port}
dir "{folder}"
daemonize no
protected-mode yes
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
requirepass {password}
"""


class ValkeyServer(EmbeddedServer):
    """One Valkey on loopback; its password is kept in ``password_file``, made when absent."""

    name = "valkey"
    executable = "valkey-server"

    def __init__(self, place: Place, *, password_file: Path) -> None:
        """Describe the server; nothing happens before `start`."""
        super().__init__(place)
        self.password_file = password_file

    @property
    def url(self) -> str:
        """Where clients connect, with the password."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    def ready(self) -> bool:
        """Tell whether the server takes its password and answers a ping."""
        commands = f"AUTH {self._password}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), _PROBE_PATIENCE_S) as probe:
                probe.sendall(commands)
                lines = probe.makefile("rb")
                return lines.readline() == b"+OK\r\n" and lines.readline() == b"+PONG\r\n"
        except OSError:
            return False

    @property
    def _password(self) -> str:
        return generated_secret(self.password_file).reveal()

    def _prepare(self) -> list[str]:
        configuration = self.folder / "valkey.conf"
        text = _CONFIGURATION.format(
            host=LOOPBACK, port=self.port, folder=self.folder, password=self._password
        )
        write_private(configuration, text)
        return [str(binaries.valkey_server()), str(configuration)]
