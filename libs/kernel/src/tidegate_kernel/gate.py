"""The gate as everybody reads it: fold its events, ask for the level and epoch of an order.

The rules, in prose:

1. A scope holds a level; a scope that was never raised is `OPEN`. An order is covered by
   everything, its session, account, venue, strategy, its symbol everywhere and its symbol in its
   session; an option by the two of its underlying too, and an order with legs by those of each
   leg. It obeys the worst of them.
2. Every raise and every folded latch takes a new ``gate_epoch``. A verdict counts only if it
   knew the newest raise of every scope that covers its order.
3. A latch is a raise that its holder heard of without risk. It stands beside the gate, and only
   a lowering that names it ends it.
4. A hold is what a breaker of the session keeps shut. It stands beside the gate too, and ends
   when the session's decision shard says so.

Risk writes the gate's events; risk's decision shards, execution and the command line fold them
here. The numbers of `Level` and `Action` are those of ``tidegate.risk.v1``; a test of the risk
service holds the two together. This module knows no contract type, only its fields.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Protocol

import msgspec

from tidegate_kernel.contracts import underlying_of
from tidegate_kernel.errors import IdentifierError

EVERYTHING = "all"
_NAMED_KINDS = ("session", "account", "venue", "strategy", "symbol", "instrument")
_KINDS_IN_A_SESSION = ("strategy", "instrument")


class Level(IntEnum):
    """How far the gate is shut in a scope, worst last."""

    OPEN = 1
    REDUCE_ONLY = 2
    HALTED = 3
    FLATTENING = 4
    LOCKED = 5


class Action(IntEnum):
    """What a gate event says."""

    RAISED = 1
    LOWERING_REQUESTED = 2
    LOWERED = 3
    REQUEST_EXPIRED = 4
    LATCH_FOLDED = 5


class Activity(Enum):
    """What somebody wants to do at a venue."""

    INCREASE = "increase"
    """A strategy's order that could bring a position further from zero."""
    REDUCE = "reduce"
    """A strategy's order that can only bring a position nearer to zero."""
    FLATTEN = "flatten"
    """The gate's own reduce-only order that closes a position."""
    CANCEL = "cancel"
    """The cancel of an open order."""


_PASSES: dict[int, tuple[Activity, ...]] = {
    Level.OPEN: tuple(Activity),
    Level.REDUCE_ONLY: (Activity.REDUCE, Activity.FLATTEN, Activity.CANCEL),
    Level.HALTED: (Activity.CANCEL,),
    Level.FLATTENING: (Activity.FLATTEN, Activity.CANCEL),
    Level.LOCKED: (Activity.CANCEL,),
}


def passes(level: int, activity: Activity) -> bool:
    """Tell whether the gate lets an activity through at a level; cancels always pass."""
    return activity in _PASSES[level]


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """Where an order belongs: what the scopes of the gate are compared with."""

    session: str
    account: str
    venue: str
    strategy: str
    symbol: str
    # Of an order with legs: the symbols that it trades, of which its own is the underlying.
    legs: tuple[str, ...] = ()

    def scopes(self) -> tuple[str, ...]:
        """Return every scope that covers the order, the widest first."""
        wide = (
            EVERYTHING,
            f"session:{self.session}",
            f"account:{self.account}",
            f"venue:{self.venue}",
            f"strategy:{self.session}/{self.strategy}",
        )
        symbols = dict.fromkeys((underlying_of(self.symbol), self.symbol, *self.legs))
        named = ((f"symbol:{each}", f"instrument:{self.session}/{each}") for each in symbols)
        return wide + tuple(scope for pair in named for scope in pair)


def checked_scope(text: str) -> str:
    """Return ``text`` if it is a scope of the gate."""
    kind, colon, name = text.partition(":")
    session, slash, member = name.partition("/")
    named = kind in _NAMED_KINDS and colon == ":" and name != "" and not _has_blank(name)
    whole = kind not in _KINDS_IN_A_SESSION or (session != "" and slash == "/" and member != "")
    if text != EVERYTHING and not (named and whole):
        message = (
            "expected a scope: all, session:NAME, account:NAME, venue:NAME, "
            f"strategy:SESSION/NAME, symbol:SYMBOL or instrument:SESSION/SYMBOL, found {text!r}"
        )
        raise IdentifierError(message)
    return text


def may_cover(scope: str, session: str, account: str) -> bool:
    """Tell whether a scope could cover an order of a session; every venue and symbol could."""
    kind, _, name = scope.partition(":")
    if kind == "session":
        return name == session
    if kind == "account":
        return name == account
    return kind not in _KINDS_IN_A_SESSION or name.startswith(f"{session}/")


class GateChange(Protocol):
    """The fields of a gate event that the fold reads; ``tidegate.risk.v1.GateEvent`` has them."""

    @property
    def action(self) -> int:
        """What the event says, a number of `Action`."""
        ...

    @property
    def scope(self) -> str:
        """The scope that changed."""
        ...

    @property
    def level(self) -> int:
        """The level of the scope after the event, a number of `Level`."""
        ...

    @property
    def gate_epoch(self) -> int:
        """The epoch of the newest raise, this one included."""
        ...

    @property
    def latches(self) -> tuple[str, ...]:
        """Ids of the latches that the event folds in or ends."""
        ...


class Latch(msgspec.Struct, frozen=True, gc=False):
    """A raise that was heard without risk."""

    scope: str
    level: int


class GateView(msgspec.Struct):
    """The fold of the gate's events, the holder's own latches, and what breakers hold.

    Part of a machine's state.
    """

    levels: dict[str, int] = {}
    raise_epochs: dict[str, int] = {}
    latches: dict[str, Latch] = {}
    epoch: int = 0
    holds: dict[str, Latch] = {}

    def apply(self, change: GateChange) -> bool:
        """Fold one event; return whether a level, an epoch or a latch changed.

        Events come in the order of the gate's channel. One that repeats an older raise (a second
        copy) changes nothing.
        """
        match Action(change.action):
            case Action.RAISED | Action.LATCH_FOLDED:
                return self._raise(change.scope, Level(change.level), change.gate_epoch)
            case Action.LOWERED:
                return self._lower(change)
            case Action.LOWERING_REQUESTED | Action.REQUEST_EXPIRED:
                return False

    def add_latch(self, latch_id: str, scope: str, level: int) -> None:
        """Obey a raise that did not come from risk, until a lowering names its id."""
        self.latches[latch_id] = Latch(checked_scope(scope), Level(level))

    def hold(self, breaker: str, scope: str, level: int) -> bool:
        """Let a breaker hold a scope at a level; `OPEN` ends it. Return whether that is news."""
        key = f"{breaker}|{scope}"
        if level <= Level.OPEN:
            return self.holds.pop(key, None) is not None
        held = Latch(checked_scope(scope), Level(level))
        known = self.holds.get(key)
        self.holds[key] = held
        return known != held

    def level_of(self, scope: str) -> Level:
        """Return the level of one scope by itself, latches and holds on it included."""
        beside = [
            each.level
            for each in (*self.latches.values(), *self.holds.values())
            if each.scope == scope
        ]
        return Level(max(self.levels.get(scope, Level.OPEN), *beside, Level.OPEN))

    def level_for(self, coverage: Coverage) -> Level:
        """Return the level that an order must obey: the worst over the scopes that cover it."""
        if not (self.levels or self.latches or self.holds):
            return Level.OPEN
        return max(self.level_of(scope) for scope in coverage.scopes())

    def epoch_for(self, coverage: Coverage) -> int:
        """Return the epoch of the newest raise over the scopes that cover an order; 0 if none."""
        if not self.raise_epochs:
            return 0
        return max(self.raise_epochs.get(scope, 0) for scope in coverage.scopes())

    def cause_for(self, coverage: Coverage) -> str:
        """Return the widest scope that holds the order at its level, for messages to people."""
        if not (self.levels or self.latches or self.holds):
            return EVERYTHING
        level = self.level_for(coverage)
        return next(scope for scope in coverage.scopes() if self.level_of(scope) == level)

    def _raise(self, scope: str, level: Level, epoch: int) -> bool:
        if epoch <= self.epoch:
            return False
        self.levels[scope] = level
        self.raise_epochs[scope] = epoch
        self.epoch = epoch
        return True

    def _lower(self, change: GateChange) -> bool:
        if change.gate_epoch < self.epoch:
            return False
        self.levels[change.scope] = Level(change.level)
        for latch_id in change.latches:
            self.latches.pop(latch_id, None)
        return True


def _has_blank(text: str) -> bool:
    return any(character.isspace() for character in text)
