"""Real series for tests of the statistics."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tidegate_market_data.adapters.demo_data import demo_dataset


@pytest.fixture(scope="session")
def real_returns() -> dict[str, NDArray[np.float64]]:
    """Return the daily returns of the stocks of the demo, by symbol."""
    dataset = demo_dataset(feed="demo", symbols=())
    found = {}
    for code, instrument in enumerate(dataset.instruments):
        closes = dataset.values[4, dataset.codes == code].astype(np.float64)
        found[instrument.symbol] = np.diff(closes) / closes[:-1]
    return found
