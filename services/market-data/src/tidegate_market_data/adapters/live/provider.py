"""What a live source of bars offers, and how it fails.

::

    ProviderError
    ├── NotListed       the venue does not know a symbol: only a person can mend that
    └── ProviderFailed  the venue did not answer, or not as it should: asked again
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from tidegate_market_data.errors import MarketDataError

if TYPE_CHECKING:
    from tidegate_contracts.market import Bar, Instrument


class ProviderError(MarketDataError):
    """A live source does not give what it was asked for."""


class NotListed(ProviderError):
    """The venue does not know a symbol."""


class ProviderFailed(ProviderError):
    """The venue did not answer, or not as it should."""


Hear = Callable[["Bar"], None]
Connected = Callable[[], None]


class Provider(Protocol):
    """A venue's market data of some symbols, through its real client."""

    @property
    def unstreamed(self) -> Sequence[str]:
        """Symbols whose bars the venue does not stream: history is asked for them."""
        ...

    @property
    def instruments_every_s(self) -> float:
        """How often instruments are to be asked for: what of them changes, and how fast."""
        ...

    async def instruments(self) -> Sequence[Instrument]:
        """Return what the symbols are; later calls of the others use these scales."""
        ...

    def begins_ns(self, symbol: str, until_ns: int, bars: int) -> int:
        """Return when the last bars of a symbol before a moment begin; known after instruments."""
        ...

    async def history(self, symbols: Sequence[str], from_ns: int, to_ns: int) -> list[Bar]:
        """Return the bars that start in [from, to) and have closed, oldest first by symbol."""
        ...

    def listen(self, hear: Hear, connected: Connected) -> None:
        """Stream closed bars until `stop`; both are called from any thread.

        ``connected`` is called whenever a connection begins to listen: nothing is replayed.
        """
        ...

    def begin_anew(self) -> None:
        """Cut the streams, which are mute; they connect again by themselves."""
        ...

    def stop(self) -> None:
        """Stream no more."""
        ...

    def close(self) -> None:
        """Let go of threads and connections for good."""
        ...
