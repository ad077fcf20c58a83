"""Retry, swipes, edits, why and context: what they show, what they keep, what they leave alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from game.errors import UsageError
from game.feedback.store import FeedbackStore
from game.front.asides import Answer, Aside, parse_aside
from game.front.stage import Options, Stage
from game.front.thumbs import Ballot, Target
from game.front.why import bar
from game.llm.scripted import ScriptedModel
from game.session import Session
from tests.narrator.stage import stage as small_world

FIRST = "You pick up the copper coin."
SECOND = "You stoop and take the copper coin."
THIRD = "Your fingers close on the copper coin as you take it."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("retry", Aside("retry")),
        (":retry 3", Aside("retry", 3)),
        ("swipe left", Aside("swipe", 1, -1)),
        ("SWIPE right 2", Aside("swipe", 2, 1)),
        ("why", Aside("why")),
        ("why 2", Aside("why", 2)),
        ("context", Aside("context")),
        ("edit You go.", Aside("edit", 1, 0, "You go.")),
        ("edit 2 You go.", Aside("edit", 2, 0, "You go.")),
        ("edit", Aside("edit")),
        ("swipe the purse", None),
        ("swipe", None),
        ("why not", None),
        ("retry the door", None),
        ("look", None),
        ("", None),
    ],
)
def test_typed_asides(line: str, expected: Aside | None) -> None:
    assert parse_aside(line) == expected


def opened(*replies: str, store: FeedbackStore | None = None) -> Stage:
    """The small stage, told by a model that says `replies`."""
    session = Session(small_world(), seed=2, store=store)
    options = Options("stage", "plain")
    model = ScriptedModel(replies)
    stage = Stage(options, session, Ballot(store), make_model=lambda path: model)
    stage.load_narrator()
    return stage


def play(stage: Stage, command: str) -> None:
    list(stage.tell(stage.command(command)))


def do(stage: Stage, line: str) -> Answer:
    aside = parse_aside(line)
    assert aside is not None
    return stage.aside(aside)


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedbackStore]:
    with FeedbackStore(tmp_path_factory.mktemp("kept") / "feedback.db") as found:
        yield found


def pairs(store: FeedbackStore) -> list[tuple[int, int, str]]:
    return [(p.chosen, p.rejected, p.origin) for p in store.preferences()]


def test_a_retry_is_another_generation_and_leaves_the_world_alone(store: FeedbackStore) -> None:
    stage = opened(FIRST, SECOND, store=store)
    play(stage, "take copper coin")
    before = stage.session.state.digest(), stage.session.number
    answer = do(stage, "retry")
    assert answer.says.text == SECOND and (answer.says.take, answer.says.takes) == (2, 2)
    assert (stage.session.state.digest(), stage.session.number) == before
    first, second = store.iter_generations()
    assert second.swipe_of == first.id and second.seed != first.seed
    assert (first.text, second.text) == (FIRST, SECOND)
    assert second.shown_at and second.left_at is None and first.left_at
    assert answer.says.target == Target("generation", second.id)


def test_swipes_go_left_and_right_and_end_there(store: FeedbackStore) -> None:
    stage = opened(FIRST, SECOND, store=store)
    play(stage, "take copper coin")
    do(stage, "retry")
    assert do(stage, "swipe left").says.text == FIRST
    with pytest.raises(UsageError, match="no other telling"):
        do(stage, "swipe left")
    assert do(stage, "swipe right").data == {"take": 2, "takes": 2, "edited": False}
    first, second = store.iter_generations()
    assert first.left_at and second.left_at is None


def test_an_old_turn_is_retold_as_it_was_then(store: FeedbackStore) -> None:
    stage = opened(FIRST, *["You let the copper coin fall."] * 3, SECOND, store=store)
    play(stage, "take copper coin")
    play(stage, "drop copper coin")
    answer = do(stage, f"retry {len(stage.tellings.told)}")
    assert answer.says.text == SECOND


def test_the_same_words_are_no_other_telling() -> None:
    stage = opened(*[FIRST] * 20)
    play(stage, "take copper coin")
    with pytest.raises(UsageError, match="kept to the facts"):
        do(stage, "retry")
    assert stage.tellings.last().takes[0].text == FIRST


def test_a_stopped_retry_leaves_what_was_told() -> None:
    stage = opened(FIRST, SECOND)
    play(stage, "take copper coin")
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(UsageError, match="Stopped"):
        stage.aside(Aside("retry"), cancel=cancel)
    assert len(stage.tellings.last().takes) == 1


def test_the_game_s_own_words_are_not_retold(store: FeedbackStore) -> None:
    stage = opened(store=store)
    play(stage, "look")
    with pytest.raises(UsageError, match="not retold"):
        do(stage, "retry")
    with pytest.raises(UsageError, match="told plainly"):
        do(stage, "edit A better room.")
    with pytest.raises(UsageError, match="no part"):
        do(stage, "context")


def test_without_a_narrator_there_is_nothing_to_retry(store: FeedbackStore) -> None:
    session = Session(small_world(), seed=2, store=store)
    stage = Stage(Options("stage", "plain", llm=False), session, Ballot(store))
    play(stage, "take copper coin")
    with pytest.raises(UsageError, match="no narrator"):
        do(stage, "retry")
    with pytest.raises(UsageError, match="so far"):
        do(stage, "retry 99")


def test_what_was_told_plainly_can_be_told_by_the_model_later(store: FeedbackStore) -> None:
    model = ScriptedModel([FIRST])
    session = Session(small_world(), seed=2, store=store)
    stage = Stage(Options("stage", "plain"), session, Ballot(store), make_model=lambda path: model)
    play(stage, "take copper coin")
    plain = stage.tellings.last().target
    stage.load_narrator()
    answer = do(stage, "retry")
    assert answer.says.text == FIRST and answer.says.target != plain
    assert do(stage, "swipe left").says.target == plain


def test_going_on_prefers_the_telling_that_stands(store: FeedbackStore) -> None:
    stage = opened(FIRST, SECOND, THIRD, store=store)
    play(stage, "take copper coin")
    do(stage, "retry")
    do(stage, "retry")
    do(stage, "swipe left")
    assert pairs(store) == []
    play(stage, "inventory")
    one, two, three = (row.id for row in store.iter_generations())
    assert sorted(pairs(store)) == [(two, one, "kept"), (two, three, "kept")]


def test_a_single_telling_says_nothing_of_preference(store: FeedbackStore) -> None:
    stage = opened(FIRST, store=store)
    play(stage, "take copper coin")
    play(stage, "inventory")
    assert pairs(store) == []


def test_thumbs_overrule_what_was_kept_and_taking_them_back_restores_it(
    store: FeedbackStore,
) -> None:
    stage = opened(FIRST, SECOND, store=store)
    play(stage, "take copper coin")
    do(stage, "retry")
    one, two = (row.id for row in store.iter_generations())
    stage.ballot.vote(Target("generation", one), 1)
    play(stage, "inventory")
    assert pairs(store) == [(one, two, "thumbs")]
    stage.ballot.vote(Target("generation", one), 0)
    assert pairs(store) == [(two, one, "kept")]
    stage.ballot.vote(Target("generation", two), -1)
    stage.ballot.vote(Target("generation", one), -1)
    assert pairs(store) == []


def test_an_edit_takes_the_place_of_the_models_words_only(store: FeedbackStore) -> None:
    stage = opened("You walk north and come out in Market Street.", store=store)
    play(stage, "north")
    before = stage.tellings.last().text
    assert before.startswith("You walk north") and "Stalls line" in before
    answer = do(stage, "edit You stroll   up to Market Street, whistling.")
    assert answer.says.text == before.replace(
        "You walk north and come out in Market Street.",
        "You stroll up to Market Street, whistling.",
    )
    assert answer.says.edited
    (row,) = store.iter_generations()
    edit = store.current_edit(row.id)
    assert edit is not None and edit.text == "You stroll up to Market Street, whistling."
    assert row.text == "You walk north and come out in Market Street."
    assert not do(stage, f"edit {row.text}").says.edited
    assert store.current_edit(row.id) is None
    for text in ("", "x" * 1001):
        with pytest.raises(UsageError, match="characters"):
            stage.aside(Aside("edit", text=text))


def test_later_answers_are_given_in_the_light_of_the_chosen_one() -> None:
    first = "Rats, the cellar below the tavern is full of them."
    second = "Full of rats, the cellar below the tavern is."
    stage = opened(*[first] * 2, second, *["My brass key opens the oak chest."] * 20)
    play(stage, "ask keeper about the cellar")
    told = stage.tellings.last()
    if told.take.telling.source != "model":
        pytest.skip("the guard of speech no longer passes these replies")
    del stage.performer.model.replies[0]  # type: ignore[union-attr]
    do(stage, "retry")
    play(stage, "ask keeper about the chest")
    prompt = stage.performer.model.prompts[-1]  # type: ignore[union-attr]
    assert second in [segment.text for segment in prompt.body]
    do(stage, "swipe left 3")
    play(stage, "ask keeper about the key")
    prompt = stage.performer.model.prompts[-1]  # type: ignore[union-attr]
    assert second not in [segment.text for segment in prompt.body]


def test_why_shows_every_sentence_with_its_verdict() -> None:
    stage = opened("You take the moon.", FIRST, FIRST)
    play(stage, "take copper coin")
    answer = do(stage, "why")
    data = answer.data
    assert data["plain"] == "You take the copper coin."
    assert [event["type"] for event in data["events"]] == ["took"]
    assert [(s["ok"], s["used"]) for s in data["sentences"]] == [(False, False), (True, True)]
    assert data["source"] == "model" and data["sampler"]["seed"] and data["adapter"] is None
    assert "✗ You take the moon." in answer.text and f"✓ {FIRST}  (used)" in answer.text


def test_context_counts_the_prompt_by_part() -> None:
    stage = opened(FIRST)
    play(stage, "take copper coin")
    answer = do(stage, "context")
    parts = {part["name"]: part for part in answer.data["parts"]}
    assert {"rules", "examples", "facts"} <= set(parts)
    assert parts["facts"]["text"] == "You take the copper coin."
    assert parts["examples"]["kept"] and not parts["facts"]["kept"]
    assert answer.data["tokens"] == sum(part["tokens"] for part in parts.values())
    assert answer.data["window"] == 2048
    assert "facts" in answer.text and "of 2048" in answer.text


def test_tellings_can_be_retold_while_nothing_is_recorded() -> None:
    stage = opened(FIRST, SECOND)
    play(stage, "take copper coin")
    assert do(stage, "retry").says.target is None
    assert do(stage, "edit My own words.").says.text == "My own words."
    play(stage, "inventory")


def test_what_a_character_did_is_explained_by_its_policy() -> None:
    stage = Stage.open(Options("village", "plain", seed=7, llm=False, keep=False))
    for command in ("hug old tam", "wait", "wait"):
        play(stage, command)
    told = next(t for t in stage.tellings.told if t.kind == "character")
    answer = stage.aside(Aside("why"), told.number)
    explained = answer.data["explanation"]
    assert explained["policy"] and 1 <= len(explained["options"]) <= 5
    assert sum(o["probability"] for o in explained["options"]) <= 1.001
    assert "Why it was done" in answer.text
    stage.close()


def test_bars() -> None:
    assert bar(0.5, 4) == "██  " and bar(1, 2) == "██" and bar(0, 2) == "  "
    assert bar(0.001, 4) == "▏   "


def test_the_occasion_is_a_copy_of_the_state() -> None:
    stage = opened(FIRST)
    play(stage, "take copper coin")
    occasion = stage.tellings.last().occasion
    assert occasion.state is not stage.session.state
    assert replace(occasion, number=0).state.digest() == stage.session.state.digest()
