"""The channels, against a real HTTP server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog

from tidegate_alerts.adapters.addresses import channels_of
from tidegate_alerts.adapters.channels import (
    AppriseChannel,
    ChannelsPort,
    LogChannel,
    apprise_address,
    configured,
)
from tidegate_alerts.config import settings_of
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.problem import ConfigurationError
from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.alerts import Alert, AlertDelivered, AlertState, DeliverAlert, Severity
from tidegate_kernel.time import NS_PER_SECOND

# Apprise imports a module that Python will remove after the version that we run on.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

ALERT = Alert(
    session="demo",
    alert_id="gate-1",
    rule="gate",
    severity=Severity.CRITICAL,
    state=AlertState.RAISED,
    title="Gate raised to HALTED for all",
    text="By operator: drill",
    event_at_ns=1_704_067_200 * NS_PER_SECOND,
    occurrences=3,
)


class Receiver(ThreadingHTTPServer):
    """A webhook that keeps what it gets."""

    # A thread that waits for `released` must not keep the test from ending.
    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents: list[dict[str, Any]] = []
        self.status = 200
        self.released = threading.Event()
        self.released.set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/alerts"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        length = int(self.headers["content-length"])
        self.server.documents.append(json.loads(self.rfile.read(length)))
        self.server.released.wait(10)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Serve a webhook while the test runs."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Lend threads while the test runs."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


async def test_a_webhook_gets_the_alert_as_json(
    receiver: Receiver, threads: ThreadPoolExecutor
) -> None:
    """Title, text, kind, and everything that identifies the alert."""
    assert await AppriseChannel(receiver.url, 60, threads).deliver(ALERT) == ""
    (document,) = receiver.documents
    assert document["title"] == "[critical] demo: Gate raised to HALTED for all"
    assert document["message"].splitlines() == [
        "By operator: drill",
        "gate, 3 times, at 2024-01-01T00:00:00Z, id gate-1",
    ]
    assert document["type"] == "failure"


async def test_a_resolved_alert_is_good_news(
    receiver: Receiver, threads: ThreadPoolExecutor
) -> None:
    """It is sent as a success and says that it is resolved."""
    alert = Alert(title="Feed goes on", session="demo", state=AlertState.RESOLVED)
    await AppriseChannel(receiver.url, 60, threads).deliver(alert)
    (document,) = receiver.documents
    assert (document["type"], document["title"]) == ("success", "[resolved] demo: Feed goes on")


async def test_a_webhook_that_refuses_is_a_failed_delivery(
    receiver: Receiver, threads: ThreadPoolExecutor
) -> None:
    """A status of 500 is an answer with a reason, not an exception."""
    receiver.status = 500
    port = ChannelsPort({"phone": AppriseChannel(receiver.url, 60, threads)})
    before = PROCESS.value(names.ALERT_FAILURES, ("phone",))
    answer = await port.call(DeliverAlert(channel="phone", alert=ALERT), "r1")
    assert answer == AlertDelivered(
        channel="phone", delivered=False, reason="the service did not take it"
    )
    assert PROCESS.value(names.ALERT_FAILURES, ("phone",)) == before + 1


async def test_a_webhook_that_hangs_is_given_up_after_its_time(
    receiver: Receiver, threads: ThreadPoolExecutor
) -> None:
    """The deadline holds although the thread still waits."""
    receiver.released.clear()
    reason = await AppriseChannel(receiver.url, 0.05, threads).deliver(ALERT)
    receiver.released.set()
    assert reason == "no answer within 0.05 s"


async def test_the_log_channel_writes_one_line_at_the_level_of_the_severity() -> None:
    """The line carries what identifies the alert."""
    with structlog.testing.capture_logs() as lines:
        port = ChannelsPort({"log": LogChannel()})
        answer = await port.call(DeliverAlert(channel="log", alert=ALERT), "r1")
    assert answer.delivered
    (line,) = lines
    assert (line["log_level"], line["event"], line["alert"]) == ("error", ALERT.title, "gate-1")


def test_web_addresses_become_json_webhooks() -> None:
    """Apprise's own addresses stay as they are."""
    assert apprise_address("https://example.org/hook") == "jsons://example.org/hook"
    assert apprise_address("http://example.org/hook") == "json://example.org/hook"
    assert apprise_address("ntfy://topic") == "ntfy://topic"


def test_apprise_says_which_addresses_it_knows() -> None:
    """A typo is found at the start, not with the first alert."""
    assert configured("https://example.org/hook")
    assert not configured("carrier-pigeon://loft")


def test_addresses_come_from_the_environment_by_name() -> None:
    """A log channel needs none; a webhook's is read from the variable that it names."""
    section = {
        "channels": [
            {"name": "log", "kind": "log"},
            {"name": "phone", "kind": "webhook", "url_env": "PHONE_URL"},
        ]
    }
    environment = Environment({"PHONE_URL": "https://example.org/hook"}, {})
    assert list(channels_of(settings_of(section), environment)) == ["log", "phone"]


def test_missing_and_strange_addresses_are_reported_together() -> None:
    """One error names every variable, and never what it holds."""
    section = {
        "channels": [
            {"name": "phone", "kind": "webhook", "url_env": "PHONE_URL"},
            {"name": "mail", "kind": "apprise", "url_env": "MAIL_URL"},
        ]
    }
    environment = Environment({"MAIL_URL": "pigeon://swordfish"}, {})
    with pytest.raises(ConfigurationError) as caught:
        channels_of(settings_of(section), environment)
    assert [problem.path for problem in caught.value.problems] == [
        "alerts.channels.0.url_env",
        "alerts.channels.1.url_env",
    ]
    assert "PHONE_URL" in str(caught.value)
    assert "swordfish" not in str(caught.value)
