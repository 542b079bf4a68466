"""docker-compose.yml, as the real Compose resolves it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.security.redaction import redacted_text

ROOT = Path(__file__).parents[2]
SERVERS = ("nats", "postgres", "valkey")
VIEWS = ("prometheus", "jaeger")
JOBS = ("credentials", "deploy")
OURS = (*JOBS, *SERVICE_NAMES)
TAG = re.compile(r"[\w./-]+:v?\d[\w.-]*")

Model = dict[str, Any]


def _service(compose: Model, name: str) -> Model:
    service: Model = compose["services"][name]
    return service


def test_the_whole_platform_is_there(compose: Model) -> None:
    """The jobs, the servers, the six services and what shows them: no more, no less."""
    assert set(compose["services"]) == {*OURS, *SERVERS, *VIEWS}


@pytest.mark.parametrize("name", OURS)
def test_our_images_are_built_from_their_own_dockerfile(compose: Model, name: str) -> None:
    """The context is the repository; the file is the services', told which, or the deploy job's."""
    served = name in SERVICE_NAMES
    own = f"deploy/{'images/service.Dockerfile' if served else 'compose/Dockerfile'}"
    build = _service(compose, name)["build"]
    assert Path(build["context"]) == ROOT
    assert build["dockerfile"] == own
    assert build.get("args", {}) == ({"SERVICE": name} if served else {})
    assert (ROOT / own).is_file()


def test_every_image_has_a_tag_with_a_version(compose: Model) -> None:
    """No image is `latest`, said or unsaid."""
    images = {name: each["image"] for name, each in compose["services"].items()}
    assert not {name: image for name, image in images.items() if not TAG.fullmatch(image)}


def test_every_published_port_is_on_loopback_and_published_once(compose: Model) -> None:
    """Nothing can be reached from another machine; servers publish nothing."""
    ports = [
        (name, port) for name, each in compose["services"].items() for port in each.get("ports", [])
    ]
    assert {name for name, _ in ports} == {*SERVICE_NAMES, *VIEWS}
    assert {port["host_ip"] for _, port in ports} == {"127.0.0.1"}
    assert len({port["published"] for _, port in ports}) == len(ports)


def test_every_container_is_confined(compose: Model) -> None:
    """Read-only, no new privileges, no capabilities but PostgreSQL's, and bounded."""
    for name, each in compose["services"].items():
        assert each["read_only"], name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each["cap_drop"] == ["ALL"], name
        assert bool(each.get("cap_add")) == (name == "postgres"), name
        assert int(each["mem_limit"]) > 0, name
        assert int(each["pids_limit"]) > 0, name


def test_no_secret_is_in_the_file(compose: Model) -> None:
    """No value of any variable, argument or health check holds a password."""
    texts = list(_texts(compose))
    assert texts
    assert [text for text in texts if redacted_text(text) != text] == []


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def test_everything_that_stays_is_health_checked(compose: Model) -> None:
    """Each check is a command whose arguments have no spaces; jobs end instead."""
    for name, each in compose["services"].items():
        if name in JOBS:
            assert "healthcheck" not in each
            continue
        kind, *arguments = each["healthcheck"]["test"]
        assert kind == "CMD", name
        assert arguments, name
        assert not [argument for argument in arguments if " " in argument], name


def test_services_start_when_what_they_need_is_there(compose: Model) -> None:
    """A service waits for the deploy job's end; the job waits for the servers it prepares."""
    conditions = {
        name: {other: each["condition"] for other, each in depends.items()}
        for name, service in compose["services"].items()
        if (depends := service.get("depends_on"))
    }
    done, healthy = "service_completed_successfully", "service_healthy"
    for name in SERVICE_NAMES:
        assert conditions[name] == {"deploy": done, "nats": healthy, "postgres": healthy}
    assert conditions["deploy"] == {"credentials": done, "nats": healthy, "postgres": healthy}
    for name in SERVERS:
        assert conditions[name] == {"credentials": done}


@pytest.mark.parametrize("reader", [*SERVICE_NAMES, *SERVERS])
def test_a_reader_sees_its_own_secrets_only(compose: Model, reader: str) -> None:
    """Beside the jobs, who make them, one container mounts a volume of secrets, read-only."""
    users = {
        name: mount
        for name, each in compose["services"].items()
        for mount in each.get("volumes", [])
        if mount["source"] == f"{reader}-secrets" and name not in JOBS
    }
    assert set(users) == {reader}
    assert users[reader]["read_only"]
    foreign = [
        mount["source"]
        for mount in _service(compose, reader)["volumes"]
        if mount["source"].endswith("-secrets") and mount["source"] != f"{reader}-secrets"
    ]
    assert foreign == []


def test_the_file_with_the_kill_is_kept(compose: Model) -> None:
    """Execution's data folder outlives its container: killed stays killed."""
    mounts = {each["target"]: each for each in _service(compose, "execution")["volumes"]}
    kept = mounts["/var/lib/tidegate/data"]
    assert kept["type"] == "volume"
    assert not kept.get("read_only")


def test_every_configuration_that_is_mounted_exists(compose: Model) -> None:
    """Each points at a file of the repository."""
    files = {name: Path(each["file"]) for name, each in compose["configs"].items()}
    assert {name for name, path in files.items() if not path.is_file()} == set()
    mounts = [m for each in compose["services"].values() for m in each.get("configs", [])]
    assert {mount["source"] for mount in mounts} == set(files)
