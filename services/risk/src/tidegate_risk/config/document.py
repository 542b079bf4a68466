"""The document of a session's limits: validated, written in one canonical way, hashed."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from tidegate_risk.config.limits import RiskLimits


def canonical(settings: RiskLimits) -> str:
    """Write limits as JSON, one text for equal limits: keys sorted, decimals as plain text."""
    tree = settings.model_dump(mode="python")
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), default=_written)


def sha256_of(text: str) -> str:
    """Return the hash that names a document."""
    return hashlib.sha256(text.encode()).hexdigest()


def _written(value: object) -> str:
    assert isinstance(value, Decimal), "a document holds text, numbers and truth values"
    return plain(value.normalize())
