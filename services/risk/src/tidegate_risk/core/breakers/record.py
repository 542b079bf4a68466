"""What a strategy's last trades have won and lost, as fractions of what they cost."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_kernel.money import ZERO

TRADES_KEPT = 100
PLACES = 8


class Record(msgspec.Struct):
    """The last `TRADES_KEPT` trades of a strategy, the newest last."""

    returns: list[Decimal] = []
    # Of those: how many won and lost, and what, all together.
    wins: int = 0
    losses: int = 0
    won: Decimal = ZERO
    lost: Decimal = ZERO

    def add(self, result: Decimal, cost: Decimal) -> None:
        """Take a trade that brought ``result`` and cost ``cost``, above zero."""
        self.returns.append(round(result / cost, PLACES))
        self._count(self.returns[-1], 1)
        if len(self.returns) > TRADES_KEPT:
            self._count(self.returns.pop(0), -1)

    @property
    def count(self) -> int:
        """How many trades were measured."""
        return len(self.returns)

    @property
    def win_rate(self) -> Decimal:
        """The share of the trades that won."""
        return round(Decimal(self.wins) / len(self.returns), PLACES)

    @property
    def loss_rate(self) -> Decimal:
        """The share of the trades that lost."""
        return round(Decimal(self.losses) / len(self.returns), PLACES)

    @property
    def win_mean(self) -> Decimal:
        """What a trade that won brought in the mean; 0 while none has."""
        return round(self.won / self.wins, PLACES) if self.wins else ZERO

    @property
    def loss_mean(self) -> Decimal:
        """What a trade that lost cost in the mean, above zero; 0 while none has."""
        return round(self.lost / self.losses, PLACES) if self.losses else ZERO

    def _count(self, result: Decimal, sign: int) -> None:
        if result > 0:
            self.wins, self.won = self.wins + sign, self.won + sign * result
        elif result < 0:
            self.losses, self.lost = self.losses + sign, self.lost - sign * result
