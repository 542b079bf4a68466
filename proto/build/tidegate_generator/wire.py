"""Renders the functions that move a message between its Struct and its upb form."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from tidegate_generator.model import OPTIONS_PACKAGE, snake
from tidegate_generator.structs import header, import_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_generator.model import Contract, Field, Message, Module

_LINE_LENGTH = 92


def descriptor_module(files: Iterable[FileDescriptorProto]) -> str:
    """Return the module that holds the descriptors, stripped to what the wire needs."""
    bundle = FileDescriptorSet(file=[_bare(f) for f in files if f.package != OPTIONS_PACKAGE])
    text = base64.b64encode(bundle.SerializeToString(deterministic=True)).decode()
    lines = [text[at : at + _LINE_LENGTH] for at in range(0, len(text), _LINE_LENGTH)]
    return "".join(
        [
            header("proto/tidegate"),
            '"""The descriptors of all messages, as one base64 `FileDescriptorSet`."""\n\n',
            "DESCRIPTORS = (\n",
            *(f'    "{line}"\n' for line in lines),
            ")\n",
        ]
    )


def _bare(file: FileDescriptorProto) -> FileDescriptorProto:
    """Copy a file without comments and options: generator input that the wire has no use for."""
    copy = FileDescriptorProto()
    copy.CopyFrom(file)
    copy.ClearField("source_code_info")
    copy.ClearField("options")
    kept = [name for name in copy.dependency if not name.startswith("tidegate/options/")]
    copy.ClearField("dependency")
    copy.dependency.extend(kept)
    for message in copy.message_type:
        for field in message.field:
            field.ClearField("options")
    return copy


def wire_module(contract: Contract, module: Module) -> str:
    """Return the Python text of one module's codecs."""
    functions = [
        text for message in module.messages for text in (_writer(message), _reader(message))
    ]
    return "".join(
        [
            header(f"proto/{module.path}"),
            "# ruff: noqa: ANN401 -- upb messages have no static types.\n",
            f'"""Codecs of `tidegate_contracts.{module.name}`."""\n\n',
            _imports(contract, module),
            "\n",
            *(f"_{snake(name).upper()} = Members({name})\n" for name in _enums(module)),
            *(f"\n\n{text}" for text in functions),
            f"\n\n{_table(module)}",
        ]
    )


def _fields(module: Module) -> list[Field]:
    return [field for message in module.messages for field in message.fields]


def _enums(module: Module) -> list[str]:
    names = {f.type_name.rsplit(".", 1)[-1] for f in _fields(module) if f.kind == "enum"}
    return sorted(names)


def _imports(contract: Contract, module: Module) -> str:
    fields = _fields(module)
    checks = {"Codec"}
    decimals = [field for field in fields if field.kind == "Decimal"]
    checks |= {"decimal_text"} if decimals else set()
    checks |= {_decimal_reader(field) for field in decimals}
    checks |= {"finite"} if any(f.kind == "float" for f in fields) else set()
    checks |= {"Members"} if _enums(module) else set()
    checks |= {"present"} if any(_required(f) for f in fields) else set()
    lines = ["from typing import Any\n\n"]
    used = {f.type_name for f in fields if f.type_name} | {m.schema for m in module.messages}
    imported: list[str] = [
        import_line("tidegate_contracts._wire.checks", sorted(checks)),
    ]
    for other in contract.modules:
        names = [item.name for item in other.items if item.schema in used]
        functions = [
            name
            for message in other.messages
            if message.schema in used and other is not module
            for name in (f"read_{message.snake}", f"write_{message.snake}")
        ]
        if functions:
            imported.append(
                import_line(f"tidegate_contracts._wire.{other.name}", sorted(functions))
            )
        mine = [n for n in names if other is module or n in _enums(module)]
        if mine:
            imported.append(import_line(f"tidegate_contracts.{other.name}", sorted(mine)))
    return "".join([*lines, *sorted(imported, key=lambda text: text.split()[1])])


def _required(field: Field) -> bool:
    return field.kind == "message" and not field.optional and not field.repeated


def _decimal_reader(field: Field) -> str:
    """An absent decimal is zero; one with presence must be a number when it is there."""
    return "decimal_of" if field.optional else "decimal_or_zero"


def _call(field: Field) -> str:
    return snake(field.type_name.rsplit(".", 1)[-1])


def _writer(message: Message) -> str:
    lines = [f"def write_{message.snake}(wire: Any, body: {message.name}) -> None:\n"]
    lines += [f'    """Fill a wire message from a `{message.name}`."""\n']
    lines += [line for field in message.fields for line in _write(field)]
    return "".join(lines)


def _write(field: Field) -> list[str]:
    name = field.name
    if field.kind == "message" and field.repeated:
        return [
            f"    for {_call(field)} in body.{name}:\n",
            f"        write_{_call(field)}(wire.{name}.add(), {_call(field)})\n",
        ]
    if field.repeated:
        return [f"    wire.{name}.extend(body.{name})\n"]
    if field.kind == "message":
        lines = [
            f"    wire.{name}.SetInParent()\n",
            f"    write_{_call(field)}(wire.{name}, body.{name})\n",
        ]
    else:
        lines = [f"    wire.{name} = {_written(field)}\n"]
    if field.optional:
        return [f"    if body.{name} is not None:\n", *(f"    {line}" for line in lines)]
    return lines


def _written(field: Field) -> str:
    if field.kind == "Decimal":
        return f'decimal_text(body.{field.name}, "{field.name}")'
    if field.kind == "float":
        return f'finite(body.{field.name}, "{field.name}")'
    return f"body.{field.name}"


def _reader(message: Message) -> str:
    lines = [
        f"def read_{message.snake}(wire: Any) -> {message.name}:\n",
        f'    """Make a `{message.name}` from a wire message."""\n',
        f"    return {message.name}(\n",
        *(f"        {field.name}={_read(field)},\n" for field in message.fields),
        "    )\n",
    ]
    return "".join(lines)


def _read(field: Field) -> str:
    place = f"wire.{field.name}"
    if field.kind == "message" and field.repeated:
        return f"tuple([read_{_call(field)}(item) for item in {place}])"
    if field.repeated:
        return f"tuple({place})"
    if _required(field):
        return f'read_{_call(field)}(present(wire, "{field.name}"))'
    value = {
        "message": f"read_{_call(field)}({place})" if field.kind == "message" else "",
        "Decimal": f'{_decimal_reader(field)}({place}, "{field.name}")',
        "float": f'finite({place}, "{field.name}")',
        "enum": f"_{_call(field).upper()}[{place}]",
    }.get(field.kind, place)
    if not field.optional:
        return value
    return f'{value} if wire.HasField("{field.name}") else None'


def _table(module: Module) -> str:
    rows = [
        f'    Codec({m.name}, "{m.schema}", write_{m.snake}, read_{m.snake}),\n'
        for m in module.messages
    ]
    return "".join(["CODECS: tuple[Codec, ...] = (\n", *rows, ")\n"])
