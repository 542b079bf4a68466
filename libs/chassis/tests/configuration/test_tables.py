"""Tables of settings, written from a model."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from tidegate_chassis.configuration.tables import settings_table, with_tables

Share = Annotated[Decimal, Field(gt=0, le=1)]


class Part(BaseModel):
    """A part of a section."""

    kind: Literal["log", "post"] = Field(description="What it is.")


class Section(BaseModel):
    """A section with every form of setting."""

    share: Share = Field(default=Decimal("0.20"), description="A share.")
    bound: Share | None = Field(default=None, description="A share or none.")
    flag: bool = Field(default=True, description="Yes or no.")
    wait_s: float = Field(default=5.0, ge=0, description="A time.")
    parts: tuple[Part, ...] = Field(default=(), description="Several.")
    part: Part = Field(default=Part(kind="log"), description="One.")
    texts: tuple[str, ...] = Field(default=(), description="a|b")


def test_every_setting_has_a_row_with_default_and_bounds() -> None:
    """Parts are told field by field; several are marked with brackets."""
    assert settings_table(Section).splitlines()[2:] == [
        "| `share` | 0.20 | above 0, to 1 | A share. |",
        "| `bound` |  | above 0, to 1 | A share or none. |",
        "| `flag` | true |  | Yes or no. |",
        "| `wait_s` | 5 | from 0 | A time. |",
        "| `parts[].kind` | required | log, post | What it is. |",
        "| `part.kind` | required | log, post | What it is. |",
        "| `texts` |  |  | a\\|b |",
    ]


def test_a_table_replaces_what_stands_between_its_marks() -> None:
    """The rest of the page is left as it is, and a second time changes nothing."""
    marks = "<!-- table of x, generated: do not edit -->\n{}<!-- end of x -->"
    page = f"before\n{marks.format('old')}\nafter"
    fresh = with_tables(page, {"x": "new\n"})
    assert fresh == f"before\n{marks.format('new' + chr(10))}\nafter"
    assert with_tables(fresh, {"x": "new\n"}) == fresh


def test_a_page_without_the_marks_is_an_error() -> None:
    """A table cannot be forgotten in silence."""
    with pytest.raises(ValueError, match="table of x"):
        with_tables("a page", {"x": "new"})
