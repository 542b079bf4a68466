"""`tidegate deploy nats-config|sql`: what your own servers need, as text on stdout."""

from __future__ import annotations

from pathlib import Path

from tidegate_chassis.configuration import SERVICE_NAMES, Layout
from tidegate_chassis.database import deploy_sql
from tidegate_cli.configured import load_judged
from tidegate_cli.instances import home
from tidegate_cli.output import Output
from tidegate_cli.supervisor.credentials import (
    credentials_file,
    ensure_database_passwords,
    ensure_nats_passwords,
)
from tidegate_cli.supervisor.servers import credentials_variable
from tidegate_cli.supervisor.topology import definitions_of, shards_of


def nats_config(output: Output, file: Path | None) -> None:
    """Print the accounts; the credentials' files are made and named."""
    from tidegate_contracts.deploy import nats_config as rendered

    configuration = load_judged(file).configuration
    secrets = _secrets()
    passwords = ensure_nats_passwords(secrets)
    text = rendered(passwords, shards_of(configuration, definitions_of(configuration)))
    files = {credentials_variable(user): str(credentials_file(secrets, user)) for user in passwords}
    for variable, path in files.items():
        output.progress(f"{variable}={path}")
    output.text(text)
    output.result({"configuration": text, "credentials": files})


def sql(output: Output) -> None:
    """Print the psql script; roles have the passwords of the secrets folder."""
    secrets = _secrets()
    text = deploy_sql(SERVICE_NAMES, ensure_database_passwords(secrets))
    output.progress(f"passwords are in {secrets}: database-<service>.password")
    output.text(text)
    output.result({"sql": text, "secrets": str(secrets)})


def _secrets() -> Path:
    layout = Layout(home())
    layout.make()
    return layout.secrets
