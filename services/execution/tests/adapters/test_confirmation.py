"""Real money needs the account's number in words."""

from __future__ import annotations

import pytest

from tidegate_chassis.venues.errors import Misconfigured
from tidegate_execution.adapters.confirmation import confirm_live


@pytest.mark.parametrize("confirmed", [None, "", "PA1", "pa0", "PA0 "])
def test_real_money_needs_the_accounts_number(confirmed: str | None) -> None:
    """Any other text is refused, naming both."""
    with pytest.raises(Misconfigured, match="PA0") as caught:
        confirm_live(confirmed, "PA0")
    assert (confirmed or "nothing") in str(caught.value)


def test_the_right_number_confirms() -> None:
    """An account without a number is never confirmed, not even by nothing."""
    confirm_live("PA0", "PA0")
    with pytest.raises(Misconfigured):
        confirm_live("", "")
