"""Times in which nothing is opened: how they are written, when they hold, and when they end."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.market import OpenInterval
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, format_time, parse_time
from tidegate_risk.config.blackouts import blackouts_of, checked, read
from tidegate_risk.core.changes.comparing import changes_between
from tidegate_risk.core.changes.document import configured
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.schedules.blackouts import FOLLOWED_MAX, Blackout, all_of, in_force
from tidegate_risk.core.strictness import is_looser, stricter_of
from tidegate_risk.testing import START_NS, Desk, code, parameters

MINUTE_NS = 60 * NS_PER_SECOND
HOURS = tuple(
    OpenInterval(
        opens_at_ns=parse_time(f"2024-07-{day}T13:30:00Z")[0],
        closes_at_ns=parse_time(f"2024-07-{day}T20:00:00Z")[0],
    )
    for day in ("01", "02", "03")
)


def ends(text: str, at: str, offset_ns: int = 0) -> str:
    """Return when a blackout that holds at a time ends, or nothing."""
    found = in_force(read("x", text), parse_time(at)[0] + offset_ns, HOURS)
    return "" if found is None else format_time(found[1])


# 2024-07-05 was a Friday.
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (
            "2024-07-05T21:00:00Z/2024-07-05T22:00:00Z",
            "2024-07-05T21:00:00Z",
            "2024-07-05T22:00:00Z",
        ),
        ("every Fri 21:00-22:00", "2024-07-05T21:00:00Z", "2024-07-05T22:00:00Z"),
        ("every Friday  21:00 - 22:00 UTC", "2024-07-12T21:00:00Z", "2024-07-12T22:00:00Z"),
        ("every Fri 21:00-Sun 22:00", "2024-07-05T21:00:00Z", "2024-07-07T22:00:00Z"),
        ("every Sun 22:00-Mon 02:00", "2024-07-07T22:00:00Z", "2024-07-08T02:00:00Z"),
        ("every Sun 22:00-02:00", "2024-07-07T22:00:00Z", "2024-07-08T02:00:00Z"),
        ("every Mon 10:00-Mon 09:00", "2024-07-01T10:00:00Z", "2024-07-08T09:00:00Z"),
        ("every Sat-Mon 09:00-10:00", "2024-07-08T09:00:00Z", "2024-07-08T10:00:00Z"),
        ("every Tue,Fri 09:00-24:00", "2024-07-05T09:00:00Z", "2024-07-06T00:00:00Z"),
        ("every day 23:50-00:10", "2024-07-04T23:50:00Z", "2024-07-05T00:10:00Z"),
        ("15m after open", "2024-07-02T13:30:00Z", "2024-07-02T13:45:00Z"),
        ("1h before close", "2024-07-02T19:00:00Z", "2024-07-02T20:00:00Z"),
    ],
)
def test_it_holds_its_first_moment_and_not_its_last(text: str, first: str, last: str) -> None:
    """One nanosecond before it, in it to the end, and from its end on."""
    assert ends(text, first, -1) == ""
    assert ends(text, first) == last
    assert ends(text, last, -1) == last
    assert ends(text, last) == ""


def test_a_weekly_one_holds_on_its_day_alone() -> None:
    """And in every week, those before 1970 and before it was written too."""
    text = "every Mon-Fri 09:00-10:00"
    days = [bool(ends(text, f"2024-07-{day:02}T09:30:00Z")) for day in range(1, 8)]
    assert days == [True] * 5 + [False] * 2
    assert ends(text, "1969-12-29T09:30:00Z") == "1969-12-29T10:00:00Z"


def test_without_hours_nothing_opens_or_closes() -> None:
    """An instrument that names none trades around the clock."""
    at_ns = HOURS[0].opens_at_ns
    assert in_force(read("x", "15m after open"), at_ns, HOURS) is not None
    assert in_force(read("x", "15m after open"), at_ns, ()) is None
    assert in_force(read("x", "15m before close"), HOURS[0].closes_at_ns - 1, ()) is None


def test_of_those_that_follow_each_other_the_last_end_is_told() -> None:
    """Whoever waits for it is not refused again by the next."""
    written = {
        "a": "every Fri 21:00-22:00",
        "b": "every Fri 21:30-23:00",
        "c": "every Sat 00:00-01:00",
        "d": "every Fri 23:00-24:00",
    }
    found = in_force(blackouts_of(written), parse_time("2024-07-05T21:10:00Z")[0], ())
    assert found is not None
    assert (found[0].name, format_time(found[1])) == ("c", "2024-07-06T01:00:00Z")


def test_those_that_never_end_are_looked_at_so_far() -> None:
    """The answer is bounded, and it is shut until then."""
    always = blackouts_of({"a": "every Mon-Sun 00:00-24:00"})
    found = in_force(always, 0, ())
    assert found is not None
    assert found[1] == FOLLOWED_MAX * NS_PER_DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-28", "one of its forms"),
        ("tomorrow/2026-01-28", "two times"),
        ("2026-01-28/2026-01-28", "the earlier time first"),
        ("2026-01-29/2026-01-28", "the earlier time first"),
        ("every Fri 21:00", "one of its forms"),
        ("every Fry 21:00-22:00", "a day of the week"),
        ("every Fr 21:00-22:00", "a day of the week"),
        ("every Mon-Fry 21:00-22:00", "a day of the week"),
        ("every Mon-Tue 21:00-Fri 22:00", "a day of the week"),
        ("every Fri 21:00-21:00", "two different times"),
        ("every Fri 21:00-Fri 21:00", "two different moments"),
        ("every Fri 24:00-01:00", "00:00 to 23:59"),
        ("every Fri 21:60-22:00", "00:00 to 23:59"),
        ("every Fri 21:00-24:01", "00:00 to 23:59"),
        ("every day 00:00-24:00", "entries_allowed"),
        ("0m after open", "a duration"),
        ("soon after open", "a duration"),
        ("25h before close", "at most a day"),
        ("15m before open", "one of its forms"),
    ],
)
def test_what_is_none_is_refused_with_its_reason_and_the_forms(text: str, expected: str) -> None:
    """So that a person can mend it without looking anything up."""
    with pytest.raises(ValueError, match=expected) as refused:
        checked(text)
    assert f"found {text!r}" in str(refused.value)
    assert "every Mon-Fri" in str(refused.value)


def test_a_duration_of_a_day_is_the_longest() -> None:
    """One unit below the refused one."""
    assert read("x", "24h before close")[0].begins_ns == -NS_PER_DAY


def test_more_of_them_is_stricter_and_less_is_looser() -> None:
    """One principal may add a blackout; taking one away takes two. Of two lists both count."""
    few = blackouts_of({"a": "every Fri 21:00-22:00"})
    many = blackouts_of({"a": "every Fri 21:00-22:00", "b": "15m after open"})
    other = blackouts_of({"a": "every Fri 21:00-21:59"})
    assert not is_looser("blackouts", few, many)
    assert is_looser("blackouts", many, few)
    assert is_looser("blackouts", few, other)
    assert stricter_of("blackouts", few, other) == all_of(other, few)
    assert len(all_of(few, few)) == 1


def test_entries_wait_for_the_declared_end_and_exits_do_not() -> None:
    """The very moment is in the refusal, and from then on the same signal passes."""
    begins_ns, week_ns = START_NS + 10, 7 * NS_PER_DAY
    first_ns = begins_ns - 52 * week_ns
    weekly = Blackout("weekly", first_ns, first_ns + 10, week_ns)
    desk = Desk(parameters(blackouts=(weekly,)))
    desk.now_ns = begins_ns - 1
    desk.fill(desk.ask(strategy="first"))
    desk.now_ns = begins_ns
    verdict = desk.ask(strategy="second")
    assert code(verdict) == Code.BLACKOUT
    told = {each.name: int(each.value) for each in verdict.numbers}
    assert told["blackout_ends"] == begins_ns + 10
    assert code(desk.ask(Direction.FLAT, strategy="first")) == "APPROVED"
    desk.now_ns = told["blackout_ends"]
    assert code(desk.ask(strategy="third")) == "APPROVED"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-01-28/2026-01-29", "x: 2026-01-28T00:00:00Z/2026-01-29T00:00:00Z"),
        ("every Wed 00:00-00:10", "x: 1970-01-07T00:00:00Z/1970-01-07T00:10:00Z and every 7d"),
        ("15m after open", "x: 15m after each opening"),
        ("1h before close", "x: 1h before each closing"),
    ],
)
def test_a_change_of_blackouts_can_be_read(text: str, said: str) -> None:
    """Whoever approves it sees its name and times, or that there is none."""
    before, after = parameters(), parameters(blackouts=read("x", text))
    (change,) = changes_between(configured(before).resolved, configured(after).resolved)
    assert (change.name, change.before, change.after) == ("blackouts", "none", said)
    assert not change.looser


def test_what_an_older_version_wrote_is_read() -> None:
    """A dated blackout in a stored document has neither a period nor an anchor."""
    stored = msgspec.json.encode({"name": "x", "begins_ns": 1, "ends_ns": 2})
    assert msgspec.json.decode(stored, type=Blackout) == Blackout("x", 1, 2)


MINUTES = st.integers(-3 * 24 * 60, 3 * 24 * 60)
LENGTHS = st.integers(1, 24 * 60)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Blackout, ...]:
    """Draw a few blackouts of every kind."""
    found = []
    for n in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(("once", "daily", "opening", "closing")))
        begins, lasts = draw(MINUTES) * MINUTE_NS, draw(LENGTHS) * MINUTE_NS
        if kind == "once":
            found.append(Blackout(str(n), begins, begins + lasts))
        elif kind == "daily":
            found.append(Blackout(str(n), begins, begins + lasts, NS_PER_DAY))
        else:
            begins = 0 if kind == "opening" else -lasts
            found.append(Blackout(str(n), begins, begins + lasts, 0, kind))
    return tuple(found)


def naively(blackout: Blackout, at_ns: int, hours: tuple[OpenInterval, ...]) -> bool:
    """Tell whether a blackout holds, by trying every repetition of it."""
    places = [0]
    if blackout.every_ns:
        places = [k * blackout.every_ns for k in range(-10, 11)]
    elif blackout.anchor:
        places = [
            each.opens_at_ns if blackout.anchor == "opening" else each.closes_at_ns
            for each in hours
        ]
    return any(p + blackout.begins_ns <= at_ns < p + blackout.ends_ns for p in places)


@settings(max_examples=60)
@given(
    schedules(),
    MINUTES,
    st.lists(MINUTES, unique=True, max_size=6).map(sorted),
)
def test_it_says_what_trying_every_repetition_says(
    schedule: tuple[Blackout, ...], at: int, edges: list[int]
) -> None:
    """At any time, and at the end that it names nothing holds any more."""
    pairs = list(pairwise(edges))[::2]
    hours = tuple(
        OpenInterval(opens_at_ns=a * MINUTE_NS, closes_at_ns=b * MINUTE_NS) for a, b in pairs
    )
    at_ns = at * MINUTE_NS
    found = in_force(schedule, at_ns, hours)
    assert (found is not None) == any(naively(each, at_ns, hours) for each in schedule)
    if found is not None and found[1] - at_ns < NS_PER_DAY:
        assert not any(naively(each, found[1], hours) for each in schedule)
        assert any(naively(each, found[1] - MINUTE_NS, hours) for each in schedule)
