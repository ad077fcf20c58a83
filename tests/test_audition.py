"""Auditions: an honest count, turns told again as they were played, and choices that are kept."""

from __future__ import annotations

import importlib
import io
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.registry import Registry
from game import paths, settings
from game.audition import LEAST, Audition, Contender, Pair, Tally
from game.cli import main
from game.errors import NotEnoughFeedback
from game.feedback import FeedbackStore
from game.llm.llama import weights_hash
from game.narrator.adapters import NarratorAdapter
from game.replay import recent_turns
from game.settings import Settings
from tests.agents.tiny import write_tiny_model
from tests.hearings import Echo, play

CURRENT = Contender("none")
CANDIDATE = Contender("narrator-1", NarratorAdapter(Path("one.gguf"), False), "one.gguf")


@pytest.fixture
def store() -> Iterator[FeedbackStore]:
    with FeedbackStore(paths.feedback_db()) as opened:
        yield opened


def chance(share: float, votes: int) -> dict[str, float]:
    """How likely each verdict is to be reached within `votes`, by a player who stops at the first
    and prefers the candidate with the probability `share`: exact, over all ways to vote."""
    reached = {"better": 0.0, "worse": 0.0}
    undecided = {(0, 0): 1.0}
    for _ in range(votes):
        after: dict[tuple[int, int], float] = {}
        for (wins, losses), p in undecided.items():
            for now, q in (((wins + 1, losses), share), ((wins, losses + 1), 1 - share)):
                after[now] = after.get(now, 0.0) + p * q
        undecided = {}
        for (wins, losses), p in after.items():
            verdict = Tally(wins, losses).verdict
            if verdict == "open":
                undecided[wins, losses] = p
            else:
                reached[verdict] += p
    return reached


def test_looking_after_every_vote_errs_once_in_twenty_at_most() -> None:
    assert sum(chance(0.5, 60).values()) <= 0.05
    assert chance(0.85, 60)["better"] > 0.95


@pytest.mark.parametrize(
    ("wins", "losses", "verdict"),
    [(12, 0, "better"), (11, 0, "open"), (11, 1, "better"), (9, 3, "open"), (0, 12, "worse"),
     (20, 20, "open")],
)  # fmt: skip
def test_a_verdict_takes_twelve_votes_and_an_interval_clear_of_half(
    wins: int, losses: int, verdict: str
) -> None:
    tally = Tally(wins, losses)
    low, high = tally.interval
    assert tally.verdict == verdict and 0 <= low < tally.rate + 1e-9 and tally.rate <= high <= 1


def test_what_is_missing_is_said() -> None:
    assert "No verdict before 12 votes: 9 to go." in Tally(2, 1).lines("b", "a")
    assert Tally(9, 3).missing == next(
        n for n in range(1, 99) if Tally(9 + round(0.75 * n), 3 + n - round(0.75 * n)).verdict
        != "open"
    )  # fmt: skip
    assert (
        "As it goes, it takes more votes than anybody would give."
        in Tally(9, 9).lines("b", "a")[-1]
    )
    assert Tally(5, 7, 4).lines("b", "a")[:2] == [
        "b was preferred to a in 5 of 12: 42% [10%, 79%]", "in 4 more neither was better",
    ]  # fmt: skip


def test_recent_turns_are_the_players_own_newest_first_and_unlike(store: FeedbackStore) -> None:
    session = play(store, 20)
    found = recent_turns(store, Echo(), 100)
    assert len(found) > 8
    numbers = [past.turn.number for past in found]
    assert numbers == sorted(numbers, reverse=True)
    assert len({past.turn.plain for past in found}) == len(found)
    assert found[0].state.digest() in {row.state_hash for row in store.turns(_only(store))}
    assert session.world.hash == found[0].world.hash
    assert len(recent_turns(store, Echo(), 3)) == 3


def _only(store: FeedbackStore) -> str:
    (session,) = store.sessions()
    return session.id


def test_a_game_that_was_gone_on_with_is_replayed_from_its_save(store: FeedbackStore) -> None:
    play(store, 8, keep=True)
    play(store, 12, resume=True, keep=True)
    first, second = store.sessions()
    hashes = {row.state_hash for row in store.turns(second.id)[1:]}
    found = recent_turns(store, Echo(), 100)
    assert sum(past.state.digest() in hashes for past in found) > 4
    for save in paths.saves_dir().iterdir():
        save.unlink()
    fewer = recent_turns(store, Echo(), 100)
    assert fewer and not any(past.state.digest() in hashes for past in fewer)


def test_turns_of_a_changed_world_or_a_programs_game_do_not_count(store: FeedbackStore) -> None:
    play(store, 6)
    store._db.conn.execute("UPDATE sessions SET world_hash = 'older'")
    assert recent_turns(store, Echo(), 100) == []
    play(store, 6)
    store._db.conn.execute("UPDATE sessions SET mode = 'simulated'")
    assert recent_turns(store, Echo(), 100) == []


def test_a_turn_that_comes_out_otherwise_ends_the_replay(store: FeedbackStore) -> None:
    play(store, 12)
    before = len(recent_turns(store, Echo(), 100))
    store._db.conn.execute("UPDATE turns SET state_hash = 'other' WHERE number = 6")
    assert 0 < len(recent_turns(store, Echo(), 100)) < before


@pytest.fixture
def hearing(store: FeedbackStore) -> Audition:
    play(store, 40)
    return opened(store)


def opened(store: FeedbackStore, seed: int = 0) -> Audition:
    model = Echo()
    past = recent_turns(store, model, 40)
    return Audition(store, model, CURRENT, CANDIDATE, past, rng=random.Random(seed))


def liked(pair: Pair) -> str:
    """The side that the candidate told."""
    return "left" if pair.left.startswith("Now") else "right"


def test_a_clear_preference_is_found_and_kept(store: FeedbackStore, hearing: Audition) -> None:
    sides = []
    while hearing.tally.verdict == "open" and (pair := hearing.next()) is not None:
        assert {pair.left, pair.right} >= {pair.facts} or pair.facts in (pair.left, pair.right)
        sides.append(liked(pair))
        hearing.vote(pair, liked(pair))  # type: ignore[arg-type]
    assert hearing.tally == Tally(LEAST, 0) and set(sides) == {"left", "right"}
    kept = store.preferences("player")
    assert len(kept) == LEAST and {p.origin for p in kept} == {"audition"}
    for preference in kept:
        chosen, rejected = (store.generation(i) for i in (preference.chosen, preference.rejected))
        assert chosen is not None and rejected is not None
        assert (chosen.adapter_id, rejected.adapter_id) == ("one.gguf", None)
        assert (chosen.seed, chosen.sampler) == (rejected.seed, rejected.sampler)
        assert chosen.prompt_ids == rejected.prompt_ids
    assert store.sessions()[-1].mode == "audition"


def test_earlier_choices_count_and_their_turns_are_not_told_again(
    store: FeedbackStore, hearing: Audition
) -> None:
    pairs = []
    for _ in range(3):
        pair = hearing.next()
        assert pair is not None
        hearing.vote(pair, liked(pair))  # type: ignore[arg-type]
        pairs.append(pair)
    again = opened(store, seed=5)
    assert again.tally == Tally(3, 0)
    pair = again.next()
    assert pair is not None and pair.facts not in {p.facts for p in pairs}
    other = Audition(
        store,
        Echo(),
        CURRENT,
        replace(CANDIDATE, adapter_id="two"),
        recent_turns(store, Echo(), 40),
    )
    assert other.tally == Tally()


def test_neither_is_no_preference(store: FeedbackStore, hearing: Audition) -> None:
    pair = hearing.next()
    assert pair is not None
    hearing.vote(pair, "neither")
    assert hearing.tally == Tally(0, 0, 1) and store.preferences() == []


def test_tellings_alike_are_not_compared(store: FeedbackStore) -> None:
    play(store, 40)
    model = Echo()
    same = Audition(store, model, CURRENT, Contender("two"), recent_turns(store, model, 40))
    assert same.next() is None and same.skipped >= LEAST


def test_too_few_turns_are_said_to_be_too_few(store: FeedbackStore) -> None:
    play(store, 4)
    with pytest.raises(NotEnoughFeedback, match="12 pairs are the least") as caught:
        opened(store)
    assert caught.value.exit_code == 4


# ---- the command


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A candidate for the settings' model, which an Echo plays."""
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    settings.save(Settings(model=str(path)))
    made = tmp_path / "made.gguf"
    made.write_bytes(b"GGUF one")
    Registry().add(made, what="narrator", base=weights_hash(path))

    class Played(Echo):
        def __init__(self, model: Path) -> None:
            super().__init__()
            self.model_hash = weights_hash(model)

        def use_adapter(self, path: str | None) -> None:
            version = Registry().get("narrator-1") if path else None
            self.adapter_id = version.adapter_hash if version else None

    importlib.import_module("game.llm.prepare")  # lest it keep what stands there for this test
    monkeypatch.setattr("game.llm.llama.LlamaModel", Played)
    return path


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


class Fan(io.StringIO):
    """Answers for who likes what begins with "Now" whatever the side, as read from the output."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__()
        self._capsys = capsys
        self.said: list[dict[str, Any]] = []

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        self.said.append(json.loads(self._capsys.readouterr().out.splitlines()[-1]))
        return "left\n" if self.said[-1]["left"].startswith("Now") else "right\n"


def active(model: Path) -> str | None:
    version = Registry().active_version("narrator", weights_hash(model))
    return version.id if version and version.id != "shipped" else None


def test_the_command_promotes_what_is_clearly_preferred(
    store: FeedbackStore, two: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    play(store, 40)
    fan = Fan(capsys)
    monkeypatch.setattr("sys.stdin", fan)
    assert main(["audition", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [p["event"] for p in fan.said] == ["pair"] * LEAST
    assert set(fan.said[0]) == {"event", "number", "command", "facts", "left", "right"}
    assert (result["event"], result["verdict"], result["promoted"]) == ("result", "better", True)
    assert (result["candidate"], result["wins"], result["low"] > 0.5) == ("narrator-1", 12, True)
    assert active(two) == "narrator-1"
    assert main(["audition"]) == 2
    assert "no other version" in capsys.readouterr().err or active(two) == "narrator-1"


def test_stopping_early_promotes_nothing_and_says_what_is_missing(
    store: FeedbackStore, two: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    play(store, 40)
    answers(monkeypatch, "perhaps", "l", "neither", "s")
    assert main(["audition", "narrator-1"]) == 0
    captured = capsys.readouterr()
    assert "3. > " in captured.out and "4. > " not in captured.out
    assert "No verdict before 12 votes: 11 to go." in captured.out
    assert "in 1 more neither was better" in captured.out
    assert "Say left, right, neither or stop." in captured.err
    assert "narrator-1" not in captured.out.split("preferred")[0].split("3. > ")[0]
    assert active(two) is None


def test_the_command_refuses_with_the_right_exit_code(
    store: FeedbackStore, two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main(["audition"]) == 4
    assert "12 pairs are the least" in capsys.readouterr().err
    assert main(["audition", "narrator-9"]) == 2
    assert main(["audition", "none"]) == 2  # it plays
    assert main(["audition", "--model", str(tmp_path / "gone.gguf")]) == 3
    other = write_tiny_model(tmp_path / "other.gguf", "llama", seed=1)
    assert main(["audition", "--model", str(other)]) == 2
    assert "no other version" in capsys.readouterr().err


@pytest.mark.slow
def test_the_narrator_that_ships_is_heard_against_the_bare_model(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play(store, 40)
    answers(monkeypatch, "left", "right", "stop")
    assert main(["audition", "none", "--json"]) == 0
    *pairs, result = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [pair["event"] for pair in pairs] == ["pair"] * 3
    assert all(pair["left"] != pair["right"] for pair in pairs)
    assert (result["current"], result["candidate"], result["promoted"]) == (
        "shipped",
        "none",
        False,
    )
    assert result["wins"] + result["losses"] == 2 and result["verdict"] == "open"
    kept = store.preferences("player")
    assert len(kept) == 2 and {p.origin for p in kept} == {"audition"}
    for preference in kept:
        both = (store.generation(preference.chosen), store.generation(preference.rejected))
        assert {row.adapter_id for row in both if row is not None} == {
            None, Registry().get("shipped").adapter_hash,
        }  # fmt: skip
