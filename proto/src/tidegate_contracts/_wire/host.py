# Generated from proto/tidegate/host/v1/host.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.host`."""

from typing import Any

from tidegate_contracts._wire.checks import Codec
from tidegate_contracts.host import (
    ChannelHeads,
    ChannelPosition,
    CommandRefused,
    KeepTrace,
    KillNotice,
    Resend,
    RoundDone,
    RoundOpen,
)


def write_channel_position(wire: Any, body: ChannelPosition) -> None:
    """Fill a wire message from a `ChannelPosition`."""
    wire.channel = body.channel
    wire.k = body.k


def read_channel_position(wire: Any) -> ChannelPosition:
    """Make a `ChannelPosition` from a wire message."""
    return ChannelPosition(
        channel=wire.channel,
        k=wire.k,
    )


def write_round_open(wire: Any, body: RoundOpen) -> None:
    """Fill a wire message from a `RoundOpen`."""
    wire.session = body.session
    wire.instant_ns = body.instant_ns
    wire.round = body.round
    for channel_position in body.heads:
        write_channel_position(wire.heads.add(), channel_position)
    wire.shards.extend(body.shards)


def read_round_open(wire: Any) -> RoundOpen:
    """Make a `RoundOpen` from a wire message."""
    return RoundOpen(
        session=wire.session,
        instant_ns=wire.instant_ns,
        round=wire.round,
        heads=tuple([read_channel_position(item) for item in wire.heads]),
        shards=tuple(wire.shards),
    )


def write_round_done(wire: Any, body: RoundDone) -> None:
    """Fill a wire message from a `RoundDone`."""
    wire.session = body.session
    wire.shard = body.shard
    wire.instant_ns = body.instant_ns
    wire.round = body.round
    for channel_position in body.heads:
        write_channel_position(wire.heads.add(), channel_position)
    wire.next_timer_ns = body.next_timer_ns
    wire.busy = body.busy
    wire.reads.extend(body.reads)
    wire.begun = body.begun


def read_round_done(wire: Any) -> RoundDone:
    """Make a `RoundDone` from a wire message."""
    return RoundDone(
        session=wire.session,
        shard=wire.shard,
        instant_ns=wire.instant_ns,
        round=wire.round,
        heads=tuple([read_channel_position(item) for item in wire.heads]),
        next_timer_ns=wire.next_timer_ns,
        busy=wire.busy,
        reads=tuple(wire.reads),
        begun=wire.begun,
    )


def write_channel_heads(wire: Any, body: ChannelHeads) -> None:
    """Fill a wire message from a `ChannelHeads`."""
    wire.shard = body.shard
    wire.term = body.term
    for channel_position in body.heads:
        write_channel_position(wire.heads.add(), channel_position)
    wire.sent_at_ns = body.sent_at_ns


def read_channel_heads(wire: Any) -> ChannelHeads:
    """Make a `ChannelHeads` from a wire message."""
    return ChannelHeads(
        shard=wire.shard,
        term=wire.term,
        heads=tuple([read_channel_position(item) for item in wire.heads]),
        sent_at_ns=wire.sent_at_ns,
    )


def write_resend(wire: Any, body: Resend) -> None:
    """Fill a wire message from a `Resend`."""
    wire.channel = body.channel
    wire.from_k = body.from_k


def read_resend(wire: Any) -> Resend:
    """Make a `Resend` from a wire message."""
    return Resend(
        channel=wire.channel,
        from_k=wire.from_k,
    )


def write_kill_notice(wire: Any, body: KillNotice) -> None:
    """Fill a wire message from a `KillNotice`."""
    wire.scope = body.scope
    wire.level = body.level
    wire.principal = body.principal
    wire.reason = body.reason
    wire.token = body.token


def read_kill_notice(wire: Any) -> KillNotice:
    """Make a `KillNotice` from a wire message."""
    return KillNotice(
        scope=wire.scope,
        level=wire.level,
        principal=wire.principal,
        reason=wire.reason,
        token=wire.token,
    )


def write_keep_trace(wire: Any, body: KeepTrace) -> None:
    """Fill a wire message from a `KeepTrace`."""
    wire.trace_id = body.trace_id


def read_keep_trace(wire: Any) -> KeepTrace:
    """Make a `KeepTrace` from a wire message."""
    return KeepTrace(
        trace_id=wire.trace_id,
    )


def write_command_refused(wire: Any, body: CommandRefused) -> None:
    """Fill a wire message from a `CommandRefused`."""
    wire.code = body.code
    wire.message = body.message
    wire.expected = body.expected
    wire.found = body.found
    wire.hint = body.hint


def read_command_refused(wire: Any) -> CommandRefused:
    """Make a `CommandRefused` from a wire message."""
    return CommandRefused(
        code=wire.code,
        message=wire.message,
        expected=wire.expected,
        found=wire.found,
        hint=wire.hint,
    )


CODECS: tuple[Codec, ...] = (
    Codec(
        ChannelPosition,
        "tidegate.host.v1.ChannelPosition",
        write_channel_position,
        read_channel_position,
    ),
    Codec(RoundOpen, "tidegate.host.v1.RoundOpen", write_round_open, read_round_open),
    Codec(RoundDone, "tidegate.host.v1.RoundDone", write_round_done, read_round_done),
    Codec(ChannelHeads, "tidegate.host.v1.ChannelHeads", write_channel_heads, read_channel_heads),
    Codec(Resend, "tidegate.host.v1.Resend", write_resend, read_resend),
    Codec(KillNotice, "tidegate.host.v1.KillNotice", write_kill_notice, read_kill_notice),
    Codec(KeepTrace, "tidegate.host.v1.KeepTrace", write_keep_trace, read_keep_trace),
    Codec(
        CommandRefused,
        "tidegate.host.v1.CommandRefused",
        write_command_refused,
        read_command_refused,
    ),
)
