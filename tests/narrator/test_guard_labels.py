"""The guard on sentences that a reader has labelled: what it passed, and what it sent back."""

from __future__ import annotations

from benchmarks.guard import PASSED, REJECTED, labelled, summary


def test_few_falsehoods_pass_and_few_good_sentences_are_rejected() -> None:
    rows = labelled()
    assert len(rows) == PASSED + REJECTED and {r["label"] for r in rows} == {
        "good",
        "poor",
        "false",
    }
    found = summary(rows)
    assert found["passed"] > 150
    assert found["false_that_passed"] <= 3 * found["passed"] / 200, found["false_sentences"]
    assert found["good_that_were_rejected"] <= 25 * found["rejected"] / 100
