"""The live view: what goes by, while it goes by. It is written to stderr."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tidegate_cli.demo.progress import Progress
from tidegate_kernel.time import format_time

_LINE_EVERY_S = 5.0
_BAR_WIDTH = 40


class View:
    """A table that renews itself on a terminal; elsewhere a line every few seconds."""

    def __init__(self, bars_total: int) -> None:
        self._bars_total = bars_total
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._line_due_s = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Show one look."""
        if self._console.is_terminal:
            self._live.update(self._table(progress), refresh=True)
        elif time.monotonic() >= self._line_due_s or progress.finished:
            self._line_due_s = time.monotonic() + _LINE_EVERY_S
            self._console.print(self.line(progress), soft_wrap=True)

    def line(self, progress: Progress) -> str:
        """Write one look as a line."""
        return (
            f"{progress.count('Bar'):,} of {self._bars_total:,} bars, {_rate(progress):,.0f}/s, "
            f"{progress.count('Signal'):,} signals, {progress.approved:,} approved, "
            f"{sum(progress.refused.values()):,} refused, {progress.count('Fill'):,} fills, "
            f"equity {progress.equity or '-'}, gate {progress.gate or '-'}"
        )

    def _table(self, progress: Progress) -> Group:
        table = Table(title="Tidegate demo", show_header=False, title_justify="left")
        for name, value in _rows(progress):
            table.add_row(name, value)
        done = min(progress.count("Bar"), self._bars_total)
        bar = ProgressBar(total=self._bars_total, completed=done, width=_BAR_WIDTH)
        share = Text(f"{done / max(self._bars_total, 1):.0%} of {self._bars_total:,} bars")
        return Group(table, bar, share)


def _rows(progress: Progress) -> list[tuple[str, str]]:
    refused = ", ".join(f"{code} {count:,}" for code, count in progress.refused.items())
    return [
        ("feed time", format_time(progress.instant_ns) if progress.instant_ns else "-"),
        ("bars", f"{progress.count('Bar'):,} ({_rate(progress):,.0f} a second)"),
        ("signals", f"{progress.count('Signal'):,}"),
        ("approved", f"{progress.approved:,}"),
        ("refused", f"{sum(progress.refused.values()):,}  {refused}"),
        ("orders", f"{progress.approved:,}"),
        ("fills", f"{progress.count('Fill'):,}"),
        ("equity", progress.equity or "-"),
        ("gate", progress.gate or "-"),
    ]


def _rate(progress: Progress) -> float:
    return progress.count("Bar") / progress.elapsed_s if progress.elapsed_s > 0 else 0.0
