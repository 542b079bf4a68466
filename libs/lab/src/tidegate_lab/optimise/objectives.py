"""How weights are found: five methods, all of them skfolio's.

==================  ==============================================================================
``maximum-sharpe``  the highest mean return for its standard deviation (H. Markowitz, Portfolio
                    Selection (1952); W. Sharpe, Mutual Fund Performance (1966)). Means of a few
                    hundred days are mostly noise, and so are these weights.
``minimum-variance``  the lowest variance
``cvar``            the lowest mean loss of the worst 5 % of days (R. Rockafellar and S. Uryasev,
                    Optimization of conditional value-at-risk (2000))
``risk-parity``     every position adds the same share of the variance (S. Maillard, T. Roncalli
                    and J. Teiletche, The Properties of Equally Weighted Risk Contribution
                    Portfolios (2010))
``hrp``             hierarchical risk parity: variance is split along a tree of what moves
                    together (M. López de Prado, Building Diversified Portfolios that Outperform
                    Out of Sample (2016))
==================  ==============================================================================

Weights are of what is invested: none below 0, none above a bound, together 1. Covariances are
shrunk as risk's are (Ledoit and Wolf), means are those of the sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate_lab.optimise.errors import OptimiseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

CVAR_BETA = 0.95
SMALLEST = 1e-4
"""A weight below this is what the solver left over, and counts as none."""
PLACES = 6


def weights_by(method: str, returns: Reals, weight_max: float) -> Reals:
    """Return the weights (n,) by a method of ``returns`` (n, T); none is above ``weight_max``.

    They are rounded to `PLACES` decimals.
    """
    make = method_of(method)
    count = len(returns)
    if weight_max * count < 1:
        raise OptimiseError(
            "the largest weight",
            f"at least 1/{count}, for {count} symbols have to take everything that is invested",
            f"{weight_max:g}",
            "more symbols, a larger --weight-max, or a smaller --invested",
        )
    if count == 1:
        return np.ones(1)
    if method == "maximum-sharpe" and float(returns.mean(axis=1).max()) <= 0:
        raise OptimiseError(
            "maximum-sharpe",
            "a symbol with a mean return above 0",
            "none",
            "minimum-variance, cvar, risk-parity and hrp do without means",
        )
    return _cleaned(_solved(method, make(weight_max), returns))


def method_of(name: str) -> Callable[[float], Any]:
    """Return what makes a method's optimiser; an unknown name is an error that lists them."""
    if name not in METHODS:
        raise OptimiseError("the method", f"one of {', '.join(METHODS)}", name)
    return METHODS[name]


def _solved(method: str, optimiser: Any, returns: Reals) -> Reals:  # noqa: ANN401 - skfolio's
    from skfolio.exceptions import SkfolioError  # noqa: PLC0415 - seconds of importing

    try:
        optimiser.fit(returns.T)
    except (SkfolioError, ValueError) as error:
        raise OptimiseError(
            method, "weights that meet the bounds", f"none: {error}", "try another method"
        ) from error
    found: Reals = np.asarray(optimiser.weights_, np.float64)
    return found


def _cleaned(weights: Reals) -> Reals:
    kept = np.where(weights < SMALLEST, 0.0, weights)
    cleaned: Reals = np.round(kept / kept.sum(), PLACES)
    return cleaned


def _prior() -> Any:  # noqa: ANN401 - skfolio has no types
    from skfolio.moments import LedoitWolf  # noqa: PLC0415 - seconds of importing
    from skfolio.prior import EmpiricalPrior  # noqa: PLC0415 - the same

    return EmpiricalPrior(covariance_estimator=LedoitWolf())


def _mean_risk(measure: str, weight_max: float, **more: object) -> Any:  # noqa: ANN401 - the same
    from skfolio import RiskMeasure  # noqa: PLC0415 - the same
    from skfolio.optimization import MeanRisk  # noqa: PLC0415 - the same

    return MeanRisk(
        risk_measure=RiskMeasure[measure],
        prior_estimator=_prior(),
        min_weights=0.0,
        max_weights=weight_max,
        **more,
    )


def _maximum_sharpe(weight_max: float) -> Any:  # noqa: ANN401 - the same
    from skfolio.optimization import ObjectiveFunction  # noqa: PLC0415 - the same

    objective = ObjectiveFunction.MAXIMIZE_RATIO
    return _mean_risk("STANDARD_DEVIATION", weight_max, objective_function=objective)


def _minimum_variance(weight_max: float) -> Any:  # noqa: ANN401 - the same
    return _mean_risk("VARIANCE", weight_max)


def _cvar(weight_max: float) -> Any:  # noqa: ANN401 - the same
    return _mean_risk("CVAR", weight_max, cvar_beta=CVAR_BETA)


def _risk_parity(weight_max: float) -> Any:  # noqa: ANN401 - the same
    from skfolio.optimization import RiskBudgeting  # noqa: PLC0415 - the same

    return RiskBudgeting(prior_estimator=_prior(), min_weights=0.0, max_weights=weight_max)


def _hrp(weight_max: float) -> Any:  # noqa: ANN401 - the same
    from skfolio.optimization import HierarchicalRiskParity  # noqa: PLC0415 - the same

    return HierarchicalRiskParity(prior_estimator=_prior(), min_weights=0.0, max_weights=weight_max)


METHODS: Mapping[str, Callable[[float], Any]] = {
    "maximum-sharpe": _maximum_sharpe,
    "minimum-variance": _minimum_variance,
    "cvar": _cvar,
    "risk-parity": _risk_parity,
    "hrp": _hrp,
}
"""What makes the optimiser of each method, from the largest weight."""
