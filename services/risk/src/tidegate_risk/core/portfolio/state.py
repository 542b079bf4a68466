"""What portfolio risk remembers: sampled closes and the stops of approved entries.

Estimates follow from the closes alone, so they are not remembered but worked out: by a session on
the wall's clock while it handles the bar that makes them due, by a lockstep session, where nobody
waits, when a decision first asks. Both get the same, because estimates hold the rows up to the last
multiple of the declared interval, whenever they are worked out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_risk.core.portfolio.estimates import Estimates
from tidegate_risk.core.portfolio.heat import Heat, Stops, share_of, stop_of
from tidegate_risk.core.portfolio.sampling import Samples, SamplesSnapshot
from tidegate_risk.core.portfolio.stress import Shocks

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits
    from tidegate_risk.core.portfolio.stress import Scenario
    from tidegate_risk.core.question import Proposal

DAILY_SAMPLES_MAX = 500
HOURLY_SAMPLES_MAX = 720
INTERVAL_DAYS_MAX = 7
"""An interval between estimates may be this long: so many rows are kept beyond the samples."""


class PortfolioSnapshot(msgspec.Struct, frozen=True):
    """What portfolio risk remembers, as it is written down."""

    samples: SamplesSnapshot
    stops: dict[str, Decimal]


class PortfolioRisk:
    """Sampled closes, the stops of approved entries, and what follows from them."""

    def __init__(self) -> None:
        self.samples = Samples(
            DAILY_SAMPLES_MAX + 1 + INTERVAL_DAYS_MAX,
            HOURLY_SAMPLES_MAX + 1 + 24 * INTERVAL_DAYS_MAX,
        )
        self.stops: Stops = {}
        self.heat = Heat(self.stops)
        self._estimates: tuple[tuple[int, ...], Estimates | None] = ((), None)
        self._shocks = Shocks(())

    def estimates(self, limits: Limits) -> Estimates | None:
        """Return the estimates of the newest interval that is over; None with too few rows.

        Rows of an interval that is not over change nothing, so they are not looked at.
        """
        daily, hourly = self.samples.daily, self.samples.hourly
        interval_ns = limits.estimate_interval_ns
        key = (
            daily.newest_ns // interval_ns,
            hourly.newest_ns // interval_ns,
            daily.forgotten,
            hourly.forgotten,
            interval_ns,
            limits.estimate_days_min,
            limits.estimate_hours_min,
        )
        if self._estimates[0] != key:
            self._estimates = key, self._newest(limits, self._estimates[1])
        return self._estimates[1]

    def refresh(self, limits: Limits) -> None:
        """Work out now what a decision would otherwise have to wait for."""
        estimates = self.estimates(limits)
        if estimates is not None:
            estimates.work_out()

    def remember_stop(self, proposal: Proposal) -> None:
        """Keep the stop of an approved entry; one without a stop ends an earlier one."""
        question, stop = proposal.question, stop_of(proposal)
        share = share_of(question.signal.strategy, question.listing)
        self.heat.touch(share)
        if stop is None:
            self.stops.pop(share, None)
        else:
            self.stops[share] = stop

    def shocks(self, scenarios: tuple[Scenario, ...]) -> Shocks:
        """Return what the scenarios do to prices."""
        if self._shocks.scenarios is not scenarios:
            self._shocks = Shocks(scenarios)
        return self._shocks

    def _newest(self, limits: Limits, known: Estimates | None) -> Estimates | None:
        for window, samples_max, samples_min in (
            (self.samples.daily, DAILY_SAMPLES_MAX, limits.estimate_days_min),
            (self.samples.hourly, HOURLY_SAMPLES_MAX, limits.estimate_hours_min),
        ):
            as_of_ns = window.newest_ns // limits.estimate_interval_ns
            as_of_ns *= limits.estimate_interval_ns
            begin, end = window.rows(as_of_ns)
            if end - begin <= samples_min:
                continue
            found = Estimates(window, as_of_ns, samples_max=samples_max, samples_min=samples_min)
            return known if known is not None and known.is_like(found) else found
        return None


def encode_portfolio(value: object) -> PortfolioSnapshot:
    """Return what is written down of a `PortfolioRisk`; for the encoder of a state."""
    assert isinstance(value, PortfolioRisk)
    return PortfolioSnapshot(samples=value.samples.snapshot(), stops=value.stops)


def decode_portfolio(kind: type, written: Any) -> PortfolioRisk:  # noqa: ANN401 - as it was read
    """Return the `PortfolioRisk` that was written down; for the decoder of a state."""
    assert kind is PortfolioRisk
    read = msgspec.convert(written, PortfolioSnapshot, builtin_types=(bytes,))
    made = PortfolioRisk()
    made.samples.load(read.samples)
    made.stops.update(read.stops)
    return made
