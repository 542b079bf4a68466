"""What was placed by hand, and its one verdict: a retry with the same key gets the same one."""

from __future__ import annotations

import msgspec

from tidegate_contracts.risk import PlaceOrder, PlaceOrderAnswer, Verdict

ANSWERS_REMEMBERED = 1_000
"""People do not place more while a retry is under way."""


class Placed(msgspec.Struct, frozen=True):
    """A command and its one verdict."""

    command: PlaceOrder
    verdict: Verdict


class PlacedOrders(msgspec.Struct):
    """The newest orders by hand, by the key that their client chose; and how many there were."""

    by_key: dict[str, Placed] = {}
    count: int = 0

    def answer(self, command: PlaceOrder) -> PlaceOrderAnswer | None:
        """Return the answer that a key has had; None for a new one."""
        known = self.by_key.get(command.key)
        if known is None:
            return None
        if known.command == command:
            return PlaceOrderAnswer(accepted=True, verdict=known.verdict)
        first = known.command
        return PlaceOrderAnswer(
            code="KEY_TAKEN",
            message=f"expected a key of its own for each order, found {command.key}, which is that "
            f"of {first.side.name} {first.quantity} {first.symbol} by {first.principal}; "
            "nothing was placed: leave the key out, or choose another",
        )

    def remember(self, command: PlaceOrder, verdict: Verdict) -> PlaceOrderAnswer:
        """Keep a verdict for the case that the same command comes again."""
        self.by_key[command.key] = Placed(command, verdict)
        self.count += 1
        if len(self.by_key) > ANSWERS_REMEMBERED:
            del self.by_key[next(iter(self.by_key))]
        return PlaceOrderAnswer(accepted=True, verdict=verdict)
