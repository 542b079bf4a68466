"""Alpaca for one session: client, port and private stream, put together."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import structlog

from tidegate_chassis.venues.alpaca import Credentials, Endpoints
from tidegate_chassis.venues.budget import Budget
from tidegate_execution.adapters.alpaca.account import Accounts
from tidegate_execution.adapters.alpaca.client import AlpacaClient
from tidegate_execution.adapters.alpaca.deadlines import Deadlines
from tidegate_execution.adapters.alpaca.failures import NotSent, Unproven
from tidegate_execution.adapters.alpaca.port import AlpacaPort
from tidegate_execution.adapters.alpaca.reports import (
    AMENDING,
    event_key,
    is_about_a_leg,
    is_about_a_part,
    report_of,
    report_of_leg,
    report_of_part,
)
from tidegate_execution.adapters.alpaca.updates import Updates
from tidegate_execution.adapters.confirmation import VARIABLE, confirm_live
from tidegate_execution.adapters.costs import ALPACA_LIMITS, name_of, server_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration.environment import Environment
    from tidegate_contracts.execution import VenueReport
    from tidegate_execution.adapters.alpaca.fields import Document
    from tidegate_execution.adapters.alpaca.port import Guard

LOG = structlog.get_logger("alpaca")
OPEN_PATIENCE_S = 30.0
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
        port = AlpacaPort(client, accounts, deadlines, NAME, guard)
        name = name_of(NAME, credentials.revealed()[0])
        port.budget = Budget.at(server_of(environment), name, ALPACA_LIMITS)
        client.on_limit = lambda most: port.budget.learn("requests", most)
        return cls(
            session=session,
            live=live,
            confirmed=environment.get(VARIABLE),
            credentials=credentials,
            endpoints=endpoints,
            accounts=accounts,
            port=port,
            deadlines=deadlines,
        )

    @property
    def budget(self) -> Budget:
        """What the account may still ask."""
        return self.port.budget

    async def open(self) -> None:
        """Import the client; for a live session, see that the account is the one that is meant."""
        await asyncio.to_thread(self.port.client.prepare)
        if self.live:
            confirm_live(self.confirmed, await self._account_number())

    async def _account_number(self) -> str:
        """Ask until the venue answers, for a while; `Refused` is an answer too."""
        until_s = time.monotonic() + OPEN_PATIENCE_S
        while True:
            try:
                return await self.deadlines.run(self.accounts.number)
            except (NotSent, Unproven) as error:
                if time.monotonic() > until_s:
                    raise
                LOG.warning("the account's number is not known yet", error=str(error))
                await asyncio.sleep(1.0)

    def follow(
        self, tell: Callable[[VenueReport, str], None], ask_again: Callable[[str], None]
    ) -> None:
        """Listen to the private stream, and tell of every update that counts, with its key."""

        def hear(data: Document) -> None:
            report = self._report_of(data)
            if report is not None:
                tell(report, event_key(data))
            elif data.get("event") in AMENDING:
                ask_again(f"the venue has amended something: {data.get('event')}")

        self.listen(hear, ask_again)

    def _report_of(self, data: Document) -> VenueReport | None:
        fees = self.accounts.fees
        if is_about_a_leg(data):
            return report_of_leg(data, self.accounts.families, self.session, NAME, fees)
        if is_about_a_part(data):
            return report_of_part(data, self.accounts.choices, self.session, NAME, fees)
        return report_of(data, self.session, NAME, fees)

    async def watch(self) -> None:
        """For ever: begin anew when the stream has gone mute."""
        assert self.updates is not None, "followed first"
        await self.updates.watch()

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
