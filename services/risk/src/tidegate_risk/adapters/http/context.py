"""What the host gives to risk's routes, and what the routes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import Query

from tidegate_chassis.http import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tidegate_chassis.configuration.models import Configuration
    from tidegate_chassis.host.queries import AuditQuery
    from tidegate_kernel.machine import Body

PAGE = 5_000
Document = dict[str, Any]
Documents = list[Document]

SessionName = Annotated[
    str | None, Query(description="Only this session; default: every session of this service.")
]
Limit = Annotated[int, Query(ge=1, le=PAGE, description="The most rows of one page.")]


class Projections(Protocol):
    """The rows that the service's shards have written; see the chassis."""

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> Documents:
        """Return documents oldest first, each with its ``cursor``."""
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


def refused(code: str, message: str) -> ApiError:
    """Return a command's refusal in the one form of every error: 409 with its stable code."""
    expected, _, rest = message.removeprefix("expected ").partition(", found ")
    found, _, hint = rest.partition("; ")
    return ApiError(409, code, expected, found, hint)
