"""Every deliberate mistake is caught by the simulator, most within a few hours.

Not collected by `make test`, for it takes minutes: `make test-ci` names this file.
"""

from __future__ import annotations

import pytest

from tidegate_lab.simulate.campaign import Wanted, play_one
from tidegate_lab.simulate.mutants import MUTANTS

HOURS_MAX = 120
SEED = 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_mistake_is_caught(name: str) -> None:
    """Within 120 hours one of the invariants breaks."""
    for hour in range(HOURS_MAX):
        result = play_one(Wanted(SEED, (hour,), MUTANTS[name].kinds, name)).result
        if result.violations:
            return
    pytest.fail(f"expected {name} to break an invariant within {HOURS_MAX} hours, found none")
