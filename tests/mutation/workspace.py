"""A copy of risk that mutmut may change, beside a file that tells it how.

Only pure tests run, with few examples (the profile `mutation` of Hypothesis): a changed line that
only a property finds in its hundredth example counts as not noticed. The sentences of refusals are
left as they are; what decides, and every number that a verdict carries, is changed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKSPACE = ROOT / ".mutation" / "risk"
RISK = ROOT / "services" / "risk"
MUTMUT = str(Path(sys.executable).parent / "mutmut")
ROOMS = ("rules", "sizing", "breakers", "gate", "decision", "portfolio")
TESTS = ("book", "breakers", "decision", "gate", "portfolio", "rules", "sizing")
# Words for people, on the line on which their field begins; and what an assertion would say.
SENTENCES = (r"\b(remedy|expected|found|what|hint)=\(?f?[\"'(]", r"^\s*assert ")
SETTINGS = """[mutmut]
source_paths = src
only_mutate =
    {only}
do_not_mutate_patterns =
    {sentences}
pytest_add_cli_args_test_selection =
    {tests}
pytest_add_cli_args =
    --hypothesis-profile=mutation
    -pno:randomly
    -pno:xdist
    -pno:cacheprovider
    -Wdefault
    -knot page
timeout_constant = 20.0
"""


def prepare(only: tuple[str, ...]) -> None:
    """Bring the copy up to date; ``only`` are patterns of files below ``core/``."""
    WORKSPACE.mkdir(parents=True, exist_ok=True)
    for folder in ("src", "tests"):
        shutil.rmtree(WORKSPACE / folder, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__", "adapters")
        shutil.copytree(
            RISK / folder, WORKSPACE / folder, ignore=None if folder == "src" else ignored
        )
    between = "\n    "
    tests = [f"tests/{name}" for name in TESTS]
    tests += [f"tests/{path.name}" for path in (RISK / "tests").glob("test_[cl]*.py")]
    text = SETTINGS.format(
        only=between.join(f"src/tidegate_risk/core/{each}" for each in only),
        sentences=between.join(SENTENCES),
        tests=between.join(sorted(tests)),
    )
    (WORKSPACE / "setup.cfg").write_text(text, encoding="utf-8")
    _forget_what_was_left_out()


def _forget_what_was_left_out() -> None:
    """Drop the copies of files that were not to be changed: mutmut would take them for done."""
    for path in (WORKSPACE / "mutants" / "src").rglob("*.py"):
        if not path.with_name(f"{path.name}.meta").exists():
            path.unlink()


def run() -> int:
    """Let mutmut judge what it has not judged; one change at a time."""
    command = [MUTMUT, "run", "--max-children", "1"]
    return subprocess.run(command, cwd=WORKSPACE, check=False).returncode


def results() -> str:
    """Return mutmut's word on every change."""
    command = [MUTMUT, "results", "--all", "true"]
    found = subprocess.run(command, cwd=WORKSPACE, check=True, capture_output=True, text=True)
    return found.stdout
