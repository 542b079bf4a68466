"""Renders the tables of subjects and streams, and the functions from messages to subjects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tidegate_generator.structs import LINE_LENGTH, header, import_line

if TYPE_CHECKING:
    from tidegate_generator.model import Contract
    from tidegate_generator.subjects import Stream, Subject


def table_module(subjects: list[Subject], streams: list[Stream]) -> str:
    """Return the Python text of the definitions."""
    names = ["ChannelRule", "StreamDefinition", "SubjectDefinition"]
    return "".join(
        [
            header("proto/subjects"),
            '"""Every subject and stream of the contract."""\n\n',
            import_line("tidegate_contracts.definitions", names),
            "\n",
            _tuple("SUBJECTS", "SubjectDefinition", [_subject(s) for s in subjects]),
            "\n",
            _tuple("STREAMS", "StreamDefinition", [_stream(s) for s in streams]),
        ]
    )


def functions_module(contract: Contract, subjects: list[Subject]) -> str:
    """Return the Python text of the functions from messages to subjects and keys."""
    return "".join(
        [
            header("proto/subjects"),
            '"""The subject of every message, and its place inside a round."""\n\n',
            _imports(contract, subjects),
            *(f"\n\n{_functions(contract, subject)}" for subject in subjects),
            "\n\n",
            _tuple("FUNCTIONS", "SubjectFunctions", [_entry(contract, s) for s in subjects]),
        ]
    )


def _imports(contract: Contract, subjects: list[Subject]) -> str:
    lines = []
    for module in contract.modules:
        names = sorted(m.name for m in module.messages if m.schema in {s.schema for s in subjects})
        if names:
            lines.append(import_line(f"tidegate_contracts.{module.name}", names))
    lines.append(import_line("tidegate_contracts.definitions", ["SubjectFunctions"]))
    lines.append(
        import_line("tidegate_contracts.tokens", ["service_of", "timeframe_token", "token"])
    )
    return "".join(sorted(lines))


def _functions(contract: Contract, subject: Subject) -> str:
    message = contract.message(subject.schema)
    fields = dict(subject.tokens)
    body = "body" if fields else "_body"
    lines = [f"def subject_{subject.name}({body}: {message.name}) -> str:\n"]
    lines.append(f'    """Return `{subject.pattern}`."""\n')
    for name, field in subject.tokens:
        lines.append(f"    {name} = {_token(name)}(body.{field})\n")
    text = re.sub(r"<(\w+)>", r"{\1}", subject.pattern)
    lines.append(f'    return {"f" if fields else ""}"{text}"\n')
    if subject.rank is None:
        return "".join(lines)
    key = ", ".join(_key(path) for path in subject.order)
    lines.append(f"\n\ndef key_{subject.name}(body: {message.name}) -> tuple[object, ...]:\n")
    lines.append(f'    """Return the place of a `{message.name}` inside a round."""\n')
    line = f"    return ({subject.rank}, {key})\n"
    if len(line) > LINE_LENGTH + 1:
        items = "".join(f"        {_key(path)},\n" for path in subject.order)
        line = f"    return (\n        {subject.rank},\n{items}    )\n"
    return "".join([*lines, line])


def _token(name: str) -> str:
    return {"timeframe": "timeframe_token", "service": "service_of"}.get(name, "token")


def _key(path: str) -> str:
    sign = "-" if path.startswith("-") else ""
    return f"{sign}body.{path.removeprefix('-')}"


def _tuple(name: str, kind: str, entries: list[str]) -> str:
    return f"{name}: tuple[{kind}, ...] = (\n" + "".join(entries) + ")\n"


def _entry(contract: Contract, subject: Subject) -> str:
    message = contract.message(subject.schema)
    key = "None" if subject.rank is None else f"key_{subject.name}"
    return f"    SubjectFunctions({message.name}, subject_{subject.name}, {key}),\n"


def _subject(subject: Subject) -> str:
    values = {
        "name": literal(subject.name),
        "pattern": literal(subject.pattern),
        "schema": literal(subject.schema),
        "writers": literals(subject.writers),
        "readers": literals(subject.readers),
        "description": long_literal(subject.description),
    }
    if subject.stream:
        values |= {
            "stream": literal(subject.stream),
            "producer": literal(subject.producer),
            "channel": f"ChannelRule.{subject.channel.upper()}",
            "retention_s": f"{subject.retention_s:_}",
            "rank": str(subject.rank),
            "order": literals(subject.order),
        }
    if subject.signed:
        values["signed"] = "True"
    if subject.replies:
        values["replies"] = "True"
    if subject.owned:
        values["owned"] = literal(subject.owned)
    lines = "".join(f"        {name}={value},\n" for name, value in values.items())
    return f"    SubjectDefinition(\n{lines}    ),\n"


def _stream(stream: Stream) -> str:
    return "".join(
        [
            "    StreamDefinition(\n",
            f"        name={literal(stream.name)},\n",
            f"        subjects={literals(stream.subjects)},\n",
            f"        writer={literal(stream.writer)},\n",
            f"        retention_s={stream.retention_s:_},\n",
            f"        bytes_max={stream.bytes_max:_},\n",
            f"        description={literal(stream.description)},\n    ),\n",
        ]
    )


def literal(text: str) -> str:
    """Return a Python string in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literals(texts: tuple[str, ...]) -> str:
    """Return a Python tuple of strings, in the form that ruff gives it."""
    inner = ", ".join(literal(text) for text in texts)
    return f"({inner},)" if len(texts) == 1 else f"({inner})"


def long_literal(text: str) -> str:
    """Return a string as parts that keep lines short."""
    indent, width = " " * 12, LINE_LENGTH - 22
    words, lines, line = text.split(" "), [], ""
    for word in words:
        if line and len(line) + len(word) + 1 > width:
            lines.append(line + " ")
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    if len(lines) == 1:
        return literal(text)
    return "(\n" + "".join(f"{indent}{literal(part)}\n" for part in lines) + "        )"
