"""Asks the services of an instance over HTTP.

Of a service with several replicas the first that answers is taken: any of them reads for all, and
one that stands by hands a command on to whoever leads.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tidegate_cli.errors import CommandError, Failed, Misused, Refused, Unreachable
from tidegate_cli.instances import InstanceRecord

PATIENCE_S = 10.0
# With one replica that does not answer the next is asked.
REPLICA_PATIENCE_S = 2.0
PAGE = 1_000
RUNNING = "running"
# Services speak plain HTTP. By itself httpx reads all authorities of the machine for every client,
# 40 ms of a processor, though none is ever asked; this context trusts nobody.
TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Document = dict[str, Any]
_REFUSED_STATUS = {401, 403, 409}


def token_of(record: InstanceRecord, principal: str | None) -> str:
    """Return the bearer token of a principal: ``--as``, else `TIDEGATE_TOKEN`, else operator."""
    return token_in(record.secrets, principal)


def token_in(secrets: Path, principal: str | None) -> str:
    """Return a principal's token from a folder of secrets; see `token_of`."""
    variable = os.environ.get("TIDEGATE_TOKEN")
    if principal is None and variable:
        return variable
    name = principal or "operator"
    path = secrets / f"{name}.token"
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in secrets.glob("*.token"))) or "none"
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
        self._http = httpx.Client(timeout=PATIENCE_S, trust_env=False, verify=TRUSTING_NOBODY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def urls(self, service: str) -> tuple[str, ...]:
        """Return the addresses of a service's replicas, one at least."""
        addresses = self.record.addresses(service)
        if not addresses:
            raise Unreachable(
                "NOT_RUNNING",
                f"{service} does not run in instance {self.record.instance}",
                expected=f"one of {', '.join(self.record.http) or 'no service yet'}",
                found=service,
                hint="see `tidegate status`",
            )
        return addresses

    def get(self, service: str, path: str, **parameters: object) -> Document:
        """Ask a service; parameters that are None are left out."""
        given = {name: str(value) for name, value in parameters.items() if value is not None}
        return self._send("GET", service, path, params=given)

    def shards(self, service: str) -> list[Document]:
        """Return a service's shards, each as the replica says that leads it, if one does."""
        found: dict[str, Document] = {}
        failure: CommandError | None = None
        for url in self.urls(service):
            try:
                answer = self._ask(service, "GET", f"{url}/v1/shards", REPLICA_PATIENCE_S)
            except CommandError as error:
                failure = error
                continue
            for shard in answer["shards"]:
                known = found.get(shard["shard"])
                if known is None or known["state"] != RUNNING:
                    found[shard["shard"]] = shard
        if not found and failure is not None:
            raise failure
        return list(found.values())

    def sessions(self, service: str, path: str, session: str | None) -> list[Document]:
        """Return each session's part of an answer, from whichever replica leads it."""
        found: dict[str, Document] = {}
        failure: CommandError | None = None
        given = {} if session is None else {"session": session}
        for url in self.urls(service):
            try:
                answer = self._ask(service, "GET", url + path, PATIENCE_S, params=given)
            except CommandError as error:
                failure = error
                continue
            for part in answer["sessions"]:
                found.setdefault(part["session"], part)
        if not found and failure is not None:
            raise failure
        return list(found.values())

    def look_at(self, process: str, path: str) -> Document:
        """Ask one process, whatever other replicas there are."""
        return self._ask(process, "GET", self.record.http[process] + path, REPLICA_PATIENCE_S)

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
        return self._send("POST", service, path, json=dict(body), headers=self._named())

    def work(
        self, service: str, path: str, body: Mapping[str, object], patience_s: float
    ) -> Document:
        """Ask a service for something that takes its time; of its replicas only the first."""
        address, headers = self.urls(service)[0] + path, self._named()
        return self._ask(service, "POST", address, patience_s, json=dict(body), headers=headers)

    def _named(self) -> dict[str, str]:
        """Return the header that names the principal."""
        return {"authorization": f"Bearer {self._token or token_of(self.record, self._principal)}"}

    def _send(self, method: str, service: str, path: str, **options: Any) -> Document:  # noqa: ANN401 - httpx's options
        *others, last = self.urls(service)
        for url in others:
            try:
                return self._ask(service, method, url + path, REPLICA_PATIENCE_S, **options)
            except Unreachable:
                continue
        return self._ask(service, method, last + path, PATIENCE_S, **options)

    def _ask(
        self,
        service: str,
        method: str,
        address: str,
        patience_s: float,
        **options: Any,  # noqa: ANN401 - httpx's options
    ) -> Document:
        try:
            response = self._http.request(method, address, timeout=patience_s, **options)
        except httpx.HTTPError as error:
            raise Unreachable(
                "NO_ANSWER",
                f"{service} does not answer at {address}",
                expected=f"an answer within {patience_s:g} s",
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
    if status == httpx.codes.UNPROCESSABLE_ENTITY:
        kind = Misused
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        kind = Unreachable
    return kind(code, message, **parts)
