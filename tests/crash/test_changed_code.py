"""A journal's tail is never decided again by another version."""

import re
from pathlib import Path

import pytest
from tests.instances import Instance, eventually

from .workload import configuration

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.long, pytest.mark.timeout(300)]
PATIENCE_S = 120.0
OTHER_STRATEGIES = ("ema-crossover:fast=5,slow=9", "donchian-breakout:entry=10,exit=5")


def test_a_tail_under_changed_parameters_is_refused_with_its_row(
    instance: Instance, bars: Path
) -> None:
    """Killed, reconfigured and started again, signals names the first row and stands still."""
    instance.start()
    eventually(lambda: _n(instance) > 20, "signals to have a journal", PATIENCE_S)
    instance.configure(configuration(bars, OTHER_STRATEGIES))
    instance.kill("signals")
    eventually(lambda: _state(instance) == "refused", "signals to refuse", PATIENCE_S)
    status, text = instance.ready("signals")
    assert status == 503
    named = re.search(r"journal row n=1 was written by core (\w+), this is core (\w+)", text)
    assert named is not None, text
    assert named[1] != named[2]


def _state(instance: Instance) -> str:
    return str(instance.shards().get("signals/demo/0", {}).get("state"))


def _n(instance: Instance) -> int:
    return int(instance.shards().get("signals/demo/0", {}).get("n", 0))
