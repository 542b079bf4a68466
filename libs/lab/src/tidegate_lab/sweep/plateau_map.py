"""The plateau map: every trial of a sweep over the grid, and what its neighbours keep of it.

The best trial is worth looking at where it stands in a plateau, and little where it is a peak. The
map shows each pair of parameters as a plane through the best trial, and a single one as a line.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_lab.plots.figure import BLUE, GREEN, GREY, RED, figure, line
from tidegate_lab.plots.page import page, place_of
from tidegate_lab.statistics.plateau import Plateau, Point, plateau_map
from tidegate_lab.sweep.grid import Grid, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_lab.plots.figure import Figure

SCREENED = "screened: estimates, not ranked"
_ROW_PX, _HEIGHT_MIN_PX, _HEIGHT_MAX_PX = 26, 260, 900


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One trial on the map."""

    parameters: dict[str, Value]
    sharpe: float | None
    """Per year; None where there are too few days."""
    screened: bool
    """Whether it is the screen's estimate."""
    plateau: Plateau | None
    """None where it has no neighbour, or nothing to keep."""


class PlateauMap:
    """The trials of a sweep on their grid."""

    def __init__(
        self, grid: Grid, sharpes: Mapping[Point, float | None], *, per_year: float, screened: bool
    ) -> None:
        """``sharpes`` are per day; ``per_year``: days with bars in a year."""
        self._grid = grid
        judged = plateau_map({point: sharpe or 0.0 for point, sharpe in sharpes.items()})
        self.screened = screened
        self.trials = {
            point: Trial(
                parameters=grid.parameters(point),
                sharpe=None if sharpe is None else sharpe * per_year**0.5,
                screened=screened,
                plateau=judged.get(point),
            )
            for point, sharpe in sorted(sharpes.items())
        }

    @property
    def best(self) -> Point:
        """The point with the best Sharpe ratio; of equals the first of the grid."""
        return min(self.trials, key=lambda point: (-(self.trials[point].sharpe or 0.0), point))

    def page(self, title: str) -> str:
        """Return the map as a file's text."""
        figures = self.figures()
        kind = SCREENED if self.screened else "played by the machines"
        best = _named(self.trials[self.best].parameters)
        return page(
            title=f"Plateau map: {title}",
            lead=f"{len(self.trials):,} trials, {kind}. Each plot goes through the best, {best}.",
            body="\n".join(place_of(f"map-{n}", name) for n, name in enumerate(figures)),
            figures={f"map-{n}": each for n, each in enumerate(figures.values())},
        )

    def figures(self) -> dict[str, Figure]:
        """Return the plots by what they show."""
        varied = [place for place, axis in enumerate(self._grid.axes) if len(axis.values) > 1]
        names = [axis.name for axis in self._grid.axes]
        if len(varied) > 1:
            pairs = combinations(varied, 2)
            return {f"{names[y]} and {names[x]}": self._plane(y, x) for y, x in pairs}
        return {names[place]: self._line(place) for place in varied or [0]}

    def _moved(self, places: Mapping[int, int]) -> Point:
        """Return the best point with other places on some axes."""
        return tuple(places.get(axis, place) for axis, place in enumerate(self.best))

    def _plane(self, y: int, x: int) -> Figure:
        rows, columns = self._grid.axes[y], self._grid.axes[x]
        table = [
            [
                self.trials.get(self._moved({y: row, x: column}))
                for column in range(len(columns.values))
            ]
            for row in range(len(rows.values))
        ]
        trace = {
            "type": "heatmap",
            "x": [str(each) for each in columns.values],
            "y": [str(each) for each in rows.values],
            "z": [[None if each is None else each.sharpe for each in row] for row in table],
            "text": [[_told(each) for each in row] for row in table],
            "hovertemplate": "%{text}<extra></extra>",
            "colorscale": [[0.0, RED], [0.5, "rgba(128,128,128,0.10)"], [1.0, GREEN]],
            "zmid": 0,
            "colorbar": {"title": {"text": "Sharpe"}},
        }
        best = self.trials[self.best].parameters
        mark = {
            "type": "scatter",
            "mode": "markers",
            "x": [str(best[columns.name])],
            "y": [str(best[rows.name])],
            "marker": {"symbol": "circle-open", "size": 16, "color": BLUE, "line": {"width": 3}},
            "hoverinfo": "skip",
            "showlegend": False,
        }
        height = min(max(90 + _ROW_PX * len(rows.values), _HEIGHT_MIN_PX), _HEIGHT_MAX_PX)
        return figure(
            [trace, mark],
            height=height,
            xaxis=_category(columns.name),
            yaxis=_category(rows.name),
            hovermode="closest",
        )

    def _line(self, place: int) -> Figure:
        axis = self._grid.axes[place]
        trials = [self.trials.get(self._moved({place: n})) for n in range(len(axis.values))]
        values = [str(each) for each in axis.values]
        sharpes = [None if each is None else each.sharpe for each in trials]
        trace = line("Sharpe ratio per year", values, sharpes, BLUE)
        trace |= {
            "mode": "lines+markers",
            "text": [_told(each) for each in trials],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"color": GREY},
        }
        return figure([trace], xaxis=_category(axis.name), hovermode="closest")


def _category(name: str) -> dict[str, Any]:
    return {"type": "category", "title": {"text": name}, "showgrid": False}


def _named(parameters: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items())


def _told(trial: Trial | None) -> str:
    """Say what a place of the map stands for."""
    if trial is None:
        return "not tried"
    lines = [_named(trial.parameters)]
    lines.append("too few days" if trial.sharpe is None else f"Sharpe {trial.sharpe:.2f}")
    if trial.plateau is not None:
        kept, worst = trial.plateau.mean_kept, trial.plateau.worst_kept
        lines.append(
            f"{trial.plateau.neighbours} neighbours keep {kept:.0%}, the worst {worst:.0%}"
        )
    if trial.screened:
        lines.append("screened")
    return "<br>".join(lines)
