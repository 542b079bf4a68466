"""Totals depend on the seed alone: not on the order, on jobs, on interruptions or on hash seeds."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tidegate_lab.simulate.campaign import (
    AnotherCampaign,
    Folder,
    Played,
    Wanted,
    play_all,
    play_one,
    totals_of,
)
from tidegate_lab.simulate.plan import KINDS, plan_of

WANTED = Wanted(seed=11, hours=(0, 1))
PRINT = (
    "from tidegate_lab.simulate.campaign import *; import msgspec;"
    "print(msgspec.json.encode(play_one(Wanted(seed=11, hours=(1,)))).decode())"
)


@pytest.mark.timeout(300)
def test_an_hour_is_the_same_under_any_hash_seed(tmp_path: Path) -> None:
    """An interpreter with another hash seed finds the same events and goals; it takes seconds."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    here = msgspec.json.encode(play_one(Wanted(seed=11, hours=(1,)))).decode()
    assert done.stdout.strip() == here


def test_a_campaign_that_is_resumed_has_the_same_totals(tmp_path: Path) -> None:
    """What is in the folder is not played again, and a line that was cut off is."""
    whole = play_all(WANTED, 1, None, lambda _: None)
    folder = Folder(tmp_path, WANTED)
    folder.add(Played(1, whole[1]))
    with (tmp_path / "hours.jsonl").open("ab") as file:
        file.write(b'{"hour": 0, "res')
    played: list[int] = []
    again = play_all(WANTED, 1, Folder(tmp_path, WANTED), lambda each: played.append(each.hour))
    assert played == [0]
    assert totals_of(WANTED, again) == totals_of(WANTED, whole)
    assert sorted(Folder(tmp_path, WANTED).read()) == [0, 1]


def test_a_folder_belongs_to_one_campaign(tmp_path: Path) -> None:
    """Hours of another seed are not mixed in."""
    Folder(tmp_path, WANTED)
    with pytest.raises(AnotherCampaign, match="to hold a campaign of"):
        Folder(tmp_path, Wanted(seed=12, hours=(0,)))


def test_a_plan_can_be_held_to_some_kinds_of_faults() -> None:
    """The faults of a kind are the same whether or not others are wanted."""
    whole = plan_of(3, 4)
    for kind in KINDS:
        chosen = [fault for fault in whole.faults if fault.kind == kind]
        assert list(plan_of(3, 4, (kind,)).faults) == chosen
    assert plan_of(3, 4, ("none",)).faults == ()
