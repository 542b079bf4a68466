"""Traces on one machine: rotel takes the spans, Phoenix keeps them and shows them.

Both come from an environment of their own (``make setup-tracing``), because their packages are
many and none of the platform's business. Nothing of them leaves the machine: both listen on
loopback, Phoenix's telemetry is off and it asks no other server for anything.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tidegate_chassis.embedded import phoenix_on_loopback, ports
from tidegate_chassis.embedded.errors import BinaryMissingError
from tidegate_chassis.embedded.place import Place
from tidegate_chassis.embedded.ports import LOOPBACK
from tidegate_chassis.embedded.server import EmbeddedServer

if TYPE_CHECKING:
    from types import TracebackType

ENVIRONMENT_NAME: Final = ".venv-tracing"
READY_PATIENCE_S: Final = 120.0
"""How long Phoenix may take: 27 s was measured for its first start on 2 cores, 650 MB of files."""
_PROBE_PATIENCE_S: Final = 2.0
_OK: Final = 200


def tracing_environment() -> Path:
    """Return where ``make setup-tracing`` puts the environment: beside the one that runs now."""
    return Path(sys.prefix).parent / ENVIRONMENT_NAME


class PhoenixServer(EmbeddedServer):
    """Arize Phoenix: keeps traces in its folder, takes them by OTLP/HTTP, shows them at `url`."""

    name = "phoenix"
    executable = f"python{sys.version_info.major}.{sys.version_info.minor}"

    def __init__(self, place: Place, *, environment: Path | None = None) -> None:
        """Describe the server; nothing happens before `start`."""
        super().__init__(place)
        self.environment = environment or tracing_environment()

    @property
    def url(self) -> str:
        """Where a person looks at traces, and where rotel sends them."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self, patience_s: float = READY_PATIENCE_S) -> None:
        """Start the server and return when it is ready; its first start makes its database."""
        super().start(patience_s)

    def ready(self) -> bool:
        """Tell whether the server reaches its database."""
        return _status(self.port, "GET", "/readyz") == _OK

    def _prepare(self) -> list[str]:
        python = _required(self.environment / "bin" / "python")
        return [str(python), str(Path(phoenix_on_loopback.__file__)), "serve"]

    def _child_options(self) -> dict[str, Any]:
        variables = {
            **_minimal_variables(self.folder),
            "PHOENIX_WORKING_DIR": str(self.folder),
            "PHOENIX_HOST": LOOPBACK,
            "PHOENIX_PORT": str(self.port),
            "PHOENIX_GRPC_PORT": str(ports.free_port()),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
            "PHOENIX_DISABLE_AGENT_ASSISTANT": "true",
            "PHOENIX_ENABLE_MCP_SERVER": "false",
            "PHOENIX_ALLOWED_SANDBOX_PROVIDERS": "NONE",
            "PHOENIX_LOG_MIGRATIONS": "false",
        }
        return {"env": variables}


class RotelServer(EmbeddedServer):
    """Rotel: takes spans by OTLP at `url`, batches them and sends them on, trying again."""

    name = "rotel"
    executable = "rotel-agent"

    def __init__(self, place: Place, *, forward_to: str, environment: Path | None = None) -> None:
        """Describe the server; ``forward_to`` is where an OTLP/HTTP receiver listens."""
        super().__init__(place)
        self.forward_to = forward_to
        self.environment = environment or tracing_environment()

    @property
    def url(self) -> str:
        """The address for `OTEL_EXPORTER_OTLP_ENDPOINT`."""
        return f"http://{LOOPBACK}:{self.port}"

    def ready(self) -> bool:
        """Tell whether the server takes an export, be it an empty one."""
        return _status(self.port, "POST", "/v1/traces") == _OK

    def _prepare(self) -> list[str]:
        packages = self.environment / "lib" / PhoenixServer.executable / "site-packages"
        return [
            str(_required(packages / "rotel" / "rotel-agent")),
            "start",
            f"--pid-file={self.folder / 'rotel.pid'}",
            f"--log-file={self.folder / 'rotel-agent.log'}",
            f"--otlp-http-endpoint={LOOPBACK}:{self.port}",
            f"--otlp-grpc-endpoint={LOOPBACK}:{ports.free_port()}",
            "--otlp-receiver-metrics-disabled",
            "--otlp-receiver-logs-disabled",
            "--exporter=otlp",
            "--otlp-exporter-protocol=http",
            f"--otlp-exporter-endpoint={self.forward_to}",
            "--otlp-exporter-retry-initial-backoff=1s",
        ]

    def _child_options(self) -> dict[str, Any]:
        return {"env": _minimal_variables(self.folder)}


class TracingServers:
    """The pair: `start` returns when a span sent to `otlp_endpoint` will be shown at `url`."""

    def __init__(
        self, phoenix_place: Place, rotel_place: Place, *, environment: Path | None = None
    ) -> None:
        """Describe both servers; nothing happens before `start`."""
        self.environment = environment or tracing_environment()
        self.phoenix = PhoenixServer(phoenix_place, environment=self.environment)
        self.rotel = RotelServer(
            rotel_place, forward_to=self.phoenix.url, environment=self.environment
        )

    @property
    def url(self) -> str:
        """Where a person looks at the traces."""
        return self.phoenix.url

    @property
    def otlp_endpoint(self) -> str:
        """Where the services send their spans."""
        return self.rotel.url

    def start(self, patience_s: float = READY_PATIENCE_S) -> None:
        """Start what does not run; Phoenix first, because its port may be chosen only then."""
        self.phoenix.start(patience_s)
        self.rotel.forward_to = self.phoenix.url
        try:
            self.rotel.start()
        except BaseException:
            self.phoenix.stop()
            raise

    def stop(self) -> None:
        """End both, the sender first. Repeating it does no harm."""
        self.rotel.stop()
        self.phoenix.stop()

    def __enter__(self) -> Self:
        """Start both servers."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop both servers."""
        self.stop()


def _minimal_variables(folder: Path) -> dict[str, str]:
    """Return an environment that holds none of ours: no secret, no proxy, no endpoint."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONUNBUFFERED": "1"}


def _required(path: Path) -> Path:
    if not path.is_file():
        raise BinaryMissingError(
            expected=f"the environment with rotel and Phoenix, and in it {path}",
            found="no such file",
            hint="run: make setup-tracing",
        )
    return path


def _status(port: int, method: str, path: str) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_PROBE_PATIENCE_S)
    try:
        connection.request(method, path, headers={"content-type": "application/x-protobuf"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
