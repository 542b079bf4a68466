"""The generator: committed output is fresh, and what it cannot turn into code is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import (
    FieldDescriptorProto as Fdp,
    FileDescriptorProto,
    FileDescriptorSet,
)

from tidegate_generator.errors import GeneratorError
from tidegate_generator.model import Contract, contract_of
from tidegate_generator.plugin import respond
from tidegate_generator.subjects import load_subjects

if TYPE_CHECKING:
    from pathlib import Path


def test_the_committed_files_are_fresh(proto: Path) -> None:
    """`make generate` would change nothing."""
    command = [sys.executable, str(proto / "build" / "generate.py"), "--check"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def file_with(field: Fdp) -> FileDescriptorProto:
    """Return a file with one message of one field."""
    file = FileDescriptorProto(name="x.proto", package="tidegate.x.v1", syntax="proto3")
    file.message_type.add(name="Thing").field.append(field)
    return file


def decimal_options() -> bytes:
    """Return the decimal option as protoc passes it to a plugin that does not know it."""
    return b"\x88\xb5\x18\x01"


def test_the_plugin_writes_a_struct_and_its_codec() -> None:
    """A package becomes one module of types and one of codecs."""
    field = Fdp(name="price", number=1, type=Fdp.TYPE_STRING, label=Fdp.LABEL_OPTIONAL)
    field.options.MergeFromString(decimal_options())
    response = respond(CodeGeneratorRequest(proto_file=[file_with(field)]))
    texts = {file.name: file.content for file in response.file}
    assert sorted(texts) == ["_wire/descriptors.py", "_wire/x.py", "x.py"]
    assert "price: Decimal = ZERO" in texts["x.py"]
    assert 'wire.price = decimal_text(body.price, "price")' in texts["_wire/x.py"]


def test_the_files_of_a_package_become_one_module() -> None:
    """Where a message is written down is nobody's business who uses it."""
    files = []
    for name, message in (("tidegate/x/v1/more.proto", "More"), ("tidegate/x/v1/x.proto", "Thing")):
        file = FileDescriptorProto(name=name, package="tidegate.x.v1", syntax="proto3")
        file.message_type.add(name=message)
        files.append(file)
    (module,) = contract_of(files).modules
    assert (module.name, module.path) == ("x", "tidegate/x/v1")
    assert [message.name for message in module.messages] == ["Thing", "More"]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Fdp(name="a", type=Fdp.TYPE_UINT64), "expected string, bytes, bool, double, int32"),
        (Fdp(name="a", type=Fdp.TYPE_STRING, oneof_index=0), "no nested types, maps or oneofs"),
    ],
)
def test_the_plugin_refuses_what_has_no_form(field: Fdp, words: str) -> None:
    """Protoc shows the error to whoever changed the contract."""
    file = file_with(field)
    file.message_type[0].oneof_decl.add(name="choice")
    assert words in respond(CodeGeneratorRequest(proto_file=[file])).error


def test_a_decimal_that_is_no_string_is_refused() -> None:
    """The option belongs on single strings."""
    field = Fdp(name="price", type=Fdp.TYPE_DOUBLE)
    field.options.MergeFromString(decimal_options())
    with pytest.raises(GeneratorError, match="a single string under the decimal option"):
        contract_of([file_with(field)])


def test_enums_start_with_unspecified() -> None:
    """The absent value is never a meaning."""
    file = FileDescriptorProto(name="x.proto", package="tidegate.x.v1")
    file.enum_type.add(name="Mood").value.add(name="MOOD_GOOD", number=0)
    with pytest.raises(GeneratorError, match="expected MOOD_UNSPECIFIED = 0, found GOOD"):
        contract_of([file])


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory, proto: Path, tools: Path) -> Contract:
    """Today's contract, as buf reads it."""
    image = tmp_path_factory.mktemp("image") / "image.binpb"
    subprocess.run([str(tools / "buf"), "build", "-o", str(image)], cwd=proto, check=True)
    return contract_of(FileDescriptorSet.FromString(image.read_bytes()).file)


@pytest.fixture
def subjects(tmp_path: Path, proto: Path) -> Path:
    """A copy of the subjects that a test may change."""
    for path in (proto / "subjects").glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("bars", {"writer": "mallory"}, "found mallory"),
        ("bars", {"message": "tidegate.market.v1.Barre"}, "a message or enum of proto/tidegate"),
        ("bars", {"order": ["volumen"]}, "a field of tidegate.market.v1.Bar, found volumen"),
        ("bars", {"rank": 20}, r"\['rank 20'\] more than once"),
        (
            "bars",
            {"message": "tidegate.market.v1.Quote", "order": [], "tokens": {"timeframe": "feed"}},
            "one subject for a message",
        ),
        ("bars", {"producer": ""}, "a producer exactly for subjects in streams"),
        ("bars", {"producer": "risk/demo"}, "a producer shard of market-data, found risk/demo"),
        ("bars", {"channel": "both"}, "channel to be one of"),
        ("bars", {"retention": "9d"}, "stream MARKET: expected one retention"),
        ("bars", {"retention": "9 days"}, "a number with one of"),
        (
            "bars",
            {"writer": "signals", "producer": "signals/x"},
            "stream MARKET: expected one writer",
        ),
        ("account", {"stream": "ORDERS"}, "one stream for portfolio"),
        ("bars", {"colour": "blue"}, "missing or unknown: .*colour"),
        ("bars", {"tokens": {"colour": "feed"}}, "tokens for"),
    ],
)
def test_contradictions_in_the_subjects_are_refused(
    subjects: Path, contract: Contract, name: str, change: dict[str, Any], words: str
) -> None:
    """The error names the file and what was expected."""
    document = yaml.safe_load((subjects / f"{name}.yaml").read_text()) | change
    (subjects / f"{name}.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(GeneratorError, match=words):
        load_subjects(subjects, contract)
