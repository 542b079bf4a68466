"""The service's queries: the strategies that exist and run, and the signals. No commands."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from tidegate_chassis.host.api import AppContext
from tidegate_chassis.http import ApiError
from tidegate_signals.config import signals_parameters
from tidegate_signals.core.strategies import STRATEGIES
from tidegate_signals.core.strategies.definition import Definition

Document = dict[str, Any]
LIMIT_DEFAULT = 1_000
LIMIT_MAX = 10_000


def routes(app: AppContext) -> APIRouter:
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
