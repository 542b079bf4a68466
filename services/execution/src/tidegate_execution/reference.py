"""Writes the reference page of the order life cycle from its table and codes."""

from __future__ import annotations

import ast
import inspect
from enum import Enum
from itertools import pairwise

from tidegate_execution.core import reasons
from tidegate_execution.core.orders import lifecycle
from tidegate_execution.core.orders.lifecycle import ORDER_LIFECYCLE
from tidegate_execution.core.reasons import Code
from tidegate_kernel.table import Cell

PAGE = "docs/reference/order-lifecycle.md"

_HEAD = """# The life cycle of an order

Generated from `services/execution/src/tidegate_execution/core/orders/lifecycle.py` by
`python -m tidegate_execution.reference`; do not edit.
"""


def page() -> str:
    """Return the whole page."""
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
    print(page(), end="")  # noqa: T201 - the page is the program's output
