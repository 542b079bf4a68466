"""Shrinkage, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.covariance import ledoit_wolf as reference

from tidegate_risk.core.portfolio.shrinkage import ledoit_wolf


@pytest.mark.parametrize(("variables", "count"), [(2, 30), (5, 500), (40, 60), (80, 50)])
def test_covariance_and_intensity_are_scikit_learns(variables: int, count: int) -> None:
    """Also with more variables than observations."""
    generator = np.random.default_rng(variables)
    mixing = generator.standard_normal((variables, variables))
    observations = mixing @ generator.standard_normal((variables, count)) + 3.0
    covariance, intensity = reference(observations.T)
    found = ledoit_wolf(observations)
    assert np.allclose(found.covariance, covariance, rtol=1e-10, atol=1e-12)
    assert found.intensity == pytest.approx(intensity, rel=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(2, 40))
def test_the_intensity_is_a_share(seed: int, variables: int, count: int) -> None:
    """Between nothing and all, whatever the observations."""
    observations = np.random.default_rng(seed).standard_normal((variables, count))
    assert 0 <= ledoit_wolf(observations).intensity <= 1


def test_one_variable_is_not_shrunk() -> None:
    """Its sample matrix is already the simple one."""
    found = ledoit_wolf(np.array([[1.0, 2.0, 4.0]]))
    assert found.intensity == 0
    assert found.covariance.tolist() == [[pytest.approx(14 / 9)]]
