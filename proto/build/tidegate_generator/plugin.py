"""The protoc plugin: a CodeGeneratorRequest on stdin, a CodeGeneratorResponse on stdout."""

from __future__ import annotations

import sys

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse

from tidegate_generator.errors import GeneratorError
from tidegate_generator.model import contract_of
from tidegate_generator.structs import struct_module
from tidegate_generator.wire import descriptor_module, wire_module


def respond(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """Return every generated Python file, relative to the package tidegate_contracts."""
    files = [file for file in request.proto_file if file.package.startswith("tidegate.")]
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    try:
        contract = contract_of(files)
    except GeneratorError as error:
        response.error = str(error)
        return response
    texts = {"_wire/descriptors.py": descriptor_module(files)}
    for module in contract.modules:
        texts[f"{module.name}.py"] = struct_module(contract, module)
        texts[f"_wire/{module.name}.py"] = wire_module(contract, module)
    for name, text in sorted(texts.items()):
        response.file.add(name=name, content=text)
    return response


if __name__ == "__main__":
    wanted = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(respond(wanted).SerializeToString())
