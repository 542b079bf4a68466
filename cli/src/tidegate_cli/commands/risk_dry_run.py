"""`tidegate risk dry-run`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegate_cli.client import Services
from tidegate_cli.commands.risk import checked_time
from tidegate_cli.commands.risk_limits import session_meant
from tidegate_cli.documents import read_limits
from tidegate_cli.output import Output
from tidegate_cli.recorded import Source, recording, running_record

if TYPE_CHECKING:
    from tidegate_cli.instances import InstanceRecord
    from tidegate_risk.adapters.dry_run import DryRun, Judged

NONE = "-"
VERDICTS_MAX = 5_000
"""What a running instance lists at most."""
MARGIN_S = 10.0
"""How much longer than a dry run may take its answer is waited for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    document: str
    session: str | None
    since: str | None
    until: str | None
    limit: int
    source: Source
    principal: str | None


def run(output: Output, wanted: Wanted) -> None:
    """Show which recorded orders a document would have refused.

    A running instance answers by itself; otherwise its record, or an archive, is read here.
    """
    window = (checked_time("--since", wanted.since), checked_time("--until", wanted.until))
    record = running_record(wanted.source)
    report = _read(output, wanted, window) if record is None else _asked(record, wanted)
    _say(output, report, wanted)
    output.result(msgspec.to_builtins(report))


def _asked(record: InstanceRecord, wanted: Wanted) -> DryRun:
    from tidegate_chassis.configuration import load
    from tidegate_risk.adapters.dry_run import DryRun
    from tidegate_risk.adapters.dry_run_aside import PATIENCE_S

    configuration = load(record.configuration, process={}).configuration
    session = session_meant(configuration, wanted.session)
    body = {
        "session": session.name,
        "document": read_limits(wanted.document, session),
        "since": wanted.since,
        "until": wanted.until,
        "limit": VERDICTS_MAX,
    }
    with Services(record, wanted.principal) as services:
        found = services.work("risk", "/v1/limits/dry-run", body, PATIENCE_S + MARGIN_S)
    return msgspec.convert(found, DryRun)


def _read(output: Output, wanted: Wanted, window: tuple[int | None, int | None]) -> DryRun:
    from tidegate_risk.adapters.dry_run import Window, dry_run
    from tidegate_risk.config import document_of, settings_of

    with recording(output, wanted.source) as found:
        session = session_meant(found.configuration, wanted.session)
        settings, _ = settings_of(session, read_limits(wanted.document, session))
        return dry_run(found, session, document_of(settings, session), Window(*window))


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
    others = report.signals - report.counts["same"]
    left = others - min(wanted.limit, len(report.verdicts))
    if left > 0:
        output.text(f"{left} more; --limit and --json show up to {VERDICTS_MAX}")
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
