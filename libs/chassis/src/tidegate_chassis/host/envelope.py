"""What surrounds a message on the bus.

Header ``Tg`` holds, separated by spaces: message id, channel, k, hash of the channel's previous
message, schema, session time, causation id, correlation id, and the positions that the decision
depended on (``channel=k`` joined by commas, ``-`` when none). ``traceparent`` is W3C's, and
``Tg-Signature`` is there on signed subjects.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

HEADER = "Tg"
TRACE_HEADER = "traceparent"
HEAD_HEADER = "Tg-Head"
"""On what is said again: how far its channel had been said by then."""
SIGNATURE_HEADER = "Tg-Signature"
HASH_BYTES = 16
NO_HASH = bytes(HASH_BYTES)


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """Identity, place and causes of one message."""

    message_id: str
    channel: str
    k: int
    previous_hash: bytes
    schema: str
    at_ns: int
    causation_id: str
    correlation_id: str
    depends: str

    def pack(self) -> str:
        """Write the header's value."""
        return (
            f"{self.message_id} {self.channel} {self.k} {self.previous_hash.hex()} {self.schema} "
            f"{self.at_ns} {self.causation_id or '-'} {self.correlation_id or '-'} "
            f"{self.depends or '-'}"
        )


def unpack(text: str) -> Envelope:
    """Read the header's value; a malformed one raises ValueError."""
    parts = text.split(" ")
    if len(parts) != len(Envelope.__struct_fields__):
        message = f"expected {len(Envelope.__struct_fields__)} parts in {HEADER}, found {text!r}"
        raise ValueError(message)
    identity, channel, k, previous, schema, at_ns, causation, correlation, depends = parts
    return Envelope(
        identity,
        channel,
        int(k),
        bytes.fromhex(previous),
        schema,
        int(at_ns),
        "" if causation == "-" else causation,
        "" if correlation == "-" else correlation,
        "" if depends == "-" else depends,
    )


def place(text: str) -> tuple[str, int]:
    """Read only channel and k: enough to recognise a message that was handled already."""
    parts = text.split(" ", 3)
    return parts[1], int(parts[2])


def chain_hash(previous: bytes, schema: str, payload: bytes) -> bytes:
    """Hash a message onto its channel."""
    digest = blake2b(previous, digest_size=HASH_BYTES)
    digest.update(schema.encode())
    digest.update(payload)
    return digest.digest()


def pack_depends(positions: dict[str, int]) -> str:
    """Write positions in a fixed order."""
    return ",".join(f"{channel}={positions[channel]}" for channel in sorted(positions))


def unpack_depends(text: str) -> dict[str, int]:
    """Read positions."""
    if not text:
        return {}
    return {channel: int(k) for channel, _, k in (item.rpartition("=") for item in text.split(","))}
