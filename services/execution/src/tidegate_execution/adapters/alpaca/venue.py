"""Alpaca for one session: client, port and private stream, put together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tidegate_execution.adapters.alpaca.account import Accounts
from tidegate_execution.adapters.alpaca.client import AlpacaClient
from tidegate_execution.adapters.alpaca.confirmation import VARIABLE, confirm_live
from tidegate_execution.adapters.alpaca.credentials import Credentials
from tidegate_execution.adapters.alpaca.deadlines import Deadlines
from tidegate_execution.adapters.alpaca.endpoints import Endpoints
from tidegate_execution.adapters.alpaca.port import AlpacaPort
from tidegate_execution.adapters.alpaca.updates import Updates

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration.environment import Environment
    from tidegate_execution.adapters.alpaca.fields import Document
    from tidegate_execution.adapters.alpaca.port import Guard

NAME = "alpaca"
"""The venue's name in instruments, orders and subjects."""


@dataclass
class AlpacaVenue:
    """One session's Alpaca."""

    session: str
    live: bool
    # What TIDEGATE_LIVE_CONFIRM says.
    confirmed: str | None
    credentials: Credentials
    endpoints: Endpoints
    accounts: Accounts
    port: AlpacaPort
    deadlines: Deadlines
    updates: Updates | None = None

    @classmethod
    def from_environment(
        cls, session: str, environment: Environment, *, live: bool, guard: Guard | None = None
    ) -> Self:
        """Put it together; nothing is connected. `Misconfigured` if something does not fit."""
        endpoints = Endpoints.from_environment(environment.merged(), live=live)
        credentials = Credentials.from_environment(environment)
        client, deadlines = AlpacaClient(credentials, endpoints), Deadlines()
        accounts = Accounts(client, session, NAME)
        return cls(
            session=session,
            live=live,
            confirmed=environment.get(VARIABLE),
            credentials=credentials,
            endpoints=endpoints,
            accounts=accounts,
            port=AlpacaPort(client, accounts, deadlines, NAME, guard),
            deadlines=deadlines,
        )

    async def open(self) -> None:
        """Import the client; for a live session, see that the account is the one that is meant."""
        await asyncio.to_thread(self.port.client.prepare)
        if self.live:
            confirm_live(self.confirmed, await self.deadlines.run(self.accounts.number))

    def listen(self, hear: Callable[[Document], None], ask_again: Callable[[str], None]) -> Updates:
        """Begin to listen to the private stream; both are called from its thread."""
        self.updates = Updates(self.credentials, self.endpoints.stream_url, hear, ask_again)
        self.port.on_accepted = self.updates.expect
        self.updates.start()
        return self.updates

    def close(self) -> None:
        """Let go of threads and connections."""
        if self.updates is not None:
            self.updates.stop()
        self.deadlines.close()
