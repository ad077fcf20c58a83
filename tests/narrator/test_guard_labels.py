"""The guard on sentences that a reader has labelled: what it passed, and what it sent back."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.guard import PASSED, REJECTED, as_drawn, labelled, summary

SETS = labelled()


@pytest.mark.parametrize("rows", SETS.values(), ids=SETS)
def test_few_falsehoods_pass_and_few_good_sentences_are_rejected(
    rows: list[dict[str, Any]],
) -> None:
    assert {r["label"] for r in rows} == {"good", "poor", "false"}
    drawn = summary(rows, as_drawn)
    assert (drawn["passed"], drawn["rejected"]) == (PASSED, REJECTED)
    found = summary(rows)
    assert found["passed"] > 150
    assert found["false_that_passed"] <= 3 * found["passed"] / 200, found["false_sentences"]
    assert found["good_that_were_rejected"] <= 25 * found["rejected"] / 100
