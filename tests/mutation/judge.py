"""Whether a test fails when one change is in force: pytest collects once, every change is a fork.

mutmut has written each change beside the line that it changes, and a name says which of them runs.
The tests run once as they are, which shows that they pass and which functions each of them
reaches. A change is then asked only of the tests that reach its function, in a process that is
forked from here with everything imported: first those that noticed another change of its file,
then those that name the file, then the quick ones, for `ASKED_S` of processor time in all. It ends
at the first that fails. A fork with no change must pass.

Changes are judged in an order that has nothing to do with where they are, so that what was judged
when somebody stops is a fair sample of each room.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
from collections import defaultdict
from fnmatch import fnmatch
from functools import partial
from hashlib import blake2b
from time import process_time
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from mutmut.mutation import trampoline
from mutmut.mutation.data import SourceFileMutationData
from mutmut.utils.file_utils import walk_mutatable_files

if TYPE_CHECKING:
    from collections.abc import Iterator

SURVIVED, KILLED, NO_TESTS, TIMEOUT = 0, 1, 33, 36
CPU_S_MIN, CPU_TIMES_USUAL, WALL_S_MAX = 5, 5, 300
SAVED_EVERY = 100
ASKED_S = 1.5


class Judge:
    """A plugin of pytest that asks the tests about changes instead of running them."""

    def __init__(self, only: tuple[str, ...], *, survivors: bool) -> None:
        """Judge what was not judged of the files below ``core/``; ``survivors`` once more."""
        self._only = only
        self._open = {None, SURVIVED, NO_TESTS} if survivors else {None}
        self._seconds: dict[pytest.Item, float] = {}
        self._reached: dict[str, list[pytest.Item]] = defaultdict(list)
        self._noticed_before: dict[str, dict[pytest.Item, None]] = defaultdict(dict)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every test once, then every change that is open."""
        for item in session.items:
            self._run_as_it_is(item)
        for function, tests in self._reached.items():
            self._reached[function] = sorted(tests, key=partial(self._place, function))
        gc.collect()
        gc.freeze()
        if _ask("no change", self._as_many_as_fit(session.items), ASKED_S)[0] != SURVIVED:
            pytest.exit("expected that no change passes the tests in a fork, it fails", 1)
        files = list(self._files())
        changes = [(data, name) for data in files for name in self._open_changes(data)]
        changes.sort(key=lambda change: blake2b(change[1].encode()).digest())
        for count, (data, name) in enumerate(changes, start=1):
            data.exit_code_by_key[name] = self._judge(name)
            if count % SAVED_EVERY == 0 or count == len(changes):
                for each in files:
                    each.save()
        return True

    def _run_as_it_is(self, item: pytest.Item) -> None:
        hits: set[str] = set()
        os.environ["MUTANT_UNDER_TEST"] = "stats"
        # mutmut looks the function up in its module at every hit.
        trampoline.record_trampoline_hit = lambda name, caller=None: hits.add(name)  # type: ignore[attr-defined]
        begun = process_time()
        if _fails(item, None):
            pytest.exit(f"expected that {item.nodeid} passes without a change, it fails", 1)
        self._seconds[item] = process_time() - begun
        for name in hits:
            self._reached[name].append(item)

    def _place(self, function: str, item: pytest.Item) -> tuple[bool, float]:
        """Tests that name the function's file come first, then the quick ones."""
        file = function.rpartition(".")[0].rpartition(".")[2]
        return file not in item.nodeid.lower(), self._seconds[item]

    def _as_many_as_fit(self, tests: list[pytest.Item]) -> list[pytest.Item]:
        """Return the first tests, up to ``ASKED_S`` together; one that is slow makes room."""
        fit, left_s = [], ASKED_S
        for item in tests:
            if self._seconds[item] <= left_s:
                fit.append(item)
                left_s -= self._seconds[item]
        return fit

    def _files(self) -> Iterator[SourceFileMutationData]:
        for path in sorted(walk_mutatable_files()):
            if any(fnmatch(str(path).partition("/core/")[2], each) for each in self._only):
                data = SourceFileMutationData(path=path)
                data.load()
                yield data

    def _open_changes(self, data: SourceFileMutationData) -> list[str]:
        return [name for name, code in data.exit_code_by_key.items() if code in self._open]

    def _judge(self, name: str) -> int:
        function = name.rpartition("__mutmut_")[0]
        reached = self._reached[function]
        file = function.rpartition(".")[0]
        known = self._noticed_before[file]
        tests = [item for item in known if item in reached]
        tests += [item for item in reached if item not in known]
        tests = self._as_many_as_fit(tests)
        if not tests:
            return NO_TESTS
        code, which = _ask(name, tests, sum(self._seconds[item] for item in tests))
        if which is not None:
            item = tests[which]
            known.pop(item, None)
            self._noticed_before[file] = {item: None, **known}
        return code


def _ask(name: str, tests: list[pytest.Item], usual_s: float) -> tuple[int, int | None]:
    """Return the exit code of the tests under one change, and which of them noticed it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _run(name, tests, usual_s, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        which = told.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code in {-signal.SIGXCPU, -signal.SIGALRM}:
        code = TIMEOUT
    return code, int(which) if which else None


def _run(name: str, tests: list[pytest.Item], usual_s: float, writer: int) -> NoReturn:
    """Run tests in the forked process until one fails; a change that never ends is ended."""
    limit_s = int(CPU_S_MIN + CPU_TIMES_USUAL * usual_s)
    resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 5))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(WALL_S_MAX)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.environ["MUTANT_UNDER_TEST"] = name
    trampoline.get_mutant_under_test = lambda: name
    gc.disable()
    code = KILLED
    try:
        for which, item in enumerate(tests):
            following = tests[which + 1] if which + 1 < len(tests) else None
            if _fails(item, following):
                os.write(writer, str(which).encode())
                break
        else:
            code = SURVIVED
    finally:
        os._exit(code)


def _fails(item: Any, following: pytest.Item | None) -> bool:  # noqa: ANN401 - its private parts
    """Run a test without the reports that nobody reads: they take longer than most tests."""
    if not item._request:
        item._initrequest()
    state = item.session._setupstate
    try:
        state.setup(item)
        item.runtest()
    except pytest.skip.Exception:
        return False
    except BaseException:  # noqa: BLE001 - a change may raise anything
        return True
    finally:
        state.teardown_exact(following)
        # As pytest itself marks what has run and may run again.
        item._request, item.funcargs = False, None
    return False


def judge(only: tuple[str, ...], arguments: list[str], *, survivors: bool) -> int:
    """Judge what mutmut has written in this folder; return pytest's exit code."""
    return int(pytest.main(arguments, plugins=[Judge(only, survivors=survivors)]))
