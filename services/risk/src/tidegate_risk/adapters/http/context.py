"""What the host gives to risk's routes, and what the routes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import Query
from pydantic import Field

from tidegate_chassis.http import ApiError
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import parse_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tidegate_chassis.configuration.models import Configuration
    from tidegate_chassis.host.queries import AuditQuery, Wanted
    from tidegate_kernel.machine import Body, Machine

PAGE = 5_000
Document = dict[str, Any]
Documents = list[Document]

SessionName = Annotated[
    str | None, Query(description="Only this session; default: every session of this service.")
]
Moment = Annotated[str | None, Field(description="Session time, ISO 8601, UTC without a zone.")]
Limit = Annotated[int, Query(ge=1, le=PAGE, description="The most rows of one page.")]


class Projections(Protocol):
    """The rows that the service's shards have written; see the chassis."""

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> Documents:
        """Return documents oldest first, each with its ``cursor``."""
        ...

    async def search(
        self, kind: str, wanted: Wanted, *, session: str | None = None, after: str = ""
    ) -> Documents:
        """Return the documents that are wanted in their order, each with its ``cursor``."""
        ...

    async def newest(self, kind: str, *, session: str | None = None, limit: int = 100) -> Documents:
        """Return documents newest first."""
        ...

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        ...


class Audit(Protocol):
    """The entries of `audit_log`; see the chassis."""

    async def newest(
        self, query: AuditQuery, *, before: int | None = None, limit: int = 100
    ) -> Documents:
        """Return entries newest first."""
        ...


class Context(Protocol):
    """What the host gives to a service's routes."""

    @property
    def projections(self) -> Projections:
        """The rows."""
        ...

    @property
    def audit(self) -> Audit:
        """Who did what and why."""
        ...

    @property
    def configuration(self) -> Configuration:
        """The configuration that this process runs."""
        ...

    def machine(self, shard: str) -> tuple[Machine, int]:
        """Return a running shard's machine, to be read only, and its session's time."""
        ...

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Submit a command to a shard and wait for its committed answer."""
        ...


async def every(rows: Projections, kind: str, session: str | None) -> AsyncIterator[Document]:
    """Yield every document of a kind, page by page."""
    after = ""
    while page := await rows.list(kind, session=session, after=after, limit=PAGE):
        for row in page:
            yield row
        after = str(page[-1]["cursor"])


def bare(row: Document) -> Document:
    """Return a document without its cursor."""
    return {name: value for name, value in row.items() if name != "cursor"}


def required_cursor(after: str) -> None:
    """Refuse a cursor that no page has given."""
    place, _, _ = after.partition(":")
    if after and (not place.isdecimal() or int(place) >= 2**63):
        raise ApiError(
            422, "INVALID_CURSOR", "the `next` of an earlier page", after, "leave `after` out"
        )


def moment(name: str, text: str | None) -> int | None:
    """Read a time of a query."""
    if text is None:
        return None
    try:
        return parse_time(text)[0]
    except TimeError:
        expected = f"{name} to be a time such as 2024-01-31T09:30:00Z"
        raise ApiError(422, "INVALID_TIME", expected, text, "mend it or leave it out") from None


def refused(code: str, message: str) -> ApiError:
    """Return a command's refusal in the one form of every error: 409 with its stable code."""
    expected, _, rest = message.removeprefix("expected ").partition(", found ")
    found, _, hint = rest.partition("; ")
    return ApiError(409, code, expected, found, hint)
