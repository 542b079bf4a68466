from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_chassis.configuration import ConfigurationError, Runtime


def variables(path: Path) -> dict[str, str]:
    """Everything that the market-data service must be told."""
    credentials = path.parent / "market-data.creds"
    credentials.write_text("market-data:secret:with:colons\n")
    return {
        "TIDEGATE_CONFIG": str(path),
        "TIDEGATE_HOME": str(path.parent),
        "TIDEGATE_MARKET_DATA_NATS_CREDS": str(credentials),
        "TIDEGATE_HTTP_PORT": "17001",
        "NATS_URL": "nats://127.0.0.1:4222",
        "DATABASE_URL": "postgresql://shared@h/x",
        "TIDEGATE_MARKET_DATA_DATABASE_URL": "postgresql://own:pw@h/x",
    }


def test_a_service_reads_what_the_supervisor_hands_it(good: Path) -> None:
    """Its own database wins over the shared one; files default to the instance's folder."""
    runtime = Runtime.from_environment("market-data", variables(good))
    assert (runtime.nats_user, runtime.nats_password) == ("market-data", "secret:with:colons")
    assert runtime.database_url == "postgresql://own:pw@h/x"
    assert runtime.secrets_folder == good.parent / "secrets"
    assert runtime.verify_key_file == good.parent / "secrets" / "risk.verify-key.pem"
    assert runtime.signing_key_file is None
    assert runtime.trading_mode == "paper"
    assert runtime.load_configuration().session("demo").name == "demo"


def test_only_risk_has_a_signing_key(good: Path) -> None:
    """Verdicts are signed by risk and checked by everyone."""
    found = {**variables(good), "TIDEGATE_RISK_NATS_CREDS": str(good.parent / "market-data.creds")}
    signing = Runtime.from_environment("risk", found).signing_key_file
    assert signing == good.parent / "secrets" / "risk.signing-key.pem"


def test_everything_that_is_missing_is_said_together(good: Path) -> None:
    """A container that lacks four variables says so once, with their names."""
    with pytest.raises(ConfigurationError) as caught:
        Runtime.from_environment("risk", {"TIDEGATE_CONFIG": str(good)})
    text = str(caught.value)
    for name in ("NATS_URL", "TIDEGATE_RISK_NATS_CREDS", "DATABASE_URL", "TIDEGATE_HTTP_PORT"):
        assert name in text


def test_passwords_do_not_show_in_a_runtimes_text(good: Path) -> None:
    """A settings object ends up in logs sooner or later."""
    shown = repr(Runtime.from_environment("market-data", variables(good)))
    assert "secret:with:colons" not in shown
    assert ":pw@" not in shown
