"""A service's container hands its process a complete environment, and nothing that is not read."""

import re
from pathlib import Path
from typing import Any

import pytest

from tidegate_chassis.configuration import SERVICE_NAMES, Runtime, load_configuration
from tidegate_chassis.security.signing import Signer, Verifier
from tidegate_cli.deployment.handout import hand_out_databases

ROOT = Path(__file__).parents[2]
HOME = "/var/lib/tidegate"
ENVIRONMENT = re.compile(r"^ENV ((?:.*\\\n)*.*)$", re.MULTILINE)


class Noted(dict[str, str]):
    """Variables that remember which of them were asked for."""

    def __init__(self, variables: dict[str, str]) -> None:
        """Take the variables; nothing has been asked for yet."""
        super().__init__(variables)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as a dict's own
        """Return a variable and note its name."""
        self.asked.add(name)
        return super().get(name, default)


@pytest.fixture(params=SERVICE_NAMES)
def service(request: pytest.FixtureRequest) -> str:
    """Name one service after the other."""
    return str(request.param)


@pytest.fixture
def variables(service: str, compose: dict[str, Any], dockerfile: str, secrets: Path) -> Noted:
    """Return the container's variables, with its folders moved to where the job wrote here."""
    hand_out_databases(secrets, {service: "postgresql://role@postgres:5432/database"})
    final_stage = dockerfile.rpartition("\nFROM ")[2]
    text = "\n".join(ENVIRONMENT.findall(final_stage)).replace("\\\n", " ")
    image = dict(pair.split("=", 1) for pair in text.split())
    given = {**image, **compose["services"][service]["environment"]}
    configuration = compose["configs"]["tidegate"]["file"]
    moved = {
        name: value.replace(f"{HOME}/secrets", str(secrets / service)).replace(
            "/etc/tidegate/tidegate.yaml", configuration
        )
        for name, value in given.items()
    }
    return Noted({**moved, "TIDEGATE_SECRETS_DIR": str(secrets / service)})


def test_a_service_starts_with_what_it_is_given(service: str, variables: Noted) -> None:
    """Runtime reads the environment without a problem, credentials and addresses included."""
    runtime = Runtime.from_environment(service, variables)
    assert runtime.nats_user == service
    assert runtime.nats_url == "nats://nats:4222"
    assert runtime.database_url.startswith("postgresql://")
    assert (runtime.redis_url is not None) == (service == "market-data")
    assert runtime.http_host == "0.0.0.0"  # noqa: S104 - inside its container
    assert runtime.trading_mode == "paper"
    assert runtime.load_configuration() == load_configuration(runtime.configuration_path)


def test_every_variable_in_compose_is_read(
    service: str, variables: Noted, compose: dict[str, Any]
) -> None:
    """A name that Runtime does not ask for would be a setting without effect."""
    Runtime.from_environment(service, variables)
    given = set(compose["services"][service]["environment"])
    assert given <= variables.asked


def test_only_risk_can_sign_and_everybody_can_verify(service: str, variables: Noted) -> None:
    """Risk's key is in risk's volume; its public half is in all six, and they fit."""
    runtime = Runtime.from_environment(service, variables)
    verifier = Verifier.load(runtime.verify_key_file)
    signers = sorted(runtime.secrets_folder.glob("*.signing-key.pem"))
    assert bool(signers) == (service == "risk")
    for path in signers:
        signature = Signer.load(path).sign(b"payload", b"context")
        assert verifier.verify(b"payload", b"context", signature)
