"""Limits on size: what does not fit in a head does not fit in a file."""

import ast
from collections.abc import Iterator
from pathlib import Path

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
SOURCE_SUFFIXES = {".py", ".proto", ".sql", ".sh", ".ts", ".tsx", ".css"}


def test_no_file_is_longer_than_500_lines(
    texts: dict[Path, str], generated: set[Path], root: Path
) -> None:
    """A file that people write holds one noun in at most 500 lines."""
    written = {p: t for p, t in texts.items() if p.suffix in SOURCE_SUFFIXES and p not in generated}
    too_long = {
        str(path.relative_to(root)): lines
        for path, text in written.items()
        if (lines := len(text.splitlines())) > FILE_LINES_MAX
    }
    assert not too_long, f"Split these files, one noun each: {too_long}"


def test_no_function_is_longer_than_60_lines(handwritten: dict[Path, str], root: Path) -> None:
    """A function does one thing in at most 60 lines."""
    too_long = [
        f"{path.relative_to(root)}:{function.lineno} {function.name} ({lines} lines)"
        for path, text in handwritten.items()
        for function in _functions(text)
        if (lines := _length(function)) > FUNCTION_LINES_MAX
    ]
    assert not too_long, f"Give each step of these functions a name of its own: {too_long}"


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1
