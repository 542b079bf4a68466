# Generated from proto/tidegate/host/v1/host.proto by `make generate`; do not edit.
"""What hosts say to each other: rounds, channel heads, repairs. No machine sees these."""

import msgspec


class ChannelPosition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A place in a channel: everything up to and including k."""

    channel: str = ""
    k: int = 0


class RoundOpen(msgspec.Struct, frozen=True, kw_only=True):
    """Opens a round of an instant of a lockstep session."""

    session: str = ""
    instant_ns: int = 0
    round: int = 0
    heads: tuple[ChannelPosition, ...] = ()
    """Messages up to these heads belong to this round or an earlier one."""
    shards: tuple[str, ...] = ()
    """Shards that must report."""


class RoundDone(msgspec.Struct, frozen=True, kw_only=True):
    """A shard has finished a round."""

    session: str = ""
    shard: str = ""
    instant_ns: int = 0
    round: int = 0
    heads: tuple[ChannelPosition, ...] = ()
    """Heads of the shard's own channels after the round."""
    next_timer_ns: int = 0
    """The earliest timer that makes an instant; 0 when there is none."""
    busy: bool = False
    """True when the shard needs another round in this instant (a call, an answer, a timer that is
    due).
    """
    reads: tuple[str, ...] = ()
    """First tokens of the subjects that the shard reads; only in answers to a status round (-2)."""
    begun: int = 0
    """The last round that the shard has begun: later than this one when the report is repeated."""


class ChannelHeads(msgspec.Struct, frozen=True, kw_only=True):
    """Heads of a shard's channels, every second."""

    shard: str = ""
    term: int = 0
    heads: tuple[ChannelPosition, ...] = ()
    sent_at_ns: int = 0


class Resend(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Asks a producer to publish its outbox again from a place in a channel."""

    channel: str = ""
    from_k: int = 0


class KillNotice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The kill on core NATS, for every execution process."""

    scope: str = ""
    level: int = 0
    """HALTED, FLATTENING or LOCKED, as a number of tidegate.risk.v1.GateLevel."""
    principal: str = ""
    reason: str = ""
    token: str = ""


class KeepTrace(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Keep the buffered spans of a trace."""

    trace_id: bytes = b""


class CommandRefused(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Answer to a command that was refused."""

    code: str = ""
    message: str = ""
    expected: str = ""
    found: str = ""
    hint: str = ""
