"""`tidegate risk dry-run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegate_cli.commands.risk import checked_time
from tidegate_cli.commands.risk_limits import session_meant
from tidegate_cli.documents import read_limits
from tidegate_cli.output import Output
from tidegate_cli.recorded import Source, recording

if TYPE_CHECKING:
    from tidegate_lab.replay.dry_run import DryRun, Judged

NONE = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    document: str
    session: str | None
    since: str | None
    until: str | None
    limit: int
    source: Source


def run(output: Output, wanted: Wanted) -> None:
    """Show which recorded orders a document would have refused."""
    from tidegate_lab.replay.dry_run import Window, dry_run
    from tidegate_risk.config import document_of, settings_of

    since_ns = checked_time("--since", wanted.since)
    until_ns = checked_time("--until", wanted.until)
    with recording(output, wanted.source) as found:
        session = session_meant(found.configuration, wanted.session)
        settings, _ = settings_of(session, read_limits(wanted.document, session))
        document = document_of(settings, session)
        report = dry_run(found, session.name, document, Window(since_ns, until_ns))
    _say(output, report, wanted)
    output.result(msgspec.to_builtins(report))


def _say(output: Output, report: DryRun, wanted: Wanted) -> None:
    output.text(f"{report.session} from {report.since} until {report.until}: {wanted.document}")
    changes = [
        (each.scope, each.name, each.before, each.after, "looser" if each.looser else "stricter")
        for each in report.changes
    ]
    if changes:
        output.table(("scope", "limit", "then", "now", ""), changes)
    else:
        output.text("it says nothing else than what was in force then")
    stops = [each for each in report.breakers if not each.recorded]
    if stops:
        output.text("\nbreakers that would have stopped trading, and did not")
        output.table(
            ("at", "breaker", "scope", "state"),
            [(each.at, each.breaker, each.scope, each.state) for each in stops[: wanted.limit]],
        )
    if report.verdicts:
        output.text("")
        headings = ("at", "strategy", "symbol", "became", "recorded", "now", "order")
        rows = [_row(each) for each in report.verdicts[: wanted.limit]]
        output.table(headings, rows)
    left = len(report.verdicts) - wanted.limit
    if left > 0:
        output.text(f"{left} more; --limit shows them, --json all")
    reasons = ", ".join(f"{count} {code}" for code, count in report.refused_by.items())
    said = ", ".join(f"{count} {name}" for name, count in report.counts.items() if count)
    output.text(f"\n{report.signals} signals: {said or 'none'}")
    if reasons:
        output.text(f"refused by {reasons}")


def _row(each: Judged) -> tuple[str, ...]:
    then = each.code_recorded or f"{each.side} {each.quantity_recorded}"
    now = each.code or f"{each.side} {each.quantity}"
    return (
        each.at,
        each.strategy,
        each.symbol,
        each.became,
        then,
        now,
        each.client_order_id or NONE,
    )
