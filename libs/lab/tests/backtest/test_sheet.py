import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from plotly import graph_objects

from tidegate_contracts.market import Instrument
from tidegate_lab import backtest
from tidegate_lab.backtest import Run
from tidegate_lab.backtest.metrics import DEFINITIONS
from tidegate_lab.backtest.sheet.candles import CANDLES_MAX, candles_of
from tidegate_lab.backtest.sheet.page import TITLES, figures_of
from tidegate_lab.plots.page import script_text
from tidegate_market_data.adapters.dataset import Dataset

MINUTE_NS = 60_000_000_000


class Page(HTMLParser):
    """What matters of a page: its plots, scripts, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.plots: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.cells: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where things are."""
        given = dict(attrs)
        self._inside = tag
        self.addresses += [str(given[name]) for name in ("src", "href") if name in given]
        if given.get("class") == "plot":
            self.plots.append(str(given["id"]))
        if tag == "script":
            self.scripts.append((given.get("id"), ""))
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        """Collect texts."""
        if self._inside == "script":
            name, text = self.scripts[-1]
            self.scripts[-1] = (name, text + data)
        if self._inside == "td":
            self.cells[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """Leave."""
        self._inside = ""


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    """The demo's tear sheet, parsed."""
    return Page((folder / "tear-sheet.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def figures(page: Page) -> dict[str, Any]:
    """Its plots, as the page holds them."""
    found: dict[str, Any] = json.loads(dict(page.scripts)["figures"])
    return found


def test_the_page_needs_no_network(page: Page, folder: Path) -> None:
    """No address is loaded, plotly.js is inside, and the policy forbids the rest."""
    text = (folder / "tear-sheet.html").read_text(encoding="utf-8")
    assert page.addresses == []
    assert "default-src 'none'" in text
    assert any(len(script) > 1_000_000 for _, script in page.scripts)
    assert len(text) < 8_000_000


def test_every_plot_has_its_place_and_its_figure(page: Page, figures: dict[str, Any]) -> None:
    """Eight of them, in the order of the page."""
    assert page.plots == list(TITLES)
    assert set(figures) == set(TITLES)


def test_plotly_accepts_every_figure(figures: dict[str, Any]) -> None:
    """Its own model of traces and layouts checks every name and value."""
    for name, figure in figures.items():
        assert graph_objects.Figure(figure).data, name


def test_the_plots_show_the_run(demo: Run, figures: dict[str, Any]) -> None:
    """The first and last points are the run's own."""
    equity, held = figures["equity"]["data"]
    assert equity["y"][-1] == pytest.approx(float(demo.outcome.final_equity), rel=1e-5)
    assert held["y"][-1] == pytest.approx(demo.days.buy_and_hold[-1], rel=1e-5)
    refusals = figures["refusals"]["data"][0]
    assert dict(zip(refusals["y"], refusals["x"], strict=True)) == demo.outcome.verdicts["refused"]
    costs = figures["costs"]["data"][0]["y"]
    assert costs[0] + costs[1] + costs[2] == pytest.approx(costs[3])
    drawdown = figures["drawdown"]["data"][0]["y"]
    assert -float(demo.outcome.max_drawdown) - 1e-6 <= min(drawdown) < -0.1


def test_months_multiply_to_the_whole_return(demo: Run, figures: dict[str, Any]) -> None:
    """Every month is there once."""
    cells = [z for row in figures["months"]["data"][0]["z"] for z in row if z is not None]
    assert len(cells) == 13 * 12 + 1
    whole = float(np.prod([1 + each for each in cells])) - 1
    assert whole == pytest.approx(demo.metrics.total_return, rel=1e-3)


def test_one_symbols_trades_are_shown_at_a_time(figures: dict[str, Any]) -> None:
    """Three traces each, and a button that shows them."""
    traces = figures["trades"]["data"]
    (menu,) = figures["trades"]["layout"]["updatemenus"]
    assert len(traces) == 3 * len(menu["buttons"])
    assert [trace["type"] for trace in traces[:3]] == ["candlestick", "scatter", "scatter"]
    assert [trace["visible"] for trace in traces] == menu["buttons"][0]["args"][0]["visible"]
    assert len(traces[0]["x"]) <= CANDLES_MAX
    assert traces[1]["x"]


def test_every_figure_is_in_the_table(page: Page) -> None:
    """With its formula, and the Sharpe ratio never without its interval and trials."""
    for name, (how, _) in DEFINITIONS.items():
        assert name.replace("_", " ") in page.cells
        assert how in page.cells
    place = page.cells.index("Sharpe ratio")
    assert page.cells[place + 3] == "– 95 % interval"
    assert page.cells[place + 6] == "– trials"
    assert "– drawdown, trades in other orders" in page.cells


def test_text_of_others_cannot_end_the_script() -> None:
    """A strategy's reason or a symbol may hold anything."""
    text = script_text({"a": {"data": ["</script><b>"], "layout": {}}})
    assert "<" not in text
    assert json.loads(text)["a"]["data"] == ["</script><b>"]


def test_a_run_without_a_trade_has_a_sheet(tmp_path: Path) -> None:
    """Figures that do not exist are left out, not made up."""
    run = backtest.run(["ema-crossover"], ["packaged:us-stocks"], until="2000-03-10")
    assert (run.outcome.fills, run.metrics.win_rate) == (0, None)
    for name, figure in figures_of(run).items():
        assert graph_objects.Figure(figure).data, name
    assert "–" in Page((run.save(tmp_path / "run") / "tear-sheet.html").read_text()).cells


@given(st.lists(st.integers(1, 1_000), min_size=2, max_size=1_300))
def test_candles_keep_the_extremes(opens: list[int]) -> None:
    """However many bars there are: the first open, last close, highest high and lowest low."""
    count = len(opens)
    column = np.array(opens)
    starts = np.arange(count) * MINUTE_NS
    values = np.array([starts, column, column + 3, column - 1, column + 1, column])
    instrument = Instrument(venue="v", symbol="A", price_scale=0)
    dataset = Dataset("f", MINUTE_NS, (instrument,), np.zeros(count, np.int32), values)
    candles = candles_of(dataset, [0])[0]
    opened, high, low, closed = candles.prices
    assert len(opened) <= CANDLES_MAX
    assert (opened[0], closed[-1]) == (opens[0], opens[-1] + 1)
    assert (high.max(), low.min()) == (max(opens) + 3, min(opens) - 1)
    assert (candles.starts_ns % MINUTE_NS == 0).all()
