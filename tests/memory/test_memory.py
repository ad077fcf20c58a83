"""What characters remember: found by replay, told from their own side, and never made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.cast import Cast
from game.engine.model import World
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel
from game.memory.chronicle import Chronicle
from game.memory.recall import brought_to_mind, pin_of
from game.memory.recounting import past
from game.narrator.recollection import misremembered
from game.narrator.replies import subject_words, words_in
from game.performance import Performer
from game.session import Session

ROOT = Path(__file__).parents[2]
GIFT = ("take bread", "give bread to tam", "tell tam the wolf is dead")
#: From the tavern round the village and back: ten rooms.
ROUND = ("east", "north", "north", "south", "south", "east", "west", "south", "north", "west")


@pytest.fixture(scope="module")
def village() -> World:
    return load_world(ROOT / "worlds" / "village")


@pytest.fixture(scope="module")
def model() -> Iterator[LlamaModel]:
    found = LlamaModel(bundled_model_path(), context=1024, threads=1)
    yield found
    found.close()


@pytest.fixture
def session(village: World) -> Session:
    session = Session(village, seed=7, cast=Cast(village))
    for line in GIFT:
        session.command(line)
    return session


def reply(session: Session, question: str) -> str:
    """The plain answer to a question."""
    return session.command(question).speech[0].plain


def synced(session: Session) -> Chronicle:
    return session.notebook.chronicle.sync(session.seed, session.journal, session.state)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("ask tam do you remember what I gave you?", "You gave me the heel of bread."),
        ("ask tam what did I tell you about the wolf?", "You said to me, 'The wolf is dead.'"),
        ("ask bregan who took the bread?", "You took the heel of bread from the bar; I saw it."),
        ("ask bregan where is the bread?", "Old Tam has the heel of bread."),
        ("ask tam about the moon", "You must ask somebody else about that. I am"),
        ("ask tam who he is", "I am Old Tam."),
        ("tam, who are you?", "I am Old Tam."),
        ("ask tam where is Hob?", "I have not seen Hob Farthing."),
        ("ask tam did I hit anybody?", "I remember nothing of that."),
        ("ask tam about the dagger", "There is a dagger under one of those stools."),
        ("say hello to tam", "Spare a crust"),
    ],
)
def test_a_question_is_answered_from_memory_or_from_what_the_author_wrote(
    session: Session, question: str, answer: str
) -> None:
    assert answer in reply(session, question)


def test_what_was_asked_of_others_is_no_answer(session: Session) -> None:
    for line in ("ask bregan where is the sword", "ask bregan about the dragon"):
        session.command(line)
    assert "said to" not in reply(session, "ask bregan about the moon")
    assert "said to" not in reply(session, "ask tam about himself")


def test_ten_rooms_later_a_character_answers_from_what_it_saw(session: Session) -> None:
    for line in ROUND:
        session.command(line)
    cue = session.command("ask tam do you remember what I gave you?").speech[0]
    assert cue.recalled == ("You gave me the heel of bread.",)
    assert cue.recalled[0] in cue.plain


def test_nobody_remembers_what_they_did_not_perceive(session: Session) -> None:
    session.command("whisper the moon is cheese to tam")
    assert "cheese" in reply(session, "ask tam what did I whisper?")
    assert "cheese" not in reply(session, "ask bregan what did I whisper to Tam?")
    session.command("east")
    assert "bread" not in reply(session, "ask hob who took the bread?")


def test_what_was_undone_never_happened(session: Session) -> None:
    session.command("undo")
    session.command("undo")
    assert "bread" not in reply(session, "ask tam what did I give you?")
    session.command("undo")
    session.command("give bread to tam")
    assert "gave me the heel of bread" in reply(session, "ask tam what did I give you?")


def test_memory_and_pins_come_back_with_a_save(village: World, tmp_path: Path) -> None:
    session = Session(village, seed=7, cast=Cast(village), saves=tmp_path)
    for line in GIFT:
        session.command(line)
    gift = next(e for e in synced(session).episodes if e.event.type == "gave")
    session.notebook.toggle(pin_of("tam", gift))
    session.command("save here")
    other = Session(village, cast=Cast(village), saves=tmp_path)
    other.restore("here")
    assert other.notebook.pins == session.notebook.pins
    assert synced(other).episodes == synced(session).episodes
    assert "heel of bread" in reply(other, "ask tam what did I give you?")


def test_the_chronicle_is_the_same_however_the_game_came_there(village: World) -> None:
    session = Session(village, seed=3, cast=Cast(village))
    for turn in range(60):
        session.command("east" if turn % 2 == 0 else "west")
        if turn % 20 == 10:
            session.command("undo")
            session.command("wait")
        synced(session)
    fresh = Chronicle(village).sync(session.seed, session.journal, session.state)
    now = synced(session)
    assert fresh.episodes == now.episodes and fresh.met == now.met
    assert fresh.knowledge("bregan").facts == now.knowledge("bregan").facts
    assert fresh.travels == now.travels


def test_a_game_carried_over_from_elsewhere_begins_a_new_chronicle(village: World) -> None:
    session = Session(village, seed=7)
    session.command("east")
    synced(session)
    state = session.state.clone()
    session.go_on_from(state)
    assert synced(session).episodes == []
    assert list(synced(session).travels.visited) == ["marketplace"]


def test_a_pinned_memory_is_always_in_mind_and_the_weightiest_come_next(session: Session) -> None:
    chronicle = synced(session)
    taking = next(e for e in chronicle.episodes if e.event.type == "took")
    plain = brought_to_mind(chronicle, "bregan", "nice weather", ())
    pinned = brought_to_mind(chronicle, "bregan", "nice weather", (pin_of("bregan", taking),))
    assert pinned[0] == "You took the heel of bread from the bar; I saw it."
    assert pinned[0] not in plain


def test_a_door_found_locked_is_known_until_that_is_undone(village: World, tmp_path: Path) -> None:
    session = Session(village, seed=7, saves=tmp_path)
    for line in ("east", "north", "north", "open iron gate"):
        session.command(line)
    session.command("save gate")
    other = Session(village, saves=tmp_path)
    other.restore("gate")
    assert set(synced(other).tried) == set(synced(session).tried) != set()
    session.command("undo")
    assert not synced(session).tried


@pytest.mark.parametrize(
    ("verb", "told"), [("wave", "waved"), ("cry", "cried"), ("nod", "nodded"), ("laugh", "laughed")]
)
def test_gestures_have_a_past(verb: str, told: str) -> None:
    assert past(verb) == told


MEMORIES = ("You gave me the heel of bread.", "You said to me, 'The wolf is dead.'")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I remember you gave me the heel of bread.", True),
        ("Aye, you gave me bread.", True),
        ("You said the wolf is dead.", True),
        ("I gave you the heel of bread.", False),
        ("You never gave me the bread.", False),
        ("The wolf is dead.", False),
        ("The weather is fine.", True),
    ],
)
def test_a_memory_is_not_turned_round_by_the_model(text: str, kept: bool) -> None:
    words = subject_words(" ".join(MEMORIES))
    assert (misremembered(text, MEMORIES, words) == "") is kept


def test_the_real_model_answers_from_memory_ten_rooms_later(
    session: Session, model: LlamaModel
) -> None:
    for line in ROUND:
        session.command(line)
    turn = session.command("ask tam do you remember what I gave you?")
    cue = turn.speech[0]
    performer = Performer(session, model)
    told = [p.final for p in performer.perform(turn) if p.final and p.final.kind == "speech"]
    assert [t.speaker for t in told] == ["tam"]
    words = words_in(told[0].prose)
    assert subject_words(cue.recalled[0]) <= subject_words(words)
    assert misremembered(words, cue.recalled, subject_words(" ".join(cue.recalled))) == ""
