"""What an execution has cost. Alpaca's fills do not say, so its published schedule does.

1. Shares and options cost no commission; but regulators and the clearing house ask their fees of a
   contract, which come off the balance at once. Crypto costs a share of what is received: of the
   bought coin, or of the money that a sale brings. What is bought is there less the fee at once.
2. The rate follows from the account's tier, and from whether the order made or took liquidity.
   Alpaca does not tell which: a limit order that had to wait before it was executed has made it.
   What does not wait is executed within milliseconds of its creation.
3. Rates: https://docs.alpaca.markets/docs/crypto-fees, and regulatory-fees beside it. The account's
   next comparison shows whether they still hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Liquidity
from tidegate_execution.adapters.alpaca.fields import text_of, time_ns_of
from tidegate_kernel.contracts import is_option, units_of
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_execution.adapters.alpaca.fields import Document

CURRENCY = "USD"
PLACES = Decimal("1e-9")
"""Alpaca keeps nine decimal places of a coin."""
WAITED_NS = NS_PER_SECOND // 50
RATES_BPS = ((15, 25), (12, 22), (10, 20), (8, 18), (5, 15), (2, 13), (2, 12), (0, 10))
"""Maker and taker, from tier 1 on."""
BPS = Decimal(10_000)
PER_CONTRACT = Decimal("0.04685")
"""Options Regulatory Fee 0.02685 and clearing 0.02, of purchases and of sales."""
PER_CONTRACT_SOLD = Decimal("0.00279")
"""Trading Activity Fee, of sales besides."""


@dataclass
class Fees:
    """The schedule of one account. The tier is set whenever the account is read."""

    tier: int = 1

    def take_account(self, account: Document) -> None:
        """Take the tier that the account is in, if it says one that is known."""
        tier = account.get("crypto_tier")
        if isinstance(tier, int) and 1 <= tier <= len(RATES_BPS):
            self.tier = tier

    def of(
        self, order: Document, quantity: Decimal, price: Decimal, at_ns: int
    ) -> tuple[Decimal, str, Liquidity]:
        """Return the fee of an execution at a time, its currency, and what it did to liquidity."""
        symbol, order_type = text_of(order, "symbol"), text_of(order, "type")
        base, slash, quote = symbol.partition("/")
        if not slash and not is_option(symbol):
            return ZERO, CURRENCY, Liquidity.UNSPECIFIED
        buys = text_of(order, "side") == "buy"
        if not slash:
            per_contract = PER_CONTRACT if buys else PER_CONTRACT + PER_CONTRACT_SOLD
            return quantity / units_of(symbol) * per_contract, CURRENCY, Liquidity.UNSPECIFIED
        maker = order_type == "limit" and at_ns - time_ns_of(order, "created_at") > WAITED_NS
        rate = Decimal(RATES_BPS[self.tier - 1][0 if maker else 1]) / BPS
        received, currency = (quantity, base) if buys else (quantity * price, quote)
        fee = (received * rate).quantize(PLACES, ROUND_HALF_UP)
        return fee, currency, Liquidity.MAKER if maker else Liquidity.TAKER
