"""Every command, in the order of the help; the options of each are in the modules named here.

What a command does is in its module of `commands`, imported when it runs: that keeps the help fast.
"""

from __future__ import annotations

import typer

from tidegate_cli import (
    accounting,
    backtesting,
    configuring,
    deploying,
    gating,
    keeping,
    listing,
    optimising,
    ordering,
    risking,
    running,
    simulating,
    sweeping,
)

application = typer.Typer(
    name="tidegate",
    help="A self-hosted trading platform with a kill switch that fails closed. Every command "
    "takes --json: stdout then ends with one JSON object on one line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
application.add_typer(configuring.config, name="config")
application.add_typer(gating.gate, name="gate")
application.add_typer(risking.risk, name="risk")
application.add_typer(ordering.order, name="order")
application.add_typer(accounting.account, name="account")
application.add_typer(deploying.deploy, name="deploy")
application.add_typer(keeping.admin, name="admin")

application.command()(configuring.init)
application.command()(running.up)
application.command()(running.down)
application.command()(running.status)
application.command()(running.demo)
application.command()(backtesting.backtest)
application.command()(sweeping.sweep)
application.command("walk-forward")(sweeping.walk_forward)
application.command("sweep-worker")(sweeping.sweep_worker)
application.command()(simulating.simulate)
application.command()(keeping.backup)
application.command()(keeping.restore)
application.command()(keeping.upgrade)
application.command(epilog=optimising.EXAMPLES)(optimising.optimise)
application.command()(gating.kill)
application.command()(listing.tap)
application.command()(listing.orders)
application.command()(listing.positions)
application.command()(listing.replay)
application.command()(listing.explain)
application.command()(configuring.doctor)
application.command()(running.logs)
application.command()(running.version)
