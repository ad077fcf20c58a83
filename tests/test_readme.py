"""The README's figures are those of the committed results, and its links lead somewhere."""

from __future__ import annotations

import re

from benchmarks.report import README, updated


def test_the_figures_are_those_of_the_results() -> None:
    text = README.read_text(encoding="utf-8")
    assert updated(text) == text, "run: python -m benchmarks.report"


def test_links_and_pictures_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert target.startswith("http") or (README.parent / target).exists(), target
