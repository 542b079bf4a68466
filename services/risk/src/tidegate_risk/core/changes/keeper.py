"""Keeps the limits of a session: commands in, answers and signed events out.

1. **Tighter**: a document that loosens nothing takes effect at once, whoever asks.
2. **Looser**: it waits `request_valid_ns` for another principal to approve it, on the wall's clock:
   a session may run through a year in a minute. Any change of the limits in between voids it.
3. **The configuration** is one more who asks, when a new term begins under another file. What is
   tighter takes effect. Looser limits are held back: whoever wrote the file is one person.
4. Commands act at once, also in lockstep, where they end the comparison with a backtest. They are
   journalled as every input is, so a replay comes to the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.risk import (
    ApproveLimits,
    ChangeLimits,
    LimitsAction,
    LimitsAnswer,
    LimitsChanged,
)
from tidegate_kernel.machine import Answer, Publish
from tidegate_risk.core.changes.comparing import changes_between
from tidegate_risk.core.changes.document import LimitsDocument, read_resolved
from tidegate_risk.core.changes.rules import (
    APPROVAL_RULES,
    CHANGE_RULES,
    Approval,
    Fault,
    Wanted,
    first_fault,
    unknown_request,
    unreadable,
)
from tidegate_risk.core.changes.standing import LimitsRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_contracts.risk import LimitChange
    from tidegate_kernel.machine import Called, Effect
    from tidegate_risk.core.changes.standing import LimitsStanding
    from tidegate_risk.core.parameters import DecisionParameters

CONFIGURATION = "configuration"
"""Who asks when a restart has read another file."""


class LimitsKeeper:
    """Changes the limits' standing; ``apply`` is told of every document that comes into force."""

    def __init__(
        self,
        parameters: DecisionParameters,
        standing: LimitsStanding,
        apply: Callable[[LimitsDocument], None],
    ) -> None:
        self._parameters = parameters
        self._standing = standing
        self._apply = apply

    def take(self, call: Called, now_ns: int) -> Sequence[Effect]:
        """Carry out a command, or say why not; a repeated call gets the same answer."""
        known = self._standing.answers.get(call.call_id)
        if known is not None:
            return (Answer(call.call_id, known),)
        command = call.body
        if isinstance(command, ChangeLimits):
            effects, answer = self._change(command, now_ns)
        else:
            assert isinstance(command, ApproveLimits), "no other command is about limits"
            effects, answer = self._approve(command, now_ns)
        self._standing.remember_answer(call.call_id, answer)
        return (*effects, Answer(call.call_id, answer))

    def take_configured(self, document: LimitsDocument, now_ns: int) -> Sequence[Effect]:
        """Look at the configuration's document, if it is not the one that was looked at last."""
        standing = self._standing
        if document.sha256 == standing.configured_sha256:
            return ()
        standing.configured_sha256 = document.sha256
        changes = changes_between(standing.document.resolved, document.resolved)
        if not changes:
            return ()
        event = self._event(LimitsAction.CHANGED, document, changes, now_ns)
        event = msgspec.structs.replace(
            event, principal=CONFIGURATION, reason="the configuration was changed"
        )
        if any(each.looser for each in changes):
            return (Publish(msgspec.structs.replace(event, action=LimitsAction.HELD_BACK)),)
        return (Publish(self._in_force(document, event)),)

    def _change(self, command: ChangeLimits, now_ns: int) -> tuple[list[Effect], LimitsAnswer]:
        expired = self._forget_expired(command.asked_at_ns, now_ns)
        fault = first_fault(CHANGE_RULES, Wanted(command, self._standing))
        if fault is not None:
            return expired, self._refused(fault)
        try:
            resolved = read_resolved(command.resolved, self._standing.document.resolved)
        except msgspec.MsgspecError as error:
            return expired, self._refused(unreadable(str(error)))
        document = LimitsDocument(text=command.document, sha256=command.sha256, resolved=resolved)
        changes = changes_between(self._standing.document.resolved, resolved)
        event = self._event(LimitsAction.CHANGED, document, changes, now_ns)
        event = msgspec.structs.replace(event, principal=command.principal, reason=command.reason)
        if any(each.looser for each in changes):
            event = self._request(document, event, command.asked_at_ns)
        else:
            event = self._in_force(document, event)
        return [*expired, Publish(event)], self._accepted(event)

    def _approve(self, command: ApproveLimits, now_ns: int) -> tuple[list[Effect], LimitsAnswer]:
        standing = self._standing
        request = standing.requests.get(command.request_id)
        if request is None:
            return [], self._refused(unknown_request(command.request_id))
        fault = first_fault(APPROVAL_RULES, Approval(command, request, standing))
        if fault is not None:
            expired = self._forget_expired(command.asked_at_ns, now_ns)
            return expired, self._refused(fault)
        changes = changes_between(standing.document.resolved, request.document.resolved)
        event = self._event(LimitsAction.CHANGED, request.document, changes, now_ns)
        event = msgspec.structs.replace(
            event,
            principal=request.principal,
            approver=command.principal,
            reason=request.reason,
            request_id=command.request_id,
            request_expires_at_ns=request.expires_at_ns,
        )
        del standing.requests[command.request_id]
        event = self._in_force(request.document, event)
        expired = self._forget_expired(command.asked_at_ns, now_ns)
        return [*expired, Publish(event)], self._accepted(event)

    def _in_force(self, document: LimitsDocument, event: LimitsChanged) -> LimitsChanged:
        standing = self._standing
        standing.document = document
        standing.version += 1
        self._apply(document)
        return msgspec.structs.replace(event, version=standing.version, sha256=document.sha256)

    def _request(
        self, document: LimitsDocument, event: LimitsChanged, asked_at_ns: int
    ) -> LimitsChanged:
        standing = self._standing
        standing.requests_made += 1
        request_id = f"limits-{standing.requests_made}"
        request = LimitsRequest(
            document=document,
            principal=event.principal,
            reason=event.reason,
            replaces_version=standing.version,
            expires_at_ns=asked_at_ns + self._parameters.request_valid_ns,
        )
        standing.requests[request_id] = request
        return msgspec.structs.replace(
            event,
            action=LimitsAction.PROPOSED,
            request_id=request_id,
            request_expires_at_ns=request.expires_at_ns,
        )

    def _forget_expired(self, asked_at_ns: int, now_ns: int) -> list[Effect]:
        """Drop the requests whose time is over, or whose version is not in force any more."""
        standing = self._standing
        said: list[Effect] = []
        for request_id, request in list(standing.requests.items()):
            late = asked_at_ns >= request.expires_at_ns
            if not late and request.replaces_version == standing.version:
                continue
            del standing.requests[request_id]
            event = self._event(LimitsAction.EXPIRED, request.document, (), now_ns)
            event = msgspec.structs.replace(
                event,
                principal=request.principal,
                reason=request.reason,
                request_id=request_id,
                request_expires_at_ns=request.expires_at_ns,
            )
            said.append(Publish(event))
        return said

    def _event(
        self,
        action: LimitsAction,
        document: LimitsDocument,
        changes: tuple[LimitChange, ...],
        now_ns: int,
    ) -> LimitsChanged:
        return LimitsChanged(
            action=action,
            session=self._parameters.session,
            account=self._parameters.account,
            version=self._standing.version,
            sha256=self._standing.document.sha256,
            at_ns=now_ns,
            document=document.text,
            document_sha256=document.sha256,
            changes=changes,
        )

    def _accepted(self, event: LimitsChanged) -> LimitsAnswer:
        return LimitsAnswer(
            accepted=True,
            version=event.version,
            sha256=event.sha256,
            request_id=event.request_id if event.action == LimitsAction.PROPOSED else "",
            request_expires_at_ns=event.request_expires_at_ns,
            changes=event.changes,
        )

    def _refused(self, fault: Fault) -> LimitsAnswer:
        return LimitsAnswer(
            accepted=False,
            code=fault.code,
            message=fault.message,
            version=self._standing.version,
            sha256=self._standing.document.sha256,
        )
