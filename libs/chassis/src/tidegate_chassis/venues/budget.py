"""What an account may still ask of its venue: one budget, shared by every process that trades it.

1. A venue counts what an account asks in windows. So does this, in Valkey, where all processes of
   an account spend from the same counters, by the server's clock, all limits of a request at once.
2. A fifth of each limit is kept for cancels: nothing else may spend it.
3. After the venue has said "too many" nothing but cancels is sent until its pause is over, by
   nobody who shares the budget.
4. Without an answer from Valkey every process counts alone, against half of each limit: a stricter
   budget, never none. `Budget.problem` says so, until the server answers again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tidegate_chassis.telemetry import names
from tidegate_chassis.telemetry.metrics import PROCESS

if TYPE_CHECKING:
    from collections.abc import Iterable

RESERVE_PER_CENT: Final = 20
ALONE_PER_CENT: Final = 50
SERVER_TIMEOUT_S: Final = 1.0
ASK_AGAIN_AFTER_S: Final = 5.0
MS: Final = 1000
_SPEND: Final = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
if ARGV[1] == '0' then
  local paused = redis.call('PTTL', KEYS[1])
  if paused > 0 then return paused end
end
local keys = {}
for n = 2, #KEYS do
  local cost, most, window = tonumber(ARGV[n * 3 - 4]), tonumber(ARGV[n * 3 - 3]), tonumber(ARGV[n * 3 - 2])
  keys[n] = KEYS[n] .. ':' .. math.floor(now / window)
  local spent = tonumber(redis.call('GET', keys[n]) or '0')
  if spent + cost > most then return window - now % window end
end
for n = 2, #KEYS do
  redis.call('INCRBY', keys[n], ARGV[n * 3 - 4])
  redis.call('PEXPIRE', keys[n], ARGV[n * 3 - 2])
end
return 0
"""  # noqa: E501 - one statement a line


@dataclass(frozen=True)
class Limit:
    """At most so much of something in each window."""

    # What is counted, as the venue calls it: requests, weight, orders.
    what: str
    most: int
    window_s: int

    def allowed(self, *, cancels: bool, alone: bool) -> int:
        """Return how much of it may be spent in a window."""
        most = self.most * ALONE_PER_CENT // 100 if alone else self.most
        reserve = -(-most * RESERVE_PER_CENT // 100)
        return most if cancels else most - reserve


@dataclass
class Counters:
    """What one process has spent, window by window."""

    spent: dict[tuple[Limit, int], int] = field(default_factory=dict)
    paused_until_s: float = 0.0

    def spend(self, costs: Mapping[Limit, int], now_s: float, *, cancels: bool) -> float:
        """Spend all of it and return 0, or spend nothing and return how long to wait."""
        if not cancels and now_s < self.paused_until_s:
            return self.paused_until_s - now_s
        for limit, cost in costs.items():
            spent = self.spent.get((limit, int(now_s // limit.window_s)), 0)
            if spent + cost > limit.allowed(cancels=cancels, alone=True):
                return limit.window_s - now_s % limit.window_s
        self.spent = {
            (limit, window): spent
            for (limit, window), spent in self.spent.items()
            if window >= int(now_s // limit.window_s)
        }
        for limit, cost in costs.items():
            key = (limit, int(now_s // limit.window_s))
            self.spent[key] = self.spent.get(key, 0) + cost
        return 0.0


@dataclass
class Budget:
    """The budget of one account."""

    # Names the account, without saying who it is.
    account: str
    limits: tuple[Limit, ...]
    # `redis.asyncio.Redis`, or nothing: then every process counts alone.
    server: Any = None
    problem: str = "it is not known yet whether the budget is shared"
    _counters: Counters = field(default_factory=Counters)
    _ask_again_at_s: float = 0.0

    @classmethod
    def at(cls, url: str | None, account: str, limits: Iterable[Limit]) -> Budget:
        """Return a budget kept at a Valkey; nothing is connected yet."""
        if not url:
            return cls(account, tuple(limits), problem="expected REDIS_URL, found none")
        from redis.asyncio import Redis  # noqa: PLC0415 - only who trades needs it

        timeout = SERVER_TIMEOUT_S
        made = Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
        return cls(account, tuple(limits), made)

    def learn(self, what: str, most: int) -> None:
        """Take a limit that the venue has told with an answer."""
        if most > 0:
            self.limits = tuple(
                replace(each, most=most) if each.what == what else each for each in self.limits
            )

    async def spend(self, costs: Mapping[str, int], *, cancels: bool = False) -> float:
        """Spend what a request costs and return 0, or nothing and return the seconds to wait."""
        priced = {each: costs[each.what] for each in self.limits if costs.get(each.what)}
        found = await self._spend_shared(priced, cancels=cancels)
        if found is None:
            found = self._counters.spend(priced, time.time(), cancels=cancels)
        if found:
            PROCESS.count(names.VENUE_BUDGET_EXHAUSTED, (self.account,))
        return found

    async def pause(self, seconds: float) -> None:
        """Let nobody send anything but cancels for a while."""
        until_s = time.time() + seconds
        self._counters.paused_until_s = max(self._counters.paused_until_s, until_s)
        if self._may_ask():
            try:
                await self.server.set(self._key("pause"), 1, px=max(int(seconds * MS), 1))
            except self._failures() as error:
                self._alone(error)

    async def close(self) -> None:
        """Let go of the connection."""
        if self.server is not None:
            await self.server.aclose()

    async def _spend_shared(self, costs: Mapping[Limit, int], *, cancels: bool) -> float | None:
        if not self._may_ask():
            return None
        keys = [self._key("pause")]
        told: list[int] = [int(cancels)]
        for limit, cost in costs.items():
            keys.append(self._key(f"{limit.what}/{limit.window_s}"))
            told += [cost, limit.allowed(cancels=cancels, alone=False), limit.window_s * MS]
        try:
            wait_ms = await self.server.eval(_SPEND, len(keys), *keys, *told)
        except self._failures() as error:
            self._alone(error)
            return None
        self.problem = ""
        PROCESS.set(names.VENUE_BUDGET_SHARED, 1.0, (self.account,))
        return int(wait_ms) / MS

    def _may_ask(self) -> bool:
        if self.server is None:
            PROCESS.set(names.VENUE_BUDGET_SHARED, 0.0, (self.account,))
        return self.server is not None and time.monotonic() >= self._ask_again_at_s

    def _alone(self, error: Exception) -> None:
        self._ask_again_at_s = time.monotonic() + ASK_AGAIN_AFTER_S
        self.problem = f"the budget's server does not answer: {type(error).__name__}"
        PROCESS.set(names.VENUE_BUDGET_SHARED, 0.0, (self.account,))

    @staticmethod
    def _failures() -> tuple[type[Exception], ...]:
        from redis.exceptions import RedisError  # noqa: PLC0415 - only who trades needs it

        return RedisError, OSError, TimeoutError

    def _key(self, name: str) -> str:
        # The braces keep one account's keys on one node of a cluster.
        return f"tidegate:budget:{{{self.account}}}:{name}"
