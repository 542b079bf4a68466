"""Tables of settings for the services' pages, written from the models that judge them.

A page marks the place of each table; `with_tables` replaces what stands between the marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_HEAD = "| setting | default | bounds | means |\n|---|---|---|---|\n"
_BOUNDS = (
    (annotated_types.Gt, "gt", "above"),
    (annotated_types.Ge, "ge", "from"),
    (annotated_types.Lt, "lt", "below"),
    (annotated_types.Le, "le", "to"),
)


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """Return a page with these tables between their marks; a missing mark is an error."""
    for name, table in tables.items():
        start, end = (
            f"<!-- table of {name}, generated: do not edit -->\n",
            f"<!-- end of {name} -->",
        )
        before, opened, rest = page.partition(start)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            message = f"expected a page with the lines '{start.strip()}' and '{end}', found none"
            raise ValueError(message)
        page = f"{before}{start}{table}{end}{after}"
    return page


def settings_table(model: type[BaseModel]) -> str:
    """Return one row for each setting of a model, in its order, those of its parts included."""
    return _HEAD + "".join(_rows(model, ""))


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        part, repeated = _part_of(field.annotation)
        if part is not None:
            yield from _rows(part, f"{path}[]." if repeated else f"{path}.")
        else:
            cells = (f"`{path}`", _default(field), _bounds(field), field.description or "")
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _part_of(annotation: Any) -> tuple[type[BaseModel] | None, bool]:  # noqa: ANN401 - a type form
    """Return the model that a field holds, and whether it holds several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    inner = get_args(annotation)
    if get_origin(annotation) is tuple and isinstance(inner[0], type):
        return (inner[0], True) if issubclass(inner[0], BaseModel) else (None, False)
    return None, False


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or (isinstance(value, str | tuple | dict) and not value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return (
        f"{value:f}"
        if isinstance(value, Decimal)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _bounds(field: FieldInfo) -> str:
    metadata = [*field.metadata, *_metadata_within(field.annotation)]
    choices = _choices(field.annotation)
    said = [
        f"{word} {getattr(each, attribute)}"
        for kind, attribute, word in _BOUNDS
        for each in metadata
        if isinstance(each, kind)
    ]
    return ", ".join([*choices, *said])


def _metadata_within(annotation: Any) -> Sequence[Any]:  # noqa: ANN401 - a type form
    """Return the bounds that stand inside of ``Annotated[...] | None``."""
    if get_origin(annotation) not in {Union, UnionType}:
        return ()
    found: list[Any] = []
    for each in get_args(annotation):
        for metadata in getattr(each, "__metadata__", ()):
            found += metadata.metadata if isinstance(metadata, FieldInfo) else [metadata]
    return found


def _choices(annotation: Any) -> Sequence[str]:  # noqa: ANN401 - a type form
    forms = [annotation, *get_args(annotation)]
    return [str(value) for form in forms if get_origin(form) is Literal for value in get_args(form)]
