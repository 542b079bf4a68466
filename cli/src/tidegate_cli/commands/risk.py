"""`tidegate risk state|exposures|var|breakers|verdicts|explain|ask|audit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tidegate_cli.client import Document, Services
from tidegate_cli.errors import Misused
from tidegate_cli.instances import checked_session, find
from tidegate_cli.output import Output
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import parse_time

DECISIONS = ("APPROVED", "REFUSED")
DIRECTIONS = ("LONG", "SHORT", "FLAT")
NONE = "-"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks which instance about which session."""

    output: Output
    instance: str | None
    session: str | None = None
    principal: str | None = None

    def services(self) -> Services:
        """Return the instance's services; an unknown session ends the command."""
        record = find(self.instance)
        checked_session(self.session, record.sessions)
        return Services(record, self.principal)

    def sessions(self, path: str) -> list[Document]:
        """Return each session's part of what risk answers."""
        with self.services() as services:
            return services.sessions("risk", path, session=self.session)

    def result(self, sessions: list[Document]) -> None:
        """End with the sessions' parts."""
        self.output.result({"sessions": sessions})


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for."""

    values: Mapping[str, str | None]
    since: str | None = None
    until: str | None = None
    limit: int = 50

    def parameters(self, session: str | None) -> dict[str, object]:
        """Return the query; a time that cannot be read ends the command."""
        for name, text in (("--since", self.since), ("--until", self.until)):
            checked_time(name, text)
        decision = self.values.get("decision")
        if decision is not None and decision.upper() not in DECISIONS:
            raise Misused(
                "UNKNOWN_DECISION",
                f"verdicts are never {decision!r}",
                expected=" or ".join(DECISIONS),
                found=decision,
            )
        _check_code(self.values.get("code"))
        upper = {"decision", "code", "what"}
        given = {k: v.upper() if v and k in upper else v for k, v in self.values.items()}
        return {**given, "session": session, "since": self.since, "until": self.until}


def _check_code(code: str | None) -> None:
    """Refuse a code that no verdict has: nothing found would look like nothing refused."""
    from tidegate_risk.core.refusals import Code

    if code is not None and code.upper() not in {*Code}:
        raise Misused(
            "UNKNOWN_CODE",
            f"no verdict is refused as {code!r}",
            expected="a code of docs/reference/refusals.md",
            found=code,
            hint="`tidegate risk verdicts --counts` lists those of a session",
        )


def checked_time(name: str, text: str | None) -> int | None:
    """Return an option's time in ns."""
    if text is None:
        return None
    try:
        return parse_time(text)[0]
    except TimeError as error:
        expected = "a time such as 2024-01-31T09:30:00Z, or a date"
        raise Misused("TIME", f"{name}: {error}", expected=expected, found=text) from None


def state(asking: Asking) -> None:
    """Show how each session stands."""
    sessions = asking.sessions("/v1/state")
    for each in sessions:
        money = each["currency"]
        raised = {s: v for s, v in each["gate"]["levels"].items() if v != "OPEN"}
        gate = ", ".join(f"{scope} {level}" for scope, level in raised.items()) or "OPEN"
        _list(
            asking.output,
            f"{each['session']} (account {each['account']}) at {each['at'] or 'no time yet'}",
            {
                "equity": f"{each['equity']} {money}, by newest prices {each['marked_equity']}",
                "free cash": f"{each['free_cash']} {money}",
                "loss of the day": f"{each['daily_loss']} of {each['day_start_equity']} {money}",
                "highest equity": f"{each['peak_equity']} {money}",
                "open": f"{each['open_positions']} positions, {each['open_orders']} orders",
                "gate": f"{gate}, epoch {each['gate']['epoch']}",
                "breakers": f"{each['breakers_holding']} hold",
                "limits": f"version {each['limits_version']} ({each['limits_sha256'][:12]})",
            },
        )
    asking.result(sessions)


def exposures(asking: Asking) -> None:
    """Show what is held and could be held."""
    sessions = asking.sessions("/v1/exposure")
    for each in sessions:
        money = each["currency"]
        asking.output.text(
            f"{each['session']}: worst case {each['gross']} of at most {each['limit_gross']} "
            f"{money}, equity {each['equity']}"
        )
        if each["listings"]:
            names = ("listing", "quantity", "price", "value", "worst_quantity", "worst_value")
            rows = [[row[name] for name in names] for row in each["listings"]]
            asking.output.table([name.replace("_", " ") for name in names], rows)
    asking.result(sessions)


def value_at_risk(asking: Asking) -> None:
    """Show every measure of each session's book."""
    sessions = asking.sessions("/v1/var")
    for each in sessions:
        _health(asking.output, each)
    asking.result(sessions)


def _health(output: Output, found: Document) -> None:
    money = found["currency"]
    made = f"estimates {found['estimates']}"
    if found["estimated_at"]:
        made += f", of {found['estimated_at']}"
    if found["tails"]:
        made += f", from {found['estimate_samples']} returns"
    elif not found["assets"]:
        made += "; nothing is held or on order"
    output.text(f"{found['session']}: equity {found['equity']} {money}; {made}")
    tails = ("method", "confidence_percent", "horizon_days", "value_at_risk", "shortfall")
    if found["tails"]:
        headings = ("method", "%", "days", f"value at risk {money}", f"shortfall {money}")
        output.table(headings, [[row[name] for name in tails] for row in found["tails"]])
    shares = [
        (kind, row["name"], row["value"], row["fraction"], row["limit_fraction"])
        for kind, rows in (
            ("heat", [found["heat"]]),
            ("asset", found["assets"]),
            ("class", found["asset_classes"]),
            ("stress", found["stress"]),
        )
        for row in rows
    ]
    output.table(("measure", "of", money, "of equity", "limit"), shares)
    for pair in (*found["correlations_highest"], *found["correlations_lowest"]):
        output.text(f"correlation {pair['one']} {pair['other']}: {pair['correlation']}")


def breakers(asking: Asking) -> None:
    """Show every breaker."""
    sessions = asking.sessions("/v1/breakers")
    for each in sessions:
        asking.output.text(f"{each['session']} at {each['at'] or 'no time yet'}")
        rows = [
            (row["breaker"], row["state"], row.get("level", NONE), row["scope"], _until(row))
            for row in each["breakers"]
        ]
        asking.output.table(("breaker", "state", "level", "scope", "until"), rows)
        for row in each["breakers"]:
            if row.get("reason"):
                asking.output.text(f"{row['breaker']} in {row['scope']}: {row['reason']}")
                asking.output.text(f"  comes back: {row['comes_back']}")
    asking.result(sessions)


def _until(row: Document) -> str:
    return str(row.get("until") or NONE)


def verdicts(asking: Asking, search: Search) -> None:
    """List the verdicts that are searched for."""
    parameters = search.parameters(asking.session)
    with asking.services() as services:
        newest = {"order": "newest", "limit": search.limit}
        document = services.get("risk", "/v1/verdicts", **newest, **parameters)
    rows = [_row(verdict) for verdict in reversed(document["verdicts"])]
    headings = ("at", "strategy", "symbol", "decision", "order", "signal key")
    asking.output.table(headings, rows)
    if document["next"] is not None:
        asking.output.text(f"the newest {search.limit}; --limit shows more, or narrow the search")
    asking.output.result({**document, "verdicts": document["verdicts"][::-1]})


def _row(verdict: Document) -> tuple[object, ...]:
    from tidegate_kernel.time import format_time

    order = verdict["order"]
    said = NONE if order is None else f"{order['side']} {order['quantity']}"
    return (
        format_time(verdict["decided_at_ns"]),
        verdict["strategy"],
        verdict["symbol"],
        verdict["code"] or verdict["decision"],
        said,
        verdict["signal_key"],
    )


def counts(asking: Asking, search: Search) -> None:
    """Count a session's verdicts by reason."""
    if any((*search.values.values(), search.since, search.until)):
        hint = "leave --counts out, or the other options"
        raise Misused("USAGE", "--counts counts whole sessions", hint=hint)
    with asking.services() as services:
        document = services.get("risk", "/v1/verdicts/counts", session=asking.session)
    rows = [("APPROVED", document["approved"]), *document["refused"].items()]
    asking.output.table(("verdict", "signals"), rows)
    asking.output.result(document)


def explain(asking: Asking, order: str) -> None:
    """Tell a verdict in words."""
    with asking.services() as services:
        key = order if "|" in order else _key_of(services, order)
        document = services.get("risk", f"/v1/verdicts/{quote(key, safe='')}/explain")
    _say(asking.output, document["explanation"])
    asking.output.result(document)


def _key_of(services: Services, order: str) -> str:
    found = services.get("risk", "/v1/verdicts", client_order_id=order, limit=1)["verdicts"]
    if found:
        return str(found[0]["signal_key"])
    raise Misused(
        "UNKNOWN_ORDER",
        f"no verdict approved an order {order!r}",
        expected="a whole client order id, or a signal's key: session|strategy|symbol|time|ordinal",
        found=order,
        hint="`tidegate risk verdicts` lists the keys; `tidegate explain` takes the beginning of an"
        " order's id",
    )


def ask(asking: Asking, asked: Mapping[str, object]) -> None:
    """Ask what risk would say to an order."""
    if asked["direction"] not in DIRECTIONS:
        raise Misused(
            "UNKNOWN_DIRECTION",
            f"{asked['direction']} is no direction",
            expected=", ".join(DIRECTIONS),
            found=str(asked["direction"]),
            hint="an order of your own size, to buy or sell: `tidegate order place --dry-run`",
        )
    given = {name: value for name, value in asked.items() if value is not None}
    with asking.services() as services:
        if asking.session is not None:
            given["session"] = asking.session
        document = services.post("risk", "/v1/ask", given)
    _say(asking.output, document["explanation"])
    numbers = document["verdict"]["numbers"]
    asking.output.text("")
    rows = [(name, each["value"], each["unit"]) for name, each in numbers.items()]
    asking.output.table(("number", "value", "unit"), rows)
    asking.output.result(document)


def audit(asking: Asking, search: Search) -> None:
    """Show who did what and why."""
    parameters = search.parameters(asking.session)
    with asking.services() as services:
        document = services.get("risk", "/v1/audit", limit=search.limit, **parameters)
    rows = [
        (entry["at"], entry["session"] or NONE, entry["who"], entry["what"], entry["about"])
        for entry in document["audit"]
    ]
    asking.output.table(("at", "session", "who", "what", "about"), rows)
    for line in _reasons(document["audit"]):
        asking.output.text(line)
    asking.output.result(document)


def _reasons(entries: list[Document]) -> Iterator[str]:
    """Say why people did what they did; the reasons of verdicts are in their codes."""
    for entry in entries:
        if entry["why"] and not str(entry["who"]).startswith("risk/"):
            yield f"{entry['what']} of {entry['about']} by {entry['who']}: {entry['why']}"


def _say(output: Output, sentences: list[str]) -> None:
    for sentence in sentences:
        output.text(sentence)


def _list(output: Output, heading: str, values: Mapping[str, Any]) -> None:
    output.text(heading)
    for name, value in values.items():
        output.text(f"  {name + ':':<17}{value}")
