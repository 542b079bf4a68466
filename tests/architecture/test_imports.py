"""Who may import whom: what import-linter cannot say about itself, and what a core may use."""

import ast
import configparser
from collections.abc import Iterator
from pathlib import Path

# A core may use these and nothing else; all are pure or can be used so.
PURE_STANDARD_LIBRARY = frozenset(
    {
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "itertools",
        "json",
        "math",
        "numbers",
        "operator",
        "re",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "zlib",
    }
)
NUMERIC_LIBRARIES = frozenset({"msgspec", "numba", "numpy", "scipy"})
CONTRACT = frozenset({"tidegate_contracts", "tidegate_kernel"})


def test_the_import_rules_cover_every_member(members: dict[str, Path], root: Path) -> None:
    """A member that import-linter does not know would be free of all rules."""
    rules = configparser.ConfigParser()
    rules.read(root / ".importlinter")
    roots = set(rules["importlinter"]["root_packages"].split())
    assert roots == set(members), "Make root_packages in .importlinter equal to the members."


def test_the_makefile_installs_every_member(members: dict[str, Path], root: Path) -> None:
    """The Makefile installs the members in the order in which pyproject.toml lists them."""
    makefile = (root / "Makefile").read_text().replace("\\\n", " ")
    line = next(line for line in makefile.splitlines() if line.startswith("MEMBERS :="))
    listed = [root / folder for folder in line.removeprefix("MEMBERS :=").split()]
    assert listed == list(members.values()), "Make MEMBERS in the Makefile equal to the members."


def test_the_kernel_needs_only_the_pure_standard_library(
    handwritten: dict[Path, str], members: dict[str, Path]
) -> None:
    """The kernel can be installed alone and cannot touch the world."""
    allowed = PURE_STANDARD_LIBRARY | {"msgspec", "tidegate_kernel"}
    source = members["tidegate_kernel"] / "src"
    foreign = _foreign_imports(handwritten, source, allowed)
    assert not foreign, f"Pass these in as data or as a pure object: {foreign}"


def test_a_core_needs_only_the_contract_and_numbers(
    handwritten: dict[Path, str], services: dict[str, Path]
) -> None:
    """Each core imports the kernel, the contracts, numeric libraries and itself."""
    allowed = PURE_STANDARD_LIBRARY | NUMERIC_LIBRARIES | CONTRACT
    foreign = [
        line
        for package, folder in services.items()
        for line in _foreign_imports(
            handwritten, folder / "src" / package / "core", allowed, f"{package}.core"
        )
    ]
    assert not foreign, f"Return an effect, or pass these in through the parameters: {foreign}"


def _foreign_imports(
    sources: dict[Path, str], folder: Path, allowed: frozenset[str], own: str = ""
) -> list[str]:
    """List the imports in the folder that are neither allowed nor of its own package."""
    return [
        f"{path.relative_to(folder.parents[1])}:{line} {module}"
        for path, text in sources.items()
        if path.is_relative_to(folder)
        for line, module in _imports(text)
        if module.partition(".")[0] not in allowed
        and not (own and f"{module}.".startswith(f"{own}."))
    ]


def _imports(text: str) -> Iterator[tuple[int, str]]:
    """Yield each imported module with its line; a package's member counts as a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
