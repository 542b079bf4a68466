"""Alerts over HTTP: what is known, who acknowledges it, which rules are on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Query

from tidegate_alerts.adapters.projection import ALERT, document_of
from tidegate_alerts.config import settings_of
from tidegate_chassis.http import ApiError, Principal
from tidegate_contracts.alerts import AcknowledgeAlert, Alert
from tidegate_contracts.host import CommandRefused

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration
    from tidegate_kernel.machine import Body

Document = dict[str, Any]
SCANNED_MAX = 10_000

StateName = Literal["RAISED", "REPEATED", "ACKNOWLEDGED", "RESOLVED"]
SeverityName = Literal["INFO", "WARNING", "CRITICAL"]


class Projections(Protocol):
    """The rows that the service's shards have written; see the chassis."""

    async def newest(
        self, kind: str, *, session: str | None = None, limit: int = 100
    ) -> list[Document]:
        """Return documents newest first."""
        ...

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        ...


class Context(Protocol):
    """What the host gives to a service's routes."""

    @property
    def projections(self) -> Projections:
        """The rows."""
        ...

    @property
    def configuration(self) -> Configuration:
        """The configuration that the service runs with."""
        ...

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Have a machine answer a command."""
        ...


def routes(context: Context) -> APIRouter:
    """Return the endpoints of the alerts service."""
    router = APIRouter()
    _add_alerts(router, context)
    _add_acknowledgement(router, context)
    return router


def _add_alerts(router: APIRouter, context: Context) -> None:
    @router.get("/v1/alerts")
    async def alerts(
        session: str | None = None,
        state: StateName | None = None,
        severity: SeverityName | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> Document:
        """Return alerts, the newest first, of a state and of exactly a severity if given."""
        rows = await context.projections.newest(ALERT, session=session, limit=SCANNED_MAX)
        found = [
            {name: value for name, value in row.items() if name != "cursor"}
            for row in rows
            if state in (None, row["state"]) and severity in (None, row["severity"])
        ]
        return {"alerts": found[:limit], "found": len(found)}

    @router.get("/v1/alerts/rules")
    async def rules() -> Document:
        """Return the rules and channels with their settings; addresses are not among them."""
        settings = settings_of(context.configuration.alerts)
        document = settings.model_dump(mode="json")
        return {"rules": document.pop("rules"), "channels": document.pop("channels")} | document


def _add_acknowledgement(router: APIRouter, context: Context) -> None:
    @router.post("/admin/alerts/{alert_id}/acknowledge")
    async def acknowledge(alert_id: str, principal: Principal) -> Document:
        """Note that the principal has taken notice of an alert."""
        known = await context.projections.get(ALERT, alert_id)
        if known is None:
            raise _unknown(alert_id)
        session = str(known["session"])
        command = AcknowledgeAlert(session=session, alert_id=alert_id, principal=principal)
        answer = await context.call(f"alerts/{session}", command, principal)
        if isinstance(answer, CommandRefused):
            raise ApiError(
                HTTPStatus.NOT_FOUND, answer.code, answer.expected, answer.found, answer.hint
            )
        assert isinstance(answer, Alert)
        return document_of(answer)


def _unknown(alert_id: str) -> ApiError:
    return ApiError(
        HTTPStatus.NOT_FOUND,
        "ALERT_UNKNOWN",
        "the id of an alert",
        alert_id,
        "see /v1/alerts for the ids",
    )
