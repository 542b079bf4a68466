"""The service's settings: each session's replay and every live feed, from `tidegate.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration.models import LIVE_TIMEFRAME
from tidegate_chassis.configuration.problem import Problem
from tidegate_kernel.time import parse_duration, parse_time
from tidegate_market_data.adapters.demo_data import DEMO_PATH, DEMO_SYMBOLS
from tidegate_market_data.adapters.table import data_files
from tidegate_market_data.core.option_greeks import GreeksModel
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import (
        Configuration,
        FeedConfiguration,
        InstrumentConfiguration,
        Session,
    )


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """One session's replay: what is read, and which part of it."""

    feed: str
    paths: tuple[Path, ...]
    timeframe_ns: int | None
    symbols: tuple[str, ...]
    # Half-open, of the bars' starts; None where nothing bounds it.
    since_ns: int | None = None
    until_ns: int | None = None
    # What the configuration says of symbols that the data cannot tell.
    instruments: tuple[InstrumentConfiguration, ...] = ()
    # Whether Greeks in the files are read.
    greeks: bool = False

    @property
    def is_demo(self) -> bool:
        """Whether the packaged demo data are replayed."""
        return any(_is_demo(path) for path in self.paths)


def replay_settings(session: Session) -> ReplaySettings:
    """Return what a session's feed replays."""
    timeframe = session.feed.timeframe
    return ReplaySettings(
        feed=session.feed_name,
        paths=tuple(Path(path) for path in session.feed.paths),
        timeframe_ns=None if timeframe is None else parse_duration(timeframe),
        symbols=session.symbols,
        since_ns=_time_ns(session.feed.since),
        until_ns=_time_ns(session.feed.until),
        instruments=session.feed.instruments,
        greeks=session.feed.source_of_greeks in {"files", "model"},
    )


def greeks_model(feed: FeedConfiguration) -> GreeksModel | None:
    """Return the model of a replay's Greeks; None where nothing is worked out."""
    if feed.source_of_greeks != "model":
        return None
    return GreeksModel(interest_rate=feed.interest_rate or Decimal(0))


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """One live feed: what the sessions that read it ask for together."""

    feed: str
    source: FeedConfiguration
    symbols: tuple[str, ...]
    # Whether a session trades real money by it: its keys are those of the live account.
    live: bool

    @property
    def timeframe_ns(self) -> int:
        """The length of its bars."""
        return parse_duration(self.source.timeframe or LIVE_TIMEFRAME)


def live_settings(configuration: Configuration) -> list[LiveSettings]:
    """Return every live feed once, in the order of the sessions."""
    readers: dict[str, list[Session]] = {}
    for session in configuration.sessions:
        if session.feed.is_live:
            readers.setdefault(session.feed_name, []).append(session)
    return [
        LiveSettings(
            feed=feed,
            source=sessions[0].feed,
            symbols=tuple(sorted({symbol for each in sessions for symbol in each.symbols})),
            live=any(each.mode == "live" for each in sessions),
        )
        for feed, sessions in readers.items()
    ]


def check(configuration: Configuration) -> list[Problem]:
    """Return what is wrong with the sessions' feeds, short of reading their data."""
    problems = [each for session in configuration.sessions for each in _problems(session)]
    return problems + _shared_problems(configuration)


def _problems(session: Session) -> list[Problem]:
    if session.feed.is_live:
        return _live_problems(session)
    settings = replay_settings(session)
    place = f"sessions.{session.name}.feed.paths"
    if settings.is_demo:
        return _demo_problems(session, settings, place)
    problems = _not_traded(session)
    for index, path in enumerate(settings.paths):
        try:
            data_files(path)
        except (DataError, OSError) as error:
            problems.append(_problem(f"{place}[{index}]", path, error))
    return problems


def _live_problems(session: Session) -> list[Problem]:
    timeframe = session.feed.timeframe or LIVE_TIMEFRAME
    if session.feed.kind == "alpaca" and timeframe != LIVE_TIMEFRAME:
        place, hint = f"sessions.{session.name}.feed.timeframe", "Alpaca streams bars of a minute"
        return [Problem(place, LIVE_TIMEFRAME, timeframe, hint)]
    return []


def _shared_problems(configuration: Configuration) -> list[Problem]:
    """Say which sessions share a live feed and describe it differently."""
    first: dict[str, Session] = {}
    problems = []
    for session in configuration.sessions:
        if not session.feed.is_live:
            continue
        # An account has one connection for crypto and one for equities, whatever the tape.
        shared = "alpaca" if session.feed.kind == "alpaca" else session.feed_name
        other = first.setdefault(shared, session)
        if other.feed != session.feed:
            expected = f"the same feed as session {other.name}, which shares its connection"
            place = f"sessions.{session.name}.feed"
            problems.append(Problem(place, expected, "another", "make both equal"))
    return problems


def _not_traded(session: Session) -> list[Problem]:
    """Say which instruments are described though the session leaves their symbols out."""
    described = {each.symbol for each in session.feed.instruments}
    others = sorted(described - set(session.symbols)) if session.symbols else []
    if not others:
        return []
    place, expected = f"sessions.{session.name}.feed.instruments", "symbols of the session"
    return [Problem(place, expected, ", ".join(others), "add them to `symbols`, or remove them")]


def _demo_problems(session: Session, settings: ReplaySettings, place: str) -> list[Problem]:
    problems = []
    if len(settings.paths) > 1:
        found = ", ".join(path.name for path in settings.paths)
        problems.append(Problem(place, f"{DEMO_PATH} alone", found, "the data cannot be mixed"))
    unknown = [symbol for symbol in settings.symbols if symbol not in DEMO_SYMBOLS]
    if unknown:
        expected = f"some of {', '.join(DEMO_SYMBOLS)}"
        problems.append(Problem(f"sessions.{session.name}.symbols", expected, ", ".join(unknown)))
    if settings.instruments:
        found = ", ".join(each.symbol for each in settings.instruments)
        place = f"sessions.{session.name}.feed.instruments"
        problems.append(Problem(place, f"none with {DEMO_PATH}", found, "its units are known"))
    if settings.timeframe_ns not in {None, parse_duration("1d")}:
        found = str(session.feed.timeframe)
        problems.append(Problem(f"sessions.{session.name}.feed.timeframe", "1d or none", found))
    return problems


def _problem(place: str, path: Path, error: DataError | OSError) -> Problem:
    if isinstance(error, DataError):
        return Problem(place, error.expected, f"{error.file}: {error.found}", error.hint)
    return Problem(place, "a readable file or folder", f"{path}: {error.strerror}")


def _is_demo(path: Path) -> bool:
    # The loader makes paths absolute, so only the name is left as it was written.
    return path.name == DEMO_PATH


def _time_ns(text: str | None) -> int | None:
    return None if text is None else parse_time(text)[0]
