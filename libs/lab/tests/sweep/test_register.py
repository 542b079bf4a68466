"""The register counts every trial, and tells when one was taken out."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_lab.sweep.errors import RegisterError
from tidegate_lab.sweep.identity import Data
from tidegate_lab.sweep.register import FILE_NAME, HEAD_NAME, Register, Tried

DATA = Data(hash="d", instruments=("paper:BTC", "paper:ETH"), first_ns=100, last_ns=200)


def tried(name: str, sharpe: float | None = 0.1, kind: str = "exact") -> Tried:
    """Return a trial by its name."""
    return Tried(
        key=name,
        kind=kind,
        version="v1",
        strategy="ema-crossover",
        parameters={"fast": 5},
        data=DATA,
        sharpe=sharpe,
    )


def test_every_trial_counts_once(tmp_path: Path) -> None:
    """The same trial again is no new one; another one is, also for whoever opens it later."""
    register = Register(tmp_path)
    register.add([tried("a", 0.1), tried("b", 0.3)])
    register.add([tried("a", 0.1)])
    again = Register(tmp_path)
    again.add([tried("c", None)])
    assert register.head.number == 2
    assert again.beside(DATA).count == 3
    assert again.beside(DATA).variance == pytest.approx(0.02)


def test_two_who_share_a_register_forget_nothing(tmp_path: Path) -> None:
    """What another one has added is there, before and after one's own."""
    one, other = Register(tmp_path), Register(tmp_path)
    one.add([tried("a")])
    other.add([tried("b")])
    one.add([tried("c")])
    assert one.beside(DATA).count == 3
    assert Register(tmp_path).head == one.head


def test_trials_on_overlapping_data_count_together(tmp_path: Path) -> None:
    """Half of the period, or one of the symbols, is the same market; a later year is not."""
    register = Register(tmp_path)
    register.add([tried("a"), tried("b")])
    part = Data(hash="e", instruments=("paper:ETH",), first_ns=150, last_ns=400)
    later = Data(hash="f", instruments=("paper:ETH",), first_ns=200, last_ns=400)
    other = Data(hash="g", instruments=("paper:XRP",), first_ns=100, last_ns=200)
    assert register.beside(part).count == 2
    assert register.beside(later).count == register.beside(other).count == 1


def test_an_exact_result_counts_instead_of_a_screened_one(tmp_path: Path) -> None:
    """A trial that was screened and then played is one trial, with the exact Sharpe ratio."""
    register = Register(tmp_path)
    register.add([tried("a", 0.2), tried("b", 0.9, kind="screened"), tried("b", 0.4)])
    assert register.beside(DATA).count == 2
    assert register.beside(DATA).variance == pytest.approx(0.02)


@settings(max_examples=12)
@given(removed=st.integers(0, 4), change=st.sampled_from(["remove", "change", "cut", "swap"]))
def test_a_trial_that_is_taken_out_shows(
    tmp_path_factory: pytest.TempPathFactory, removed: int, change: str
) -> None:
    """A line that is removed, changed or cut off at the end, or two in another order, are found."""
    folder = tmp_path_factory.mktemp("register")
    Register(folder).add([tried(name) for name in "abcde"])
    path = folder / FILE_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "remove":
        del lines[removed]
    elif change == "change":
        lines[removed] = lines[removed].replace(b"0.1", b"0.0")
    elif change == "cut":
        lines = lines[:removed]
    else:
        lines[removed], lines[removed - 1] = lines[removed - 1], lines[removed]
    path.write_bytes(b"".join(lines))
    with pytest.raises(RegisterError, match="a trial was removed or changed"):
        Register(folder)


def test_a_register_that_shrinks_while_it_is_open_shows(tmp_path: Path) -> None:
    """Truncation and a head that is set back are found by whoever has it open."""
    register = Register(tmp_path)
    register.add([tried("a")])
    head = (tmp_path / HEAD_NAME).read_bytes()
    register.add([tried("b")])
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    (tmp_path / HEAD_NAME).write_bytes(head)
    with pytest.raises(RegisterError):
        register.add([tried("c")])


def test_a_crash_while_writing_loses_nothing_that_was_shown(tmp_path: Path) -> None:
    """Half a line that no head promised is dropped; a whole one is kept; then it goes on."""
    Register(tmp_path).add([tried("a")])
    head = (tmp_path / HEAD_NAME).read_bytes()
    Register(tmp_path).add([tried("b")])
    (tmp_path / HEAD_NAME).write_bytes(head)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes() + b'{"number":3,"prev')
    register = Register(tmp_path)
    assert register.head.number == 2
    register.add([tried("c")])
    assert Register(tmp_path).beside(DATA).count == 3
