"""A page's file: text, plots and plotly.js inside, so that it can be mailed and kept."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_lab.plots.figure import Figure


def page(title: str, lead: str, body: str, figures: Mapping[str, Figure]) -> str:
    """Return a file's text: ``body`` is HTML with a place (`place_of`) for each of the figures."""
    template = Template(files("tidegate_lab.plots").joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title),
        lead=escape(lead),
        body=body,
        figures=script_text(figures),
        plotly=_plotly_source(),
    )


def place_of(name: str, title: str) -> str:
    """Return the section in which a figure is drawn."""
    return (
        f'<section><h2>{escape(title)}</h2><div class="plot" id="{escape(name)}"></div></section>'
    )


def script_text(figures: Mapping[str, Figure]) -> str:
    """Write figures as JSON that may stand inside a script element."""
    return msgspec.json.encode(figures).decode().replace("<", "\\u003c")


def _plotly_source() -> str:
    """Return plotly.js, as the installed package carries it; the package is not imported."""
    spec = find_spec("plotly")
    assert spec is not None, "plotly is locked with the lab"
    assert spec.origin is not None
    source = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    return source.read_text("utf-8").replace("</script", "<\\/script")
