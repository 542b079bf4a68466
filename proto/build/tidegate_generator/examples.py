"""Encodes the golden examples: proto/examples/<schema>.json becomes <schema>.binpb, once.

An existing .binpb is never rewritten: it is what older programs wrote, and tests prove that
today's code still reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from pathlib import Path

    from google.protobuf.descriptor_pb2 import FileDescriptorSet


def write_missing(folder: Path, image: FileDescriptorSet) -> None:
    """Encode each JSON example that has no bytes yet."""
    pool = DescriptorPool()
    for file in image.file:
        pool.AddSerializedFile(file.SerializeToString())
    for path in sorted(folder.glob("*.json")):
        target = path.with_suffix(".binpb")
        if target.exists():
            continue
        message = GetMessageClass(pool.FindMessageTypeByName(path.stem))()
        json_format.Parse(path.read_text(), message)
        target.write_bytes(message.SerializeToString(deterministic=True))
