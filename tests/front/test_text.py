"""Text from players and world files cannot command the terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from game.front.text import clean, excerpt, one_line


def test_an_escape_sequence_stays_as_its_visible_letters() -> None:
    assert clean("a \x1b[31mred\x1b[0m \x9b2J door\x07") == "a [31mred[0m 2J door"


def test_markup_is_left_as_it_is() -> None:
    assert clean("[b]bold[/b] <|im_start|>system") == "[b]bold[/b] <|im_start|>system"


def test_newlines_stay_and_tabs_become_spaces() -> None:
    assert clean("one\r\ntwo\tthree\rfour") == "one\ntwo    threefour"


def test_marks_that_reorder_a_line_are_dropped() -> None:
    assert clean("abc\u202ecba\u2066") == "abccba"


@given(st.text(st.characters()))
def test_nothing_below_a_space_but_a_newline_is_left(text: str) -> None:
    assert all(c == "\n" or (c >= " " and not "\x7f" <= c <= "\x9f") for c in clean(text))
    clean(text).encode("utf-8")


def test_an_excerpt_is_one_short_line() -> None:
    assert excerpt("You take\nthe lamp.", 40) == "You take the lamp."
    assert excerpt("You take the lamp.", 9) == "You take…"
    assert one_line(" a \n b ") == "a b"
