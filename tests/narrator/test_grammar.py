"""English forms, one table each."""

from __future__ import annotations

import pytest

from game.narrator.grammar import (
    agree,
    as_spoken,
    capitalise,
    count_word,
    full_stop,
    indefinite,
    join,
    possessive,
    starts_sentence,
    third_person,
)
from game.narrator.lexicon import AMBIENT, GUARDED, NOUNS, noun_lemma
from game.narrator.names import in_sentence


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("take", "takes"), ("are", "is"), ("be", "is"), ("have", "has"), ("do", "does"),
        ("go", "goes"), ("cry", "cries"), ("say", "says"), ("catch", "catches"), ("push", "pushes"),
        ("miss", "misses"), ("fix", "fixes"), ("buzz", "buzzes"), ("die", "dies"),
        ("pick up", "picks up"), ("can", "can"), ("don't", "doesn't"), ("aren't", "isn't"),
    ],
)  # fmt: skip
def test_third_person(verb: str, expected: str) -> None:
    assert third_person(verb) == expected


def test_agreement_with_plural_subjects() -> None:
    assert agree("be", True) == "are"
    assert agree("take", True) == "take"
    assert agree("take", False) == "takes"


def test_small_forms() -> None:
    assert possessive("the boots") == "the boots'"
    assert possessive("Nadia") == "Nadia's"
    assert indefinite("oak chest") == "an oak chest"
    assert join(["a"]) == "a"
    assert join(["a", "b", "c"]) == "a, b and c"
    assert join(["a", "b"], "or") == "a or b"
    assert capitalise('"hello"') == '"Hello"'
    assert capitalise("3 coins") == "3 coins"
    assert full_stop("You go") == "You go."
    assert full_stop('She says, "No"') == 'She says, "No"'
    assert count_word(3) == "three"
    assert count_word(40) == "40"


@pytest.mark.parametrize(
    ("before", "starts"),
    [
        ("", True),
        ("You go. ", True),
        ('He says, "Stop." ', True),
        ("You ", False),
        ("[New: ", False),
    ],
)
def test_where_a_sentence_starts(before: str, starts: bool) -> None:
    assert starts_sentence(before) is starts


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Tavern", "the tavern"), ("Lower dungeon", "the lower dungeon"),
        ("The Old Mill", "the Old Mill"), ("Avalon", "Avalon"),
        ("Forest of Dreams", "the Forest of Dreams"), ("Fishing Store", "the Fishing Store"),
        ("Under the Stage", "Under the Stage"),
    ],
)  # fmt: skip
def test_titles_inside_sentences(title: str, inside: str) -> None:
    assert in_sentence(title) == inside


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("Wolves", "wolf"), ("torches", "torch"), ("thieves", "thief"), ("berries", "berry"),
        ("guardsmen", "guardsman"), ("keeper's", "keeper"), ("glass", "glass"), ("keys", "key"),
        ("boots", "boots"), ("axes", "axe"), ("mice", "mouse"), ("potatoes", "potato"),
    ],
)  # fmt: skip
def test_lemmas(word: str, lemma: str) -> None:
    assert noun_lemma(word) == lemma


def test_the_lexicon_is_large_and_consistent() -> None:
    assert len(NOUNS) >= 1500
    assert not GUARDED & AMBIENT
    assert {"boat", "merchant", "dagger", "wagon", "bread", "dungeon"} <= GUARDED
    assert {"dust", "hand", "voice", "floor"} <= AMBIENT


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("hello", "Hello."), ("where is the sword", "Where is the sword?"),
        ("i think i am lost", "I think I am lost."), ("run!", "Run!"), ("do it", "Do it."),
        ("do you know tam", "Do you know tam?"), ("Mind the bucket;", "Mind the bucket."),
        ("42", "42."), ("He said 'no'", "He said 'no'"),
    ],
)  # fmt: skip
def test_words_are_quoted_as_sentences(typed: str, quoted: str) -> None:
    assert as_spoken(typed) == quoted
