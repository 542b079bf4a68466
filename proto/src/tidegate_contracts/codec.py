"""Bytes from messages and messages from bytes: Protobuf on the wire, frozen structs in memory.

Reading ignores unknown fields (a newer writer), and refuses malformed decimals, NaN, infinities,
unknown enum numbers and missing messages that must be there. Equal messages give equal bytes.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass

from tidegate_contracts._wire import alerts, execution, host, market, portfolio, risk, signals
from tidegate_contracts._wire.descriptors import DESCRIPTORS
from tidegate_contracts.errors import PayloadError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_contracts._wire.checks import Codec
    from tidegate_kernel.machine import Body

B = TypeVar("B", bound="Body")

_CODECS: tuple[Codec, ...] = tuple(
    codec
    for module in (alerts, execution, host, market, portfolio, risk, signals)
    for codec in module.CODECS
)


def _wire_classes() -> dict[str, type[Message]]:
    """Build the upb classes in a pool of their own, so no other Protobuf user can clash."""
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(base64.b64decode(DESCRIPTORS)).file:
        pool.AddSerializedFile(file.SerializeToString())
    return {
        codec.schema: GetMessageClass(pool.FindMessageTypeByName(codec.schema)) for codec in _CODECS
    }


_CLASSES = _wire_classes()
_TYPES: dict[str, type[Body]] = {codec.schema: codec.type for codec in _CODECS}
_SCHEMAS: dict[type[Body], str] = {codec.type: codec.schema for codec in _CODECS}
_WRITERS: dict[type[Body], tuple[Any, Callable[[Any, Any], None]]] = {
    codec.type: (_CLASSES[codec.schema], codec.write) for codec in _CODECS
}
_READERS: dict[str, tuple[Callable[[bytes], Any], Callable[[Any], Any]]] = {
    codec.schema: (_CLASSES[codec.schema].FromString, codec.read) for codec in _CODECS
}

SCHEMAS: tuple[str, ...] = tuple(sorted(_TYPES))
"""Every schema of the contract."""


def encode(body: Body) -> bytes:
    """Return the bytes of a message."""
    try:
        new, write = _WRITERS[type(body)]
    except KeyError:
        raise _unknown(type(body).__name__) from None
    wire = new()
    try:
        write(wire, body)
        payload: bytes = wire.SerializeToString()
    except (TypeError, ValueError, AttributeError, EncodeError) as error:
        expected = "values of the fields' types"
        raise PayloadError(_SCHEMAS[type(body)], expected, f"{error}") from error
    return payload


def decode(schema: str, payload: bytes) -> Body:
    """Return the message that the bytes hold."""
    try:
        parse, read = _READERS[schema]
    except KeyError:
        raise _unknown(schema) from None
    try:
        body: Body = read(parse(payload))
    except PayloadError as error:
        raise type(error)(f"{schema} {error.where}", error.expected, error.found) from error
    except DecodeError as error:
        raise PayloadError(
            schema, "its Protobuf encoding", f"{len(payload)} other bytes"
        ) from error
    return body


def decode_as(kind: type[B], payload: bytes) -> B:
    """Return the message that the bytes hold, as the type that the caller knows it to be."""
    body = decode(schema_of(kind), payload)
    assert isinstance(body, kind)
    return body


def schema_of(body: Body | type[Body]) -> str:
    """Return the schema of a message or its type, such as ``tidegate.market.v1.Bar``."""
    kind = body if isinstance(body, type) else type(body)
    try:
        return _SCHEMAS[kind]
    except KeyError:
        raise _unknown(kind.__name__) from None


def type_of(schema: str) -> type[Body]:
    """Return the struct that a schema names."""
    try:
        return _TYPES[schema]
    except KeyError:
        raise _unknown(schema) from None


def wire_class(schema: str) -> type[Message]:
    """Return the upb class of a schema, for tools that speak Protobuf's JSON or text."""
    try:
        return _CLASSES[schema]
    except KeyError:
        raise _unknown(schema) from None


def _unknown(name: str) -> SchemaError:
    return SchemaError(name, "a message of proto/tidegate", "none of that name")
