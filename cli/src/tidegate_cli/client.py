"""Asks the services of an instance over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from tidegate_cli.errors import CommandError, Failed, Refused, Unreachable
from tidegate_cli.instances import InstanceRecord

PATIENCE_S = 10.0
PAGE = 1_000
Document = dict[str, Any]
_REFUSED_STATUS = {401, 403, 409}


def token_of(record: InstanceRecord, principal: str | None) -> str:
    """Return the bearer token of a principal: ``--as``, else `TIDEGATE_TOKEN`, else operator."""
    variable = os.environ.get("TIDEGATE_TOKEN")
    if principal is None and variable:
        return variable
    name = principal or "operator"
    path = record.secrets / f"{name}.token"
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in record.secrets.glob("*.token"))) or "none"
        raise Refused(
            "NO_TOKEN",
            f"the token of {name} cannot be read",
            expected=f"a readable file {path}",
            found=error.strerror or "nothing",
            hint=f"use --as with one of {known}, or set TIDEGATE_TOKEN",
        ) from error


class Services:
    """The services of one instance, and who asks."""

    def __init__(
        self, record: InstanceRecord, principal: str | None = None, token: str | None = None
    ) -> None:
        self.record = record
        self._principal = principal
        self._token = token
        self._http = httpx.Client(timeout=PATIENCE_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def url(self, service: str) -> str:
        """Return the address of a service's HTTP."""
        address = self.record.http.get(service)
        if address is None:
            raise Unreachable(
                "NOT_RUNNING",
                f"{service} does not run in instance {self.record.instance}",
                expected=f"one of {', '.join(self.record.http) or 'no service yet'}",
                found=service,
                hint="see `tidegate status`",
            )
        return address

    def get(self, service: str, path: str, **parameters: object) -> Document:
        """Ask a service; parameters that are None are left out."""
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        return self._send("GET", service, path, params=given)

    def pages(self, service: str, path: str, key: str, **parameters: object) -> Iterator[Document]:
        """Yield the rows of a paged answer, following its ``next``."""
        after: str | None = None
        while True:
            page = self.get(service, path, after=after, limit=PAGE, **parameters)
            yield from page[key]
            after = page.get("next")
            if after is None:
                return

    def post(self, service: str, path: str, body: Mapping[str, object]) -> Document:
        """Give a command to a service, in the principal's name."""
        token = self._token or token_of(self.record, self._principal)
        headers = {"authorization": f"Bearer {token}"}
        return self._send("POST", service, path, json=dict(body), headers=headers)

    def _send(self, method: str, service: str, path: str, **options: Any) -> Document:  # noqa: ANN401 - httpx's options
        address = self.url(service) + path
        try:
            response = self._http.request(method, address, **options)
        except httpx.HTTPError as error:
            raise Unreachable(
                "NO_ANSWER",
                f"{service} does not answer at {address}",
                expected=f"an answer within {PATIENCE_S:g} s",
                found=type(error).__name__,
                hint=f"see `tidegate status` and `tidegate logs {service}`",
            ) from error
        return _judged(service, response)


def _judged(service: str, response: httpx.Response) -> Document:
    try:
        document: Document = response.json()
    except ValueError:
        document = {}
    if response.is_success:
        return document
    raise _error(service, response.status_code, document)


def _error(service: str, status: int, document: Document) -> CommandError:
    said: Document = document.get("error") or document
    code = str(said.get("code") or f"HTTP_{status}")
    message = str(said.get("message") or f"{service} answered {status}")
    parts = {name: str(said.get(name) or "") for name in ("expected", "found", "hint")}
    kind: type[CommandError] = Refused if status in _REFUSED_STATUS else Failed
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        kind = Unreachable
    return kind(code, message, **parts)
