"""W3C trace context: the header ``traceparent``.

Source: W3C Trace Context, level 1, section 3.2: ``00-<trace id>-<span id>-<flags>``. Ids are
derived from message ids, so that every process, and a second run after a crash, gives a message
the same trace and span.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

TRACE_ID_BYTES: Final = 16
SPAN_ID_BYTES: Final = 8
_LENGTH: Final = 55
_SAMPLED: Final = 1
_LOWER_HEX: Final = frozenset("0123456789abcdef-")


class TraceContext(msgspec.Struct, frozen=True, gc=False):
    """Which trace a message belongs to, and the span that sent it."""

    trace_id: bytes
    span_id: bytes
    is_sampled: bool = False


def new_trace_id(message_id: str) -> bytes:
    """Return the id of the trace that a message begins."""
    return blake2b(message_id.encode(), digest_size=TRACE_ID_BYTES).digest()


def new_span_id(text: str) -> bytes:
    """Return the id of the span that ``text`` (such as shard, n and message id) identifies."""
    return blake2b(text.encode(), digest_size=SPAN_ID_BYTES).digest()


def format_traceparent(context: TraceContext) -> str:
    """Write the header's value."""
    return f"00-{context.trace_id.hex()}-{context.span_id.hex()}-0{int(context.is_sampled)}"


def parse_traceparent(text: str | None) -> TraceContext | None:
    """Read the header's value; anything that is not a valid one is None, as W3C asks."""
    if text is None or not _LOWER_HEX.issuperset(text[:_LENGTH]):
        return None
    version, trace, span, flags = text[:2], text[3:35], text[36:52], text[53:55]
    dashes = text[2:3] + text[35:36] + text[52:53]
    if dashes != "---" or "-" in version + trace + span + flags or version == "ff":
        return None
    if len(text) < _LENGTH or (len(text) > _LENGTH and (version == "00" or text[_LENGTH] != "-")):
        return None
    if not (trace.strip("0") and span.strip("0")):
        return None
    return TraceContext(bytes.fromhex(trace), bytes.fromhex(span), bool(int(flags, 16) & _SAMPLED))
