from __future__ import annotations

import pytest

from .conftest import Tidegate

DATA = ("--data", "packaged:us-stocks", "--from", "2011-01-01", "--to", "2012-01-01")


def test_weights_and_answers_are_shown(tidegate: Tidegate) -> None:
    """Target weights, what risk says to each order, and the same as JSON."""
    ended = tidegate("optimise", "hrp", *DATA, "--limits", "aggressive")
    assert ended.code == 0, ended.err
    for heading in ("weight", "volatility", "answer", "nothing is ordered"):
        assert heading in ended.out
    document = tidegate("optimise", "hrp", *DATA, "--limits", "aggressive", "--json").document
    assert document["method"] == "hrp"
    assert sum(float(each["weight"]) for each in document["weights"]) == pytest.approx(
        float(document["invested"]), abs=1e-4
    )
    assert {each["decision"] for each in document["orders"]} == {"APPROVED"}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["best", *DATA], 2, "one of maximum-sharpe"),
        (["hrp", *DATA, "--symbol", "NOSUCH"], 2, "NOSUCH"),
        (["hrp", *DATA, "--weight-max", "much"], 2, "a share of equity such as 0.25"),
        (["hrp", *DATA, "--session", "demo"], 2, "not both"),
        (["hrp", "--session", "demo", "--capital", "5USD"], 2, "--capital goes with --data"),
        (["hrp", *DATA[:4], "--to", "2011-02-01"], 5, "60 daily or 240 hourly returns"),
        (["hrp", "--data", "nowhere.parquet"], 5, "nowhere.parquet"),
    ],
)
def test_what_cannot_be_optimised_is_refused(
    tidegate: Tidegate, arguments: list[str], exit_code: int, said: str
) -> None:
    """Usage is 2 and data are 5; the error says what was expected or found."""
    ended = tidegate("optimise", *arguments, "--json")
    assert ended.code == exit_code
    assert said in str(ended.document["error"])
