"""A session on the wall's clock goes on trading when one of its services has died."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from .instances import eventually, tell
from .killing import held, lower_with_two
from .watching import assert_trading_resumes

if TYPE_CHECKING:
    from .instances import Instance

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(240)]


@pytest.mark.parametrize("service", ["market-data", "execution"])
def test_trading_goes_on_after_a_service_has_died(wall: Instance, service: str) -> None:
    """The supervisor starts it again; its shards take up where they were, and so does the clock."""
    lower_with_two(wall)
    assert_trading_resumes(wall)
    before = wall.pids()[service]
    wall.send(service, signal.SIGKILL)
    died_s = time.monotonic()
    eventually(lambda: wall.pids().get(service) not in {None, before}, f"{service} to be restarted")
    eventually(lambda: wall.is_ready(service), f"{service} to be ready again")
    assert_trading_resumes(wall)
    tell(f"{service} killed: orders were accepted again after {time.monotonic() - died_s:.1f} s")
    eventually(lambda: held(wall)["reconciled"], "execution to agree with the venue")
