"""`tidegate admin rejoin` without servers: what a command line cannot mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Tidegate

ASK = ("--reason", "compared")
APPROVE = ("--approve", "lowering-1")


@pytest.mark.parametrize("arguments", [(), ASK, (*ASK, "--seen", "7"), APPROVE])
def test_without_an_instance_every_command_ends_with_3(
    tidegate: Tidegate, arguments: tuple[str, ...]
) -> None:
    """The error says how to start one."""
    ended = tidegate("admin", "rejoin", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (3, "NOT_RUNNING")


@pytest.mark.parametrize(
    "arguments",
    [
        *((*ASK, "--seen", seen) for seen in ("0", "-1", str(2**63), "newest", "1.5", "")),
        ("--seen", "7"),
        ("--reason", "", "--seen", "7"),
        (*APPROVE, "--seen", "7"),
        (*APPROVE, *ASK, "--seen", "7"),
    ],
)
def test_an_epoch_is_a_number_and_belongs_to_what_is_asked_for(
    tidegate: Tidegate, arguments: tuple[str, ...]
) -> None:
    """Nobody is asked."""
    ended = tidegate("admin", "rejoin", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "USAGE")
