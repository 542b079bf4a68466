"""`tidegate gate` without servers: what a command line cannot mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Tidegate

LOWER = ("lower", "OPEN", "--reason", "mended")


@pytest.mark.parametrize(
    "arguments", [("show",), LOWER, (*LOWER, "--seen", "7"), ("approve", "lowering-1")]
)
def test_without_a_running_instance_every_command_ends_with_3(
    tidegate: Tidegate, arguments: tuple[str, ...]
) -> None:
    """The error says how to start one."""
    ended = tidegate("gate", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (3, "NOT_RUNNING")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*LOWER, "--seen", "0"), "USAGE"),
        ((*LOWER, "--seen", "-1"), "USAGE"),
        ((*LOWER, "--seen", str(2**63)), "USAGE"),
        ((*LOWER, "--seen", "newest"), "USAGE"),
        ((*LOWER, "--scope", "desk:one"), "UNKNOWN_SCOPE"),
        (("lower", "LOCKED", "--reason", "mended"), "UNKNOWN_LEVEL"),
        (("lower", "OPEN"), "USAGE"),
    ],
)
def test_what_a_command_line_cannot_mean_ends_with_2(
    tidegate: Tidegate, arguments: tuple[str, ...], code: str
) -> None:
    """Nobody is asked."""
    ended = tidegate("gate", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)
