"""Writes the reference pages of orders: their life cycle and codes, and what venues can do."""

from __future__ import annotations

import ast
import inspect
import sys
from enum import Enum
from itertools import pairwise

from tidegate_execution.core import capabilities, order_form, reasons
from tidegate_execution.core.capabilities import (
    ENTRY_WITH_EXITS,
    EXTENDED_HOURS,
    MULTI_LEG,
    ONE_CANCELS_OTHER,
    ORDER_TYPES,
    POST_ONLY,
    PROTECTIVE_PAIR,
    TIMES_IN_FORCE,
    VenueKind,
    Way,
)
from tidegate_execution.core.orders import lifecycle
from tidegate_execution.core.orders.lifecycle import ORDER_LIFECYCLE
from tidegate_execution.core.reasons import Code
from tidegate_kernel.table import Cell

PAGE = "docs/reference/order-lifecycle.md"
TYPES_PAGE = "docs/reference/order-types.md"

_HEAD = """# The life cycle of an order

Generated from `services/execution/src/tidegate_execution/core/orders/lifecycle.py` by
`python -m tidegate_execution.reference`; do not edit.
"""


_TYPES_HEAD = """# Order types

Generated from `services/execution/src/tidegate_execution/core/capabilities.py` and `order_form.py`
by `python -m tidegate_execution.reference types`; do not edit.
"""


def types_page() -> str:
    """Return the page of what orders can ask for, and who does it at which venue."""
    rows: list[tuple[str, dict[VenueKind, Way]]] = []
    rows += [(f"`{kind.name}`", row) for kind, row in ORDER_TYPES.items()]
    rows += [(f"`{force.name}`", row) for force, row in TIMES_IN_FORCE.items()]
    rows += [("`post_only`", POST_ONLY), ("`extended_hours`", EXTENDED_HOURS)]
    rows += [("`oco_group`", ONE_CANCELS_OTHER), ("protective stop and target", PROTECTIVE_PAIR)]
    rows += [("market entry with its exits", ENTRY_WITH_EXITS), ("`legs`", MULTI_LEG)]
    head = "| | " + " | ".join(each.value for each in VenueKind) + " |"
    lines = [head, "|" + "---|" * (len(VenueKind) + 1)]
    lines += [
        f"| {name} | " + " | ".join(row[each].value for each in VenueKind) + " |"
        for name, row in rows
    ]
    form = (inspect.getdoc(order_form) or "").partition("\n\n")[2].splitlines()
    fields = "\n".join(_bulleted(form))
    ways = (inspect.getdoc(capabilities) or "").partition("order-types.md is drawn from it.\n\n")[2]
    parts = [
        _TYPES_HEAD,
        "## Who does it\n\n" + "\n".join(lines) + f"\n\n{ways}\n",
        f"## Which fields belong to which type\n\n{fields.replace('``', '`')}\n",
    ]
    return "\n".join(parts)


def _bulleted(lines: list[str]) -> list[str]:
    """Write a table of the docstring's form as a list, and keep the prose after it."""
    ruled = [n for n, line in enumerate(lines) if line.startswith("====")]
    column = lines[ruled[0]].index(" ")
    rows = [line for line in lines[ruled[1] + 1 : ruled[2]] if line]
    made = [f"* `{row[:column].strip()}`: {row[column:].strip()}." for row in rows]
    return [*made, *lines[ruled[2] + 1 :]]


def page() -> str:
    """Return the whole page of the life cycle."""
    parts = [
        _HEAD,
        f"{_rules()}\n",
        f"```mermaid\n{ORDER_LIFECYCLE.mermaid()}```\n",
        f"## Events\n\n{_documented(lifecycle, lifecycle.OrderInput)}\n",
        f"## Every state × event\n\n`·` is ignored, `×` is forbidden.\n\n{_table()}\n",
        f"## Codes\n\n{_documented(reasons, Code)}\n",
    ]
    return "\n".join(parts)


def _rules() -> str:
    text = inspect.getdoc(lifecycle) or ""
    return text.partition("The rules, in prose:\n\n")[2]


def _table() -> str:
    states = ORDER_LIFECYCLE.states
    head = "| event | " + " | ".join(state.name for state in states) + " |"
    lines = [head, "|" + "---|" * (len(states) + 1)]
    for event in ORDER_LIFECYCLE.events:
        cells = [_cell(ORDER_LIFECYCLE.decide(state, event)) for state in states]
        lines.append(f"| {event.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(cell: Enum) -> str:
    if cell is Cell.IGNORED:
        return "·"
    return "×" if cell is Cell.FORBIDDEN else cell.name


def _documented(module: object, enumeration: type[Enum]) -> str:
    """Return the members with the sentence written below each of them."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    body = next(node.body for node in classes if node.name == enumeration.__name__)
    lines = ["| name | meaning |", "|---|---|"]
    for member, text in pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr):
            name = ast.unparse(member.targets[0])
            lines.append(f"| `{name}` | {ast.literal_eval(text.value)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    made = types_page() if sys.argv[1:] == ["types"] else page()
    print(made, end="")  # noqa: T201 - the page is the program's output
