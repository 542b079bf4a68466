"""alpaca-py answered without a network: documents by path, beneath the client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter


class _Documents(BaseAdapter):
    """Answers each path with its documents, one a request; the last again and again."""

    def __init__(self, documents: Mapping[str, list[object]]) -> None:
        super().__init__()
        self._left = {path: list(each) for path, each in documents.items()}

    def send(self, request: PreparedRequest, *_: object, **__: object) -> Response:
        """Answer one request."""
        path = unquote(urlsplit(str(request.url)).path)
        found = self._left[path]
        answer = Response()
        answer.status_code = 200
        answer.url, answer.request = str(request.url), request
        answer._content = json.dumps(found.pop(0) if len(found) > 1 else found[0]).encode()
        return answer

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def answered(documents: Mapping[str, list[object]]) -> Iterator[None]:
    """Let every request of `requests` be answered by documents, by path."""
    place = _Documents(documents)
    with patch.object(Session, "get_adapter", lambda *_, **__: place):
        yield
