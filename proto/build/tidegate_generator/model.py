"""The contract as plain values: what the renderers read instead of protobuf descriptors.

The contract uses a small part of Protobuf on purpose: top-level messages and enums, scalars,
enums, messages, `repeated` and `optional`. Anything else (maps, oneofs, nested types) is refused
here, so that every message has one obvious Python form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Fdp

from tidegate_generator.errors import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FileDescriptorProto,
    )

DECIMAL_OPTION_NUMBER = 50001
OPTIONS_PACKAGE = "tidegate.options.v1"
_SCALARS = {
    Fdp.TYPE_STRING: "str",
    Fdp.TYPE_BYTES: "bytes",
    Fdp.TYPE_BOOL: "bool",
    Fdp.TYPE_DOUBLE: "float",
    Fdp.TYPE_INT32: "int",
    Fdp.TYPE_INT64: "int",
}
_FILE_MESSAGES, _FILE_ENUMS, _MESSAGE_FIELDS, _ENUM_VALUES = 4, 5, 2, 2


@dataclass(frozen=True)
class Field:
    """A field of a message. ``kind`` is a Python type's name, `Decimal`, `enum` or `message`."""

    name: str
    kind: str
    type_name: str
    optional: bool
    repeated: bool
    comment: str


@dataclass(frozen=True)
class Message:
    """A message: its full Protobuf name is the schema."""

    schema: str
    name: str
    fields: tuple[Field, ...]
    comment: str

    @property
    def snake(self) -> str:
        """The name as functions spell it: ``OrderEvent`` is ``order_event``."""
        return snake(self.name)


@dataclass(frozen=True)
class Enumeration:
    """An enum with the prefix of its members stripped."""

    schema: str
    name: str
    members: tuple[tuple[str, int, str], ...]
    comment: str


@dataclass(frozen=True)
class Module:
    """The .proto files of one package, which become one Python module."""

    path: str
    name: str
    comment: str
    enums: tuple[Enumeration, ...]
    messages: tuple[Message, ...]

    @property
    def items(self) -> tuple[Enumeration | Message, ...]:
        """All that the file defines."""
        return (*self.enums, *self.messages)


@dataclass(frozen=True)
class Contract:
    """All modules, and where each Protobuf name lives."""

    modules: tuple[Module, ...]

    def module_of(self, schema: str) -> Module:
        """Return the module that defines a message or an enum."""
        for module in self.modules:
            if any(schema == item.schema for item in module.items):
                return module
        raise GeneratorError(schema, "a message or enum of proto/tidegate", "none of that name")

    def message(self, schema: str) -> Message:
        """Return a message by its full name."""
        found = [m for m in self.module_of(schema).messages if m.schema == schema]
        if not found:
            raise GeneratorError(schema, "a message", "an enum")
        return found[0]

    def messages(self) -> tuple[Message, ...]:
        """Return every message, in the order of the files."""
        return tuple(message for module in self.modules for message in module.messages)


def snake(name: str) -> str:
    """Write a CamelCase name with underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def contract_of(files: Iterable[FileDescriptorProto]) -> Contract:
    """Read descriptors (with source information) into a contract, sorted by package."""
    ours = [f for f in files if f.package.startswith("tidegate.") and f.package != OPTIONS_PACKAGE]
    packages = groupby(sorted(ours, key=_place), key=lambda f: f.package)
    return Contract(tuple(_joined([_module(f) for f in group]) for _, group in packages))


def _place(file: FileDescriptorProto) -> tuple[str, bool, str]:
    """Put the file that is named as its package first: its comment is the module's."""
    own = PurePosixPath(file.name).stem == _name(file)
    return file.package, not own, file.name


def _joined(parts: list[Module]) -> Module:
    if len(parts) == 1:
        return parts[0]
    return Module(
        path=str(PurePosixPath(parts[0].path).parent),
        name=parts[0].name,
        comment=parts[0].comment,
        enums=tuple(enum for part in parts for enum in part.enums),
        messages=tuple(message for part in parts for message in part.messages),
    )


def _name(file: FileDescriptorProto) -> str:
    return file.package.split(".")[1]


def _module(file: FileDescriptorProto) -> Module:
    comments = {
        tuple(location.path): _text(location.leading_comments)
        for location in file.source_code_info.location
    }
    return Module(
        path=file.name,
        name=_name(file),
        comment=comments.get((2,), ""),
        enums=tuple(
            _enum(file, item, (_FILE_ENUMS, index), comments)
            for index, item in enumerate(file.enum_type)
        ),
        messages=tuple(
            _message(file, item, (_FILE_MESSAGES, index), comments)
            for index, item in enumerate(file.message_type)
        ),
    )


def _text(comment: str) -> str:
    return " ".join(line.strip() for line in comment.strip().splitlines())


def _enum(
    file: FileDescriptorProto,
    item: EnumDescriptorProto,
    path: tuple[int, ...],
    comments: dict[tuple[int, ...], str],
) -> Enumeration:
    prefix = snake(item.name).upper() + "_"
    members = []
    for index, value in enumerate(item.value):
        if not value.name.startswith(prefix):
            raise GeneratorError(f"{file.name}: {item.name}", f"members {prefix}*", value.name)
        comment = comments.get((*path, _ENUM_VALUES, index), "")
        members.append((value.name.removeprefix(prefix), value.number, comment))
    if members[0][:2] != ("UNSPECIFIED", 0):
        raise GeneratorError(f"{file.name}: {item.name}", f"{prefix}UNSPECIFIED = 0", members[0][0])
    schema = f"{file.package}.{item.name}"
    return Enumeration(schema, item.name, tuple(members), comments.get(path, ""))


def _message(
    file: FileDescriptorProto,
    item: DescriptorProto,
    path: tuple[int, ...],
    comments: dict[tuple[int, ...], str],
) -> Message:
    schema = f"{file.package}.{item.name}"
    if item.nested_type or item.enum_type or any(f.HasField("oneof_index") for f in _real(item)):
        raise GeneratorError(schema, "no nested types, maps or oneofs", "at least one")
    return Message(
        schema=schema,
        name=item.name,
        fields=tuple(
            _field(schema, field, comments.get((*path, _MESSAGE_FIELDS, index), ""))
            for index, field in enumerate(item.field)
        ),
        comment=comments.get(path, ""),
    )


def _real(item: DescriptorProto) -> Sequence[Fdp]:
    return [field for field in item.field if not field.proto3_optional]


def _field(schema: str, field: Fdp, comment: str) -> Field:
    where = f"{schema}.{field.name}"
    repeated = field.label == Fdp.LABEL_REPEATED
    kind = {Fdp.TYPE_ENUM: "enum", Fdp.TYPE_MESSAGE: "message"}.get(field.type)
    kind = kind or _SCALARS.get(field.type)
    if kind is None:
        raise GeneratorError(where, "string, bytes, bool, double, int32 or int64", str(field.type))
    if _is_decimal(field):
        if kind != "str" or repeated:
            raise GeneratorError(where, "a single string under the decimal option", kind)
        kind = "Decimal"
    return Field(
        name=field.name,
        kind=kind,
        type_name=field.type_name.removeprefix("."),
        optional=field.proto3_optional,
        repeated=repeated,
        comment=comment,
    )


def _is_decimal(field: Fdp) -> bool:
    """Read the custom option from its bytes: the plugin need not register the extension."""
    data = field.options.SerializeToString()
    tag = _varint(DECIMAL_OPTION_NUMBER << 3)
    return data.startswith(tag) and data[len(tag) :] == b"\x01"


def _varint(number: int) -> bytes:
    out = b""
    while number >> 7:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])
