"""Renders a module of frozen msgspec Structs and IntEnums from the .proto files of a package."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_generator.model import Contract, Enumeration, Field, Message, Module

LINE_LENGTH = 100
_DEFAULTS = {"str": '""', "bytes": 'b""', "bool": "False", "float": "0.0", "int": "0"}


def header(source: str) -> str:
    """Return the mark that every generated Python file starts with."""
    return f"# Generated from {source} by `make generate`; do not edit.\n"


def import_line(module: str, names: list[str]) -> str:
    """Return an import statement; the formatter breaks it where it is too long."""
    return f"from {module} import {', '.join(names)}\n"


def docstring(text: str, indent: str) -> str:
    """Return a docstring, on one line where it fits."""
    line = f'{indent}"""{text}"""'
    if len(line) <= LINE_LENGTH:
        return line + "\n"
    first, _, rest = text.partition(". ")
    head = f'{indent}"""{first}.'
    if rest and len(head) <= LINE_LENGTH:
        wrapped = textwrap.fill(rest, LINE_LENGTH, initial_indent=indent, subsequent_indent=indent)
        return f'{head}\n\n{wrapped}\n{indent}"""\n'
    wrapped = textwrap.fill(text, LINE_LENGTH, initial_indent=indent, subsequent_indent=indent)
    return f'{indent}"""{wrapped.strip()}\n{indent}"""\n'


def struct_module(contract: Contract, module: Module) -> str:
    """Return the Python text of one module."""
    parts = [header(f"proto/{module.path}"), docstring(module.comment, ""), "\n"]
    parts.append(_imports(contract, module))
    parts.extend(f"\n\n{_enum(item)}" for item in module.enums)
    parts.extend(f"\n\n{_struct(contract, item)}" for item in _in_order(module))
    return "".join(parts)


def holds_containers(contract: Contract, message: Message) -> bool:
    """Tell whether a message holds a tuple, itself or in a message of its own."""
    return any(
        field.repeated
        or (
            field.kind == "message"
            and holds_containers(contract, contract.message(field.type_name))
        )
        for field in message.fields
    )


def _imports(contract: Contract, module: Module) -> str:
    fields = [field for message in module.messages for field in message.fields]
    lines = []
    if any(field.kind == "Decimal" for field in fields):
        lines.append("from decimal import Decimal\n")
    if module.enums:
        lines.append("from enum import IntEnum\n")
    if lines:
        lines.append("\n")
    lines.append("import msgspec\n")
    firsts = []
    names = {f.type_name for f in fields if f.type_name}
    for other in contract.modules:
        wanted = sorted(item.name for item in other.items if item.schema in names)
        if wanted and other is not module:
            firsts.append(import_line(f"tidegate_contracts.{other.name}", wanted))
    if any(field.kind == "Decimal" and not field.optional for field in fields):
        firsts.append("from tidegate_kernel.money import ZERO\n")
    return "".join([*lines, *(["\n"] if firsts else []), *firsts])


def _enum(item: Enumeration) -> str:
    comment = item.comment or f"The values of `{item.schema}`."
    lines = [f"class {item.name}(IntEnum):\n", docstring(comment, "    "), "\n"]
    for name, number, member_comment in item.members:
        lines.append(f"    {name} = {number}\n")
        if member_comment:
            lines.append(docstring(member_comment, "    "))
    return "".join(lines)


def _in_order(module: Module) -> list[Message]:
    """Messages with those that they hold before them: annotations are read when a class is made."""
    done: list[Message] = []
    waiting = list(module.messages)
    own = {message.schema for message in waiting}
    while waiting:
        known = {message.schema for message in done}
        ready = next(
            message
            for message in waiting
            if all(f.type_name in known for f in message.fields if f.type_name in own)
        )
        waiting.remove(ready)
        done.append(ready)
    return done


def _struct(contract: Contract, message: Message) -> str:
    gc = "" if holds_containers(contract, message) else ", gc=False"
    lines = [
        f"class {message.name}(msgspec.Struct, frozen=True, kw_only=True{gc}):\n",
        docstring(message.comment or f"The message `{message.schema}`.", "    "),
        "\n",
    ]
    for field in message.fields:
        lines.append(f"    {field.name}: {_annotation(field)}\n")
        if field.comment:
            lines.append(docstring(field.comment, "    "))
    return "".join(lines)


def _annotation(field: Field) -> str:
    """Return a field's type and default; a message that must be there has no default."""
    of = field.type_name.rsplit(".", 1)[-1] or field.kind
    if field.repeated:
        return f"tuple[{of}, ...] = ()"
    if field.optional:
        return f"{of} | None = None"
    if field.kind == "message":
        return of
    if field.kind == "Decimal":
        return "Decimal = ZERO"
    if field.kind == "enum":
        return f"{of} = {of}.UNSPECIFIED"
    return f"{field.kind} = {_DEFAULTS[field.kind]}"
