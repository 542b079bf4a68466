"""A small OTLP/HTTP collector for tests: it takes real requests and decodes real protobuf."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

_PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """A span as it arrived. Ids are lowercase hex; ``parent_span_id`` is empty for a root."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_span_id: str
    start_ns: int
    end_ns: int
    attributes: dict[str, Any]
    links: tuple[tuple[str, str], ...]


class _Server(ThreadingHTTPServer):
    # Six services may connect at the same moment; more than the library's five may wait.
    request_queue_size = 128


class SpanCollector:
    """Listens on loopback and keeps every span it is sent, once: senders may repeat themselves."""

    def __init__(self) -> None:
        """Listen, but answer only from `__enter__` on."""
        self._spans: dict[str, CollectedSpan] = {}
        self._arrived = threading.Condition()
        self._refusals = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="collector", daemon=True
        )

    @property
    def endpoint(self) -> str:
        """The address to configure as the OTLP endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spans(self) -> list[CollectedSpan]:
        """Return every span that has arrived so far."""
        with self._arrived:
            return list(self._spans.values())

    def wait_for(
        self,
        condition: Callable[[list[CollectedSpan]], bool],
        patience_s: float = _PATIENCE_S,
    ) -> list[CollectedSpan]:
        """Wait until the spans satisfy ``condition`` and return them; fail with what came."""
        with self._arrived:
            met = self._arrived.wait_for(lambda: condition(list(self._spans.values())), patience_s)
            arrived = list(self._spans.values())
        names = sorted({f"{span.service}: {span.name}" for span in arrived})
        assert met, f"expected other spans within {patience_s} s, found {names}"
        return arrived

    def edges(self, trace_id: str) -> set[tuple[str, str]]:
        """Return which service's span has which service's span as its parent, in one trace."""
        spans = {span.span_id: span for span in self.spans if span.trace_id == trace_id}
        return {
            (spans[span.parent_span_id].service, span.service)
            for span in spans.values()
            if span.parent_span_id in spans
        }

    def refuse_next(self, times: int) -> None:
        """Answer the next requests with 503, as a collector that is overloaded."""
        self._refusals = times

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, body: bytes) -> bool:
        """Decode one request; False when it is to be refused."""
        if self._refusals:
            self._refusals -= 1
            return False
        with self._arrived:
            for span in _decoded(ExportTraceServiceRequest.FromString(body)):
                self._spans.setdefault(f"{span.trace_id}{span.span_id}", span)
            self._arrived.notify_all()
        return True


def _decoded(request: ExportTraceServiceRequest) -> Iterator[CollectedSpan]:
    for resource in request.resource_spans:
        service = str(_attributes(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield CollectedSpan(
                    service=service,
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_span_id=span.parent_span_id.hex(),
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    attributes=_attributes(span.attributes),
                    links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                )


def _attributes(pairs: Any) -> dict[str, Any]:  # noqa: ANN401 - protobuf's repeated KeyValue
    return {
        pair.key: getattr(pair.value, kind)
        for pair in pairs
        if (kind := pair.value.WhichOneof("value")) is not None
    }


def _handler(collector: SpanCollector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take one export."""
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            found = self.path == "/v1/traces"
            answer = ExportTraceServiceResponse().SerializeToString()
            status = 404 if not found else 200 if collector.take(body) else 503
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
            """Say nothing."""

    return Handler
