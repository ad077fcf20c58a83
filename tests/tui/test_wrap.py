"""Lines are broken by terminal cells, and every word is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from game.tui.widgets.wrap import wrap


def lines(text: str, width: int) -> list[str]:
    return [text[a:b] for a, b in wrap(text, width)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 5, [""]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("one  two", 5, ["one", "two"]),
        ("one\n\ntwo", 9, ["one", "", "two"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("a bcdefgh", 3, ["a", "bcd", "efg", "h"]),
        ("  [x] find it", 8, ["  [x]", "find it"]),
        ("魚魚魚", 4, ["魚魚", "魚"]),
        ("魚", 1, ["魚"]),
    ],
)
def test_examples(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


@given(st.text("ab \n魚é.", max_size=80), st.integers(2, 20))
def test_lines_fit_and_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    broken = lines(text, width)
    assert all(cell_len(line) <= width for line in broken)
    assert "".join("".join(broken).split()) == "".join(text.split())
