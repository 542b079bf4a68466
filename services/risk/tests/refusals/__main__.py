"""`python -m refusals > refusals/told.txt`, in services/risk/tests: what refusals tell now."""

from __future__ import annotations

import sys

from tidegate_kernel.money import use_money_context

from .cases import CASES
from .test_cases import told

if __name__ == "__main__":
    use_money_context()
    sys.stdout.write("\n".join(told(case.refused()) for case in CASES.values()))
