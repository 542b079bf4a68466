"""The service's queries: the strategies that exist and run, and the signals. No commands."""

from typing import Annotated, Any, Protocol

import msgspec
from fastapi import APIRouter, Query

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.http import ApiError
from tidegate_signals.config import signals_parameters
from tidegate_signals.core.strategies import STRATEGIES
from tidegate_signals.core.strategies.definition import Definition

Document = dict[str, Any]
Documents = list[Document]
LIMIT_DEFAULT = 1_000
LIMIT_MAX = 10_000


class Rows(Protocol):
    """The part of the host's projections that is read here."""

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> Documents:
        """Return documents oldest first."""
        ...

    async def newest(self, kind: str, *, session: str | None = None, limit: int = 100) -> Documents:
        """Return documents newest first."""
        ...


class App(Protocol):
    """The part of the host's context that the routes need."""

    @property
    def configuration(self) -> Configuration:
        """What runs."""
        ...

    @property
    def projections(self) -> Rows:
        """The rows that were projected."""
        ...


def routes(app: App) -> APIRouter:
    """Return the service's routes."""
    router = APIRouter()
    sessions = [session.name for session in app.configuration.sessions]

    @router.get("/v1/strategies")
    async def strategies() -> Document:
        """Return every strategy with its parameters, and the instances of each session."""
        return {
            "strategies": [_definition(each) for each in STRATEGIES.values()],
            "instances": [
                {"session": session.name} | msgspec.to_builtins(instance)
                for session in app.configuration.sessions
                for instance in signals_parameters(session).strategies
            ],
        }

    @router.get("/v1/signals")
    async def signals(
        session: str = "",
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
        newest: bool = False,  # noqa: FBT001, FBT002 - a query's flag
    ) -> Document:
        """Return signals, oldest first from `after`, or newest first with `newest`."""
        if session and session not in sessions:
            expected = f"one of {', '.join(sessions)}"
            raise ApiError(404, "UNKNOWN_SESSION", expected, session, "see /v1/strategies")
        scope = session or None
        if newest:
            found = await app.projections.newest("signal", session=scope, limit=limit)
        else:
            found = await app.projections.list("signal", session=scope, after=after, limit=limit)
        return {"signals": found}

    return router


def _definition(definition: Definition) -> Document:
    schema = msgspec.json.schema(definition.parameters)
    name = definition.parameters.__name__
    return {
        "name": definition.name,
        "doc": definition.doc,
        "defaults": definition.defaults,
        "parameters": schema["$defs"][name]["properties"],
    }
