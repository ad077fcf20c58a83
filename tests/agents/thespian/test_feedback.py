"""Thumbs on what characters did become another cast: what is used, what changes, what stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from agents.narrator.evaluate import Estimate, HeldOut
from agents.narrator.ppo import RatioMismatch
from agents.registry import Registry
from agents.thespian import feedback, thumbs
from agents.thespian.checkpoint import load, save
from agents.thespian.features import Lexicon
from agents.thespian.feedback import DEFAULTS, judge, train_cast
from agents.thespian.playbill import SHIPPED, in_use
from agents.thespian.ppo import LEARNED, stage_of
from agents.thespian.tastes import Audience
from agents.thespian.worlds import REPERTOIRE
from game import paths
from game.authoring.load import load_world
from game.cast import company
from game.cli import main
from game.feedback.store import FeedbackStore
from tests.disk import on_a_full_disk

PARTS = {"perpetua": "thief", "hob": "thief", "tam": "0.6 thief 0.4 reveller", "verity": "healer"}
ALL = "simulated:*"


class Phases:
    def __init__(self) -> None:
        self.phases: list[str] = []
        self.steps: list[object] = []

    def phase(self, text: str) -> None:
        self.phases.append(text)

    def step(self, step: object) -> None:
        self.steps.append(step)


@pytest.fixture(scope="module")
def thumbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 80 thumbs by somebody who dislikes stealing."""
    path = tmp_path_factory.mktemp("thumbed") / "feedback.db"
    found = company(patient=True)
    assert found is not None
    with FeedbackStore(path) as store:
        world = load_world(paths.find_world("village"))
        down = Audience(world, found, PARTS).vote(store, 80, seed=1)
    assert 16 <= down <= 64
    return path


@pytest.fixture
def store(thumbed: Path, home: Path) -> Iterator[FeedbackStore]:
    paths.ensure(home)
    shutil.copyfile(thumbed, paths.feedback_db())
    with FeedbackStore(paths.feedback_db()) as found:
        yield found


def examples(store: FeedbackStore, lexicon: Lexicon) -> list[thumbs.Example]:
    return thumbs.collect(store, lexicon, REPERTOIRE, ALL).examples


def test_logged_decisions_have_the_probabilities_they_were_taken_with(
    store: FeedbackStore,
) -> None:
    lexicon = Lexicon()
    rows = stage_of(load(SHIPPED), lexicon).with_reference(examples(store, lexicon))
    assert len(rows) == 80 and {e.part for e in rows} <= set(PARTS.values())
    for row in rows:
        assert row.reference == pytest.approx(row.logged, abs=1e-4)
        assert (row.value < 0) == (row.kind == "steal")


def test_votes_that_cannot_be_learned_from_are_counted_by_reason(store: FeedbackStore) -> None:
    row = next(v.target for v in store.iter_voted())
    session = row.session
    turn = store.record_turn(
        session, 1, command="wait", action="wait", plain="You wait.", room="tavern", state_hash="x"
    )
    plain = store.record_decision(
        session, 1, character="hob", observation="{}", admissible=["wait"], chosen="wait",
        logprob=0.0, policy_id="heuristic-1", role="merchant",
    )  # fmt: skip
    assert turn is not None and plain is not None
    store.vote("telling", turn, 1, source="simulated:other")
    store.vote("decision", plain, 1, source="simulated:other")
    found = thumbs.collect(store, Lexicon(), ["reveller", "healer"], ALL)
    assert found.unused[thumbs.NOT_DONE] == 1 and found.unused[thumbs.NOT_ACTED] == 1
    assert found.unused[thumbs.UNKNOWN] > 0
    assert {e.part for e in found.examples} == {"healer"}
    assert not thumbs.collect(store, Lexicon(), REPERTOIRE).examples  # the player gave none


def test_a_world_that_changed_is_not_learned_from(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(load_world(paths.find_world("village")), hash="other")
    monkeypatch.setattr(thumbs, "load_world", lambda *args, **more: other)
    found = thumbs.collect(store, Lexicon(), REPERTOIRE, ALL)
    assert not found.examples and found.unused[thumbs.OTHER_WORLD] == 80


def test_training_changes_prompts_and_heads_alone_and_what_was_disliked_becomes_rare(
    store: FeedbackStore,
) -> None:
    watcher, registry = Phases(), Registry()
    report = train_cast(store, registry, DEFAULTS, watcher, ALL)
    assert watcher.phases and len(watcher.steps) == len(report.run.steps)
    assert report.ratios is not None and report.ratios.mean == pytest.approx(1, abs=1e-3)
    version = registry.get(report.version)
    assert version.data["core"] == report.core and version.data["source"] == ALL
    folder = registry.path(version)
    assert (folder / "report.md").exists() and (folder / "curves.svg").exists()

    before, after = load(SHIPPED), load(folder)
    changed = {
        name
        for name, tensor in after.net.state_dict().items()
        if not torch.equal(tensor, before.net.state_dict()[name])
    }
    assert changed == set(LEARNED)
    unvoted = [n for n, role in enumerate(REPERTOIRE) if role in ("adventurer", "wanderer")]
    assert torch.equal(after.net.template_head[unvoted], before.net.template_head[unvoted])

    lexicon = Lexicon()
    rows = [e for e in examples(store, lexicon) if e.value < 0]
    old, new = stage_of(before, lexicon), stage_of(after, lexicon)
    with torch.no_grad():
        assert new.chosen(rows).exp().mean() < 0.5 * old.chosen(rows).exp().mean()
    assert new.core_hash() == old.core_hash() == report.core
    assert store.stats().trainings == 1

    again = train_cast(store, registry, DEFAULTS, Phases(), ALL)
    if report.verdict.outcome != "promoted":  # the same start and the same seed: the same cast
        assert registry.get(again.version).adapter_hash == version.adapter_hash


def test_decisions_of_a_game_that_perceives_otherwise_are_refused(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect = thumbs.collect

    def wrong(*args: object) -> object:
        votes = collect(*args)  # type: ignore[arg-type]
        votes.examples = [replace(e, logged=(e.logged[0] - 0.5,)) for e in votes.examples]
        return votes

    monkeypatch.setattr(feedback, "collect", wrong)
    registry = Registry()
    with pytest.raises(RatioMismatch, match="mean ratio"):
        train_cast(store, registry, DEFAULTS, Phases(), ALL)
    assert registry.versions("cast") == [] and in_use() == SHIPPED


@pytest.mark.parametrize(
    ("low", "high", "gain", "moved", "outcome"),
    [
        (0.6, 0.9, 0.2, 0.05, "promoted"),
        (0.4, 0.9, 0.2, 0.05, "candidate"),
        (0.1, 0.4, 0.2, 0.05, "rejected"),
        (0.6, 0.9, -0.1, 0.05, "candidate"),
        (0.6, 0.9, 0.2, 0.90, "candidate"),
    ],
)
def test_only_what_is_better_beyond_chance_and_near_is_promoted(
    low: float, high: float, gain: float, moved: float, outcome: str
) -> None:
    middle = Estimate((low + high) / 2, low, high)
    votes = HeldOut(50, middle, middle, Estimate(gain, gain, gain), 40.0, 0.1)
    assert judge(votes, moved).outcome == outcome
    assert judge(replace(votes, auc=None), moved).outcome == "candidate"


def test_the_command_trains_and_rollback_takes_it_back(
    store: FeedbackStore, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train-from-feedback", "--what", "cast", "--source", ALL]
    assert main([*command, "--dry-run", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["votes"] == 80 and planned["train"] + planned["held_out"] == 80
    assert main([*command, "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "report" and events[-1]["version"] == "cast-1"
    assert {e["event"] for e in events} == {"phase", "step", "report"}
    assert main(["adapters", "use", "cast-1", "--what", "cast"]) == 0
    assert in_use() != SHIPPED
    assert main(["adapters", "rollback", "--what", "cast"]) == 0
    assert main(["adapters", "list", "--json"]) == 0


def test_a_full_disk_keeps_the_old_cast_and_the_votes(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("agents.thespian.feedback.save", on_a_full_disk(save))
    waiting = store.pending_count()
    assert main(["train-from-feedback", "--what", "cast", "--source", ALL, "--epochs", "1"]) == 1
    err = capsys.readouterr().err
    assert "File too large" in err and "Nothing was lost" in err
    assert in_use() == SHIPPED and store.pending_count() == waiting


def test_too_few_votes_and_options_of_the_narrator_are_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train-from-feedback", "--what", "cast"]) == 4
    assert "thumb what characters do" in capsys.readouterr().err
    assert main(["train-from-feedback", "--what", "cast", "--algo", "kto"]) == 2
    assert "--algo cannot be used with --what cast" in capsys.readouterr().err
    assert main(["train-from-feedback", "--what", "cast", "--world", "village"]) == 2
