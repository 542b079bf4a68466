"""Ports on loopback: finding a free one, and who holds a taken one."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

from tidegate_chassis.embedded.errors import PortTakenError

LOOPBACK = "127.0.0.1"
_LOWEST_PORT = 15_000
_USUAL_EPHEMERAL_START = 32_768
_LISTENING = "0A"
_ATTEMPTS_MAX = 200


def free_port() -> int:
    """Return a port that nothing listens on, from below the kernel's ephemeral range.

    A client that reconnects in a loop to a dead server's port in the ephemeral range can connect
    to itself and so take the port from the server; below the range this cannot happen.
    """
    for _ in range(_ATTEMPTS_MAX):
        port = _LOWEST_PORT + secrets.randbelow(_ephemeral_start() - _LOWEST_PORT)
        if is_free(port):
            return port
    message = f"expected a free port on {LOOPBACK}, found {_ATTEMPTS_MAX} taken ones in a row"
    raise OSError(message)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on ``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int, server: str) -> None:
    """Raise `PortTakenError`, naming the holder where it can be known, unless the port is free."""
    if is_free(port):
        return
    raise PortTakenError(
        expected=f"port {port} on {LOOPBACK} to be free for {server}",
        found=f"it in use by {_holder(port)}",
        hint=f"stop that process or give {server} another port",
    )


def _ephemeral_start() -> int:
    setting = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not setting.exists():
        return _USUAL_EPHEMERAL_START
    return max(int(setting.read_text(encoding="ascii").split()[0]), _LOWEST_PORT + 1_000)


def _holder(port: int) -> str:
    inodes = _listening_inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        if _owns_socket(process, inodes):
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            return f"process {process.name} ({name})"
    return "a process of another user"


def _listening_inodes(port: int) -> frozenset[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return frozenset(found)


def _owns_socket(process: Path, sockets: frozenset[str]) -> bool:
    try:
        return any(str(link.readlink()) in sockets for link in (process / "fd").iterdir())
    except OSError:
        return False
