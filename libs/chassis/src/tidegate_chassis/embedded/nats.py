"""nats-server with JetStream: every acknowledged message is on the disk."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import TYPE_CHECKING

from tidegate_chassis.embedded import binaries
from tidegate_chassis.embedded.errors import StartFailedError
from tidegate_chassis.embedded.ports import LOOPBACK
from tidegate_chassis.embedded.server import EmbeddedServer, write_private

if TYPE_CHECKING:
    from tidegate_chassis.embedded.place import Place

_INFO = b"INFO "
_PROBE_PATIENCE_S = 1.0
MAX_PAYLOAD_BYTES = 1024 * 1024

# `sync_interval: always` is the price of an acknowledgement that survives a power cut; the
# default of two minutes lost most of them. Clients are pinged often, so that a dead peer shows.
_CONFIGURATION = """\
listen: "{host}:{port}"
server_name: "tidegate-{port}"
max_payload: {max_payload_bytes}
max_connections: 512
ping_interval: "2s"
ping_max: 2
write_deadline: "5s"
jetstream {{
  store_dir: {store}
  sync_interval: always
  max_memory_store: 64MB
}}
{accounts}
"""


class NatsServer(EmbeddedServer):
    """One nats-server on loopback.

    ``accounts`` is configuration text (users, permissions) that goes into the file as it is.
    """

    name = "nats-server"
    executable = "nats-server"

    def __init__(
        self,
        place: Place,
        *,
        accounts: str = "",
        max_payload_bytes: int = MAX_PAYLOAD_BYTES,
    ) -> None:
        """Describe the server; nothing happens before `start`."""
        super().__init__(place)
        self.accounts = accounts
        self.max_payload_bytes = max_payload_bytes

    @property
    def url(self) -> str:
        """Where clients connect; users and passwords, if any, are the accounts' own."""
        return f"nats://{LOOPBACK}:{self.port}"

    def ready(self) -> bool:
        """Tell whether the server greets a client, which it does once its streams are loaded."""
        try:
            with socket.create_connection((LOOPBACK, self.port), _PROBE_PATIENCE_S) as probe:
                line = probe.makefile("rb").readline()
        except OSError:
            return False
        return line.startswith(_INFO) and bool(json.loads(line[len(_INFO) :]).get("server_id"))

    def _prepare(self) -> list[str]:
        configuration = self.folder / "nats.conf"
        text = _CONFIGURATION.format(
            host=LOOPBACK,
            port=self.port,
            max_payload_bytes=self.max_payload_bytes,
            store=json.dumps(str(self.folder / "jetstream")),
            accounts=self.accounts,
        )
        write_private(configuration, text)
        command = [str(binaries.nats_server()), "-c", str(configuration)]
        _check(command)
        return command


def _check(command: list[str]) -> None:
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    if tested.returncode != 0:
        raise StartFailedError(
            expected="a configuration that nats-server accepts",
            found=tested.stderr.strip() or tested.stdout.strip(),
            hint="correct the accounts and permissions given",
        )
