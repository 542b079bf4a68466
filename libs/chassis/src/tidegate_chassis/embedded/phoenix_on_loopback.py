"""Phoenix with its gRPC receiver on loopback: run by the tracing environment's own Python.

Phoenix binds its web server where it is told, but its gRPC receiver to every interface, and takes
spans there from anybody. There is no setting for it, so the address is changed where it is bound.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def main() -> object:
    """Run the `phoenix` command with this process's arguments."""
    grpc: Any = importlib.import_module("grpc.aio")
    make_server = grpc.server

    def server_on_loopback(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - passed on
        server = make_server(*arguments, **options)
        add_port = server.add_insecure_port
        server.add_insecure_port = lambda address: add_port(loopback(address))
        return server

    grpc.server = server_on_loopback
    return importlib.import_module("phoenix.server.main").main()


def loopback(address: str) -> str:
    """Return the address with its port, on loopback."""
    return f"127.0.0.1:{address.rpartition(':')[2]}"


if __name__ == "__main__":
    sys.exit(main())  # type: ignore[arg-type]
