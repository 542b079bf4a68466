"""A copy of risk in which mutmut has written every change beside the line that it changes.

Only pure tests run, with few examples (the profile `mutation` of Hypothesis): a changed line that
only a property finds in its hundredth example counts as not noticed. The sentences of refusals are
left as they are; what decides, and every number that a verdict carries, is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.utils.file_utils import copy_src_dir, setup_source_paths

ROOT = Path(__file__).parents[2]
WORKSPACE = ROOT / ".mutation" / "risk"
RISK = ROOT / "services" / "risk"
MUTMUT = str(Path(sys.executable).parent / "mutmut")
ROOMS = ("rules", "sizing", "breakers", "gate", "decision", "portfolio", "schedules")
TESTS = (
    *("book", "breakers", "decision", "gate", "manual"),
    *("portfolio", "refusals", "rules", "schedules", "sizing"),
)
# Words for people, on the line on which their field begins; and what an assertion would say.
SENTENCES = (r"\b(remedy|expected|found|what|hint)=\(?f?[\"'(]", r"^\s*assert ")
SETTINGS = """[mutmut]
source_paths = src
only_mutate =
    {only}
do_not_mutate_patterns =
    {sentences}
"""
PYTEST = (
    *("--rootdir=mutants", "-q", "--tb=native", "--assert=plain", "--hypothesis-profile=mutation"),
    *("-pno:randomly", "-pno:xdist", "-pno:cacheprovider", "-Wdefault"),
    # Pages are elsewhere, and histories of whole books take longer than a change is asked about.
    "-knot page and not plain_sum and not every_book and not its_figure and not columns_trip",
)


def prepare() -> None:
    """Enter the copy, up to date, and let mutmut write changes where a function is another."""
    WORKSPACE.mkdir(parents=True, exist_ok=True)
    for folder in (WORKSPACE, WORKSPACE / "mutants"):
        _copy("tests", folder)
    _copy("src", WORKSPACE)
    between = "\n    "
    text = SETTINGS.format(
        only=between.join(f"src/tidegate_risk/core/{room}/*.py" for room in ROOMS),
        sentences=between.join(SENTENCES),
    )
    (WORKSPACE / "setup.cfg").write_text(text, encoding="utf-8")
    os.chdir(WORKSPACE)
    _write_changes()


def _write_changes() -> None:
    from mutmut.__main__ import create_mutants  # noqa: PLC0415 - reads settings when imported

    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    setup_source_paths()
    create_mutants(1)


def _copy(name: str, into: Path) -> None:
    shutil.rmtree(into / name, ignore_errors=True)
    without = shutil.ignore_patterns("__pycache__", *(["adapters"] if name == "tests" else []))
    shutil.copytree(RISK / name, into / name, ignore=without)


def tests() -> list[str]:
    """Return the tests that ask the core alone."""
    found = [f"mutants/tests/{name}" for name in TESTS]
    found += [f"mutants/tests/{path.name}" for path in (RISK / "tests").glob("test_[cl]*.py")]
    return sorted(found)


def results() -> str:
    """Return mutmut's word on every change."""
    command = [MUTMUT, "results", "--all", "true"]
    found = subprocess.run(command, cwd=WORKSPACE, check=True, capture_output=True, text=True)
    return found.stdout
