"""Renders docs/reference/flow.md: who says what to whom, as tables and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_generator.subjects import SERVICES

if TYPE_CHECKING:
    from tidegate_generator.model import Contract
    from tidegate_generator.subjects import Stream, Subject

_DAY_S = 86_400


def flow_page(contract: Contract, subjects: list[Subject], streams: list[Stream]) -> str:
    """Return the page."""
    kept = [subject for subject in subjects if subject.stream]
    core = [subject for subject in subjects if not subject.stream]
    return "\n".join(
        [
            "<!-- Generated from proto/subjects by `make generate`; do not edit. -->",
            "# Who says what to whom",
            "",
            "Every message has one subject, one Protobuf schema and one Python type. A service may",
            "publish and read only what stands here: the chassis and the permissions enforce it.",
            "",
            "```mermaid",
            *_picture(kept),
            "```",
            "",
            "## Kept in streams",
            "",
            "Ordered by rank: the order in which the messages of one round are handled. All that",
            "one producer says is one channel, numbered and chained. A channel is read whole, and",
            "a reader drops what is not its own; so permissions to read cover whole channels.",
            "",
            *_kept_table(contract, kept),
            "",
            "## On core NATS only",
            "",
            "May be lost; said again, or made harmless by a deadline.",
            "",
            *_core_table(contract, core),
            "",
            "## Streams",
            "",
            "File storage, one replica by default, `discard: new`: a full stream refuses.",
            "",
            *_stream_table(streams),
            "",
            "## Subjects in words",
            "",
            *(line for subject in subjects for line in _words(subject)),
            "## By service",
            "",
            *(line for service in SERVICES for line in _service(service, subjects)),
        ]
    )


def _picture(kept: list[Subject]) -> list[str]:
    edges: dict[tuple[str, str], list[str]] = {}
    for subject in kept:
        for reader in subject.readers:
            edges.setdefault((subject.writers[0], reader), []).append(subject.name)
    lines = ["flowchart LR", *(f"    {_node(s)}[{s}]" for s in SERVICES)]
    lines += [
        f"    {_node(writer)} -->|{', '.join(names)}| {_node(reader)}"
        for (writer, reader), names in edges.items()
        if reader != "alerts"
    ]
    told = [writer for writer, reader in edges if reader == "alerts"]
    return [*lines, *(f"    {_node(writer)} -.-> alerts" for writer in told)]


def _node(service: str) -> str:
    return service.replace("-", "_")


def _message(contract: Contract, subject: Subject) -> str:
    return f"`{contract.message(subject.schema).name}`"


def _names(names: tuple[str, ...]) -> str:
    return "every service" if names == SERVICES else ", ".join(names) or "none (`tidegate tap`)"


def _kept_table(contract: Contract, subjects: list[Subject]) -> list[str]:
    return [
        "| rank | subject | message | producer | readers | stream | channel | kept | signed |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {s.rank} | `{s.pattern}` | {_message(contract, s)} | `{s.producer}` "
            f"| {_names(s.readers)} | {s.stream} | {s.channel} | {s.retention_s // _DAY_S} d "
            f"| {'yes' if s.signed else 'no'} |"
            for s in subjects
        ),
    ]


def _core_table(contract: Contract, subjects: list[Subject]) -> list[str]:
    return [
        "| subject | message | writer | readers | signed | answered |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{s.pattern}` | {_message(contract, s)} | {_owned(s, 'written', s.writers)} "
            f"| {_owned(s, 'read', s.readers)} | {'yes' if s.signed else 'no'} "
            f"| {'yes' if s.replies else 'no'} |"
            for s in subjects
        ),
    ]


def _owned(subject: Subject, side: str, names: tuple[str, ...]) -> str:
    if not subject.owned:
        return _names(names)
    return "the named service" if subject.owned == side else "services that read it"


def _stream_table(streams: list[Stream]) -> list[str]:
    return [
        "| stream | subjects | writer | kept | fuse | what |",
        "|---|---|---|---|---|---|",
        *(
            f"| {s.name} | {', '.join(f'`{name}`' for name in s.subjects)} | {s.writer} "
            f"| {s.retention_s // _DAY_S} d | {s.bytes_max // 2**20} MiB | {s.description} |"
            for s in streams
        ),
    ]


def _words(subject: Subject) -> list[str]:
    order = ", ".join(f"`{path}`" for path in subject.order)
    lines = [f"**{subject.name}** `{subject.pattern}`: {subject.description}"]
    if order:
        lines.append(f"Inside a round by {order} (`-` is descending), then in channel order.")
    return [*lines, ""]


def _service(service: str, subjects: list[Subject]) -> list[str]:
    writes = [f"`{s.pattern}`" for s in subjects if service in s.writers]
    reads = [f"`{s.pattern}`" for s in subjects if service in s.readers]
    return [
        f"**{service}** writes {', '.join(writes)}; reads {', '.join(reads)}.",
        "",
    ]
