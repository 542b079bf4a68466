"""`tidegate init`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tidegate_cli.errors import Misused
from tidegate_cli.output import Output

TEMPLATES = ("demo", "csv", "alpaca-paper", "ccxt")


def run(output: Output, template: str, path: Path, *, force: bool) -> None:
    """Write a template; a file that is there is kept unless it may be replaced."""
    if template not in TEMPLATES:
        raise Misused(
            "UNKNOWN_TEMPLATE",
            f"there is no template {template!r}",
            expected=" or ".join(TEMPLATES),
            found=template,
        )
    if path.exists() and not force:
        raise Misused(
            "FILE_EXISTS",
            f"{path} is there already",
            expected="no such file",
            found=str(path),
            hint="name another with --path, or replace it with --force",
        )
    text = files("tidegate_cli").joinpath("templates", f"{template}.yaml").read_text("utf-8")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misused(
            "NOT_WRITTEN",
            f"{path} cannot be written",
            expected="a folder that is there, and that you may write",
            found=error.strerror or "",
            hint="make the folder, or name another file with --path",
        ) from error
    output.text(f"wrote {path}; next: `tidegate config check`, then `tidegate up`")
    output.result({"path": str(path.absolute()), "template": template})
