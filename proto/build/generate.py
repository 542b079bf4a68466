"""Generates everything that follows from proto/: `make generate`.

::

    python proto/build/generate.py              write the generated files
    python proto/build/generate.py --check      fail when a committed file differs
    python proto/build/generate.py --examples   write the .binpb of the JSON examples without one
    python proto/build/generate.py --baseline   move proto/baseline.binpb (`make release` only)
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tidegate_generator.errors import GeneratorError
from tidegate_generator.examples import write_missing
from tidegate_generator.flow import flow_page
from tidegate_generator.model import contract_of
from tidegate_generator.subjects import load_subjects
from tidegate_generator.tables import functions_module, table_module

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
PACKAGE = PROTO / "src" / "tidegate_contracts"
FLOW = ROOT / "docs" / "reference" / "flow.md"
BASELINE = PROTO / "baseline.binpb"
TOOLS = Path(sys.executable).parent


def run(*command: str | Path) -> None:
    """Run a tool of the environment; a failure ends the generator with the tool's own words."""
    subprocess.run([str(part) for part in command], check=True, cwd=PROTO)


def run_protoc(folder: Path) -> FileDescriptorSet:
    """Run protoc with the plugin: Python goes to the folder, descriptors are returned."""
    build = Path(__file__).resolve().parent
    plugin = folder.parent / "protoc-gen-tidegate"
    plugin.write_text(
        f'#!/bin/sh\nPYTHONPATH="{build}" exec "{sys.executable}" -m tidegate_generator.plugin\n'
    )
    plugin.chmod(0o700)
    image = folder.parent / "image.binpb"
    run(
        *(sys.executable, "-m", "grpc_tools.protoc", "--proto_path=."),
        *(f"--plugin=protoc-gen-tidegate={plugin}", f"--tidegate_out={folder}"),
        *("--include_source_info", "--include_imports", f"--descriptor_set_out={image}"),
        *sorted(path.relative_to(PROTO) for path in PROTO.glob("tidegate/**/*.proto")),
    )
    return FileDescriptorSet.FromString(image.read_bytes())


def generated_texts() -> tuple[FileDescriptorSet, dict[Path, str]]:
    """Return the descriptors, and the text of every generated file by its path."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "python"
        folder.mkdir()
        image = run_protoc(folder)
        contract = contract_of(image.file)
        subjects, streams = load_subjects(PROTO / "subjects", contract)
        (folder / "subjects_table.py").write_text(table_module(subjects, streams))
        (folder / "subjects_functions.py").write_text(functions_module(contract, subjects))
        _format(folder)
        texts = {
            PACKAGE / path.relative_to(folder): path.read_text()
            for path in sorted(folder.rglob("*.py"))
        }
    texts[FLOW] = flow_page(contract, subjects, streams)
    return image, texts


def _format(folder: Path) -> None:
    """Give generated Python the house's form, whatever the renderers wrote."""
    common = ("--quiet", "--isolated", "--no-cache", "--config", "line-length = 100")
    own = 'lint.isort.known-first-party = ["tidegate_contracts", "tidegate_kernel"]'
    run(TOOLS / "ruff", "check", *common, "--config", own, "--select=I", "--fix", folder)
    run(TOOLS / "ruff", "format", *common, folder)


def stale_files(texts: dict[Path, str]) -> list[Path]:
    """Return the files that differ from what is generated, and marked ones that are left over."""
    stale = [p for p, text in texts.items() if not p.is_file() or p.read_text() != text]
    left_over = [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in texts and path.read_text().startswith("# Generated from ")
    ]
    return stale + left_over


def write(texts: dict[Path, str]) -> None:
    """Write what differs and remove what is left over."""
    for path in stale_files(texts):
        if path in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path])
        else:
            path.unlink()


def main() -> int:
    """Do what the options say; 1 when the check finds a difference."""
    parser = argparse.ArgumentParser(description="Generate what follows from proto/.")
    parser.add_argument("--check", action="store_true", help="only compare; 1 when files differ")
    parser.add_argument("--examples", action="store_true", help="encode new JSON examples")
    parser.add_argument("--baseline", action="store_true", help="move proto/baseline.binpb")
    options = parser.parse_args()
    try:
        image, texts = generated_texts()
    except (GeneratorError, subprocess.CalledProcessError) as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    if options.check:
        stale = stale_files(texts)
        for path in stale:
            print(f"stale: {path.relative_to(ROOT)}; run `make generate`", file=sys.stderr)
        return 1 if stale else 0
    write(texts)
    if options.examples:
        write_missing(PROTO / "examples", image)
    if options.baseline:
        run(TOOLS / "buf", "build", "--exclude-source-info", "-o", BASELINE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
