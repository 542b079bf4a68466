"""What the tests of signals share: the money context."""

from __future__ import annotations

import pytest

from tidegate_kernel.money import use_money_context


@pytest.fixture(autouse=True)
def _money_context() -> None:
    use_money_context()
