"""Real money needs the account's number in words.

Keys say nothing about whose money they move. So a live session starts only if
``TIDEGATE_LIVE_CONFIRM`` is the account number that the venue itself reports for them.
"""

from __future__ import annotations

from tidegate_chassis.venues.errors import Misconfigured

VARIABLE = "TIDEGATE_LIVE_CONFIRM"


def confirm_live(confirmed: str | None, account_number: str) -> None:
    """Raise `Misconfigured`, naming both numbers, unless they are the same."""
    if confirmed == account_number and account_number:
        return
    found = confirmed or "nothing"
    message = (
        f"expected {VARIABLE} to be {account_number}, the account that the venue reports for these "
        f"keys, found {found}: a live session trades real money; export {VARIABLE} if you mean it"
    )
    raise Misconfigured(message)
