"""One asset at all venues, and one class of assets, are at most a share of equity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules.marginal_ceiling import Measure, refused_beyond

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal
    from tidegate_risk.core.refusals import Refused

ASSET = Measure(
    code=Code.CONCENTRATION,
    name="asset_exposure",
    what="an asset's worst case at all venues of",
    setting="asset_exposure_max_fraction",
    asked="asset",
)
ASSET_CLASS = Measure(
    code=Code.CONCENTRATION,
    name="asset_class_exposure",
    what="the worst case of a class of assets of",
    setting="asset_class_exposure_max_fraction",
    asked="asset_class",
)


def check(proposal: Proposal) -> Refused | None:
    """Refuse what puts too much into one asset, or into one class of assets."""
    return refused_beyond(ASSET, proposal) or refused_beyond(ASSET_CLASS, proposal)
