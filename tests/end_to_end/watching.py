"""What is to be seen of an instance while, and after, it is held."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.instances import eventually

from .killing import lower_the_session
from .venue import Venue

if TYPE_CHECKING:
    from tests.instances import Instance

SIGNALS_MEANWHILE = 40
"""So many signals must have been given for "nothing was sent" to mean something."""
KEPT_BACK_CODES = (
    "GATE_CLOSED",
    "GATE_EPOCH_STALE",
    "HEARTBEAT_SILENT",
    "LEASE_LOST",
    "NOT_RECONCILED",
    "TERM_STALE",
    "VERDICT_EXPIRED",
)
"""What the guard withholds or the last hop refuses after a sleep."""


def signals_of(instance: Instance) -> int:
    """Return how many signals there have been."""
    return instance.published("signals/demo/0", "Signal")


def wait_for_signals(instance: Instance) -> None:
    """Wait until many more signals have been given."""
    enough = signals_of(instance) + SIGNALS_MEANWHILE
    eventually(lambda: signals_of(instance) >= enough, "signals to go on", patience_s=60)


def assert_nothing_is_sent(instance: Instance) -> None:
    """Signals go on, and the venue's journal shows no further order; nothing is open there."""
    with Venue(instance) as venue:
        before = venue.standing()
        wait_for_signals(instance)
        assert venue.standing() == before
    account = instance.post("execution", "/admin/reconcile", {"session": "demo"})
    assert account["open_orders"] == []


def assert_trading_resumes(instance: Instance) -> None:
    """Orders are accepted again."""
    with Venue(instance) as venue:
        before = venue.standing()

        def resumed() -> bool:
            lower_the_session(instance)
            now = venue.standing()
            return now.increasing > before.increasing and now.accepted > before.accepted

        eventually(resumed, "trading to resume")


def approved(instance: Instance) -> int:
    """Return how many signals risk has approved."""
    count: int = instance.get("risk", "/v1/verdicts/counts")["approved"]
    return count


def withheld_by(instance: Instance) -> Counter[str]:
    """Count the orders that the guard or the last hop kept back, by reason."""
    orders: Counter[str] = Counter()
    after: str | None = ""
    while after is not None:
        page = instance.get("execution", "/v1/orders", after=after, limit=5_000)
        after = page["next"]
        orders.update(each["reason_code"] for each in page["orders"])
    return Counter({code: orders[code] for code in KEPT_BACK_CODES if orders[code]})
