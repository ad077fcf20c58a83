"""`game train-from-feedback` end to end: what it asks for, keeps, refuses and never breaks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents import lm, versions
from agents.narrator.train import one_at_a_time
from agents.registry import Registry
from game import paths, settings
from game.cli import main
from game.feedback import FeedbackStore
from game.llm.llama import weights_hash
from game.settings import Settings
from tests.agents.thumbs import high_bytes, thumb
from tests.agents.tiny import write_tiny_model
from tests.disk import on_a_full_disk

ROOT = Path(__file__).parents[1]
COMMAND = ["train-from-feedback", "--turns", "10", "--dtype", "fp32", "--epochs", "1"]


@pytest.fixture
def model(tmp_path: Path, home: Path) -> Path:
    """A tiny model that the settings choose, so that nothing big is prepared."""
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    settings.save(Settings(model=str(path)))
    return path


@pytest.fixture
def thumbed(model: Path) -> Path:
    """96 thumbs on lines of that model; the path of the database."""
    with FeedbackStore(paths.feedback_db()) as store:
        thumb(store, model, 96)
    return paths.feedback_db()


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def snapshot() -> dict[str, bytes]:
    """Every file of the adapters folder but the lock files, by name."""
    folder = paths.home() / "adapters"
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.endswith("lock")
    }


def test_without_votes_it_says_what_is_missing(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(COMMAND) == 4
    captured = capsys.readouterr()
    assert "64 more votes" in captured.err and captured.out == ""


def test_votes_of_another_source_are_pointed_out(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FeedbackStore(paths.feedback_db()) as store:
        thumb(store, model, 70, source="simulated:terse")
    assert main(COMMAND) == 4
    err = capsys.readouterr().err
    assert "There are 70 votes of another source: `--source simulated:terse` takes those." in err


def test_a_dry_run_tells_the_plan_and_changes_nothing(
    thumbed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, "--dry-run"]) == 0
    assert "would train on 72 and judge on 24" in capsys.readouterr().out
    assert main([*COMMAND, "--dry-run", "--json"]) == 0
    (plan,) = events(capsys.readouterr().out)
    assert plan["event"] == "plan" and plan["start"] is None and plan["settings"]["epochs"] == 1
    assert snapshot() == {}


def test_votes_for_another_model_are_named(
    thumbed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_tiny_model(tmp_path / "other.gguf", "llama", seed=1)
    assert main([*COMMAND, "--model", str(other)]) == 4
    err = capsys.readouterr().err
    assert "96 not used: written by another model" in err and "--model" in err


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ("UPDATE generations SET logprobs = x'', kept_mass = x'', support_counts = NULL, "
         "support_ids = NULL, completion_ids = x''", "96 not used: written without log-probs"),
        ("UPDATE generations SET sampler = '{\"temperature\": 0.0}'", "96 not used: written at"),
        ("DELETE FROM generations", "96 not used: the line was forgotten"),
        ("UPDATE generations SET kind = 'speech'", "96 not used: on an answer"),
        ("INSERT INTO votes (target_kind, target, session, value, source, tags, at) SELECT "
         "target_kind, target, session, 1, source, tags, at FROM votes", "96 up, 0 down"),
    ],
    ids=["no log-probs", "greedy", "vanished", "answers", "one-sided"],
)  # fmt: skip
def test_votes_that_teach_nothing_are_refused_by_name(
    spoilt: str, said: str, thumbed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FeedbackStore(thumbed) as store:
        store._db.conn.execute("PRAGMA foreign_keys = OFF")
        store._db.conn.execute(spoilt)
    assert main([*COMMAND, "--force"]) == 4
    captured = capsys.readouterr()
    assert said in captured.err and captured.out == ""
    assert snapshot() == {}


def test_time_that_is_up_ends_training_and_not_the_report(
    thumbed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, "--json", "--epochs", "50", "--max-minutes", "1e-9"]) == 0
    report = events(capsys.readouterr().out)[-1]
    assert report["run"]["stopped"] == "time" and report["version"]


def test_an_adapter_made_for_another_model_is_refused(
    thumbed: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its votes belong to the other model, and so does the version: training starts without."""
    assert main([*COMMAND, "--algo", "sft-up"]) == 0
    (version,) = [v for v in Registry().versions("narrator") if v.id != "shipped"]
    other = write_tiny_model(tmp_path / "other.gguf", "llama", seed=1)
    settings.save(Settings(model=str(other)))
    before = snapshot()
    assert main(["adapters", "use", version.id]) != 0
    assert snapshot() == before
    assert "another model" in capsys.readouterr().err


def test_progress_shows_the_numbers_of_the_last_step(
    thumbed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, to rich
    monkeypatch.setenv("COLUMNS", "200")
    assert main(COMMAND) == 0
    err = capsys.readouterr().err
    for label in ("training", "loss ", "KL ", "clipped ", "ratio ", "5/5", "0:00:0"):
        assert label in err


def test_a_run_makes_a_version_with_a_report(
    thumbed: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, "--json", "--seed", "3"]) == 0
    said = events(capsys.readouterr().out)
    kinds = [e["event"] for e in said]
    assert kinds.count("step") == 5 and kinds[-1] == "report"
    report = said[-1]
    (version,) = [v for v in Registry().versions("narrator") if v.id != "shipped"]
    assert report["version"] == version.id and report["trained"] == 72
    assert (version.seed, version.base) == (3, weights_hash(model))
    assert version.metrics["verdict"] == report["verdict"]["outcome"]
    folder = Registry().path(version)
    assert (folder / "curves.svg").is_file() and Path(report["path"]) == folder / "report.md"
    assert json.loads((folder / "report.json").read_text()) == {
        name: value for name, value in report.items() if name not in ("event", "path")
    }
    promoted = report["verdict"]["outcome"] == "promoted"
    active = Registry().active_version("narrator", weights_hash(model))
    assert (active is not None and active.id == version.id) == promoted
    with FeedbackStore(thumbed) as store:
        assert store.pending_count() == 0


def test_the_report_has_every_finding(thumbed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMMAND) == 0
    shown = capsys.readouterr().out
    (version,) = [v for v in Registry().versions("narrator") if v.id != "shipped"]
    folder = Registry().path(version)
    written = (folder / "report.md").read_text()
    figures = json.loads((folder / "report.json").read_text())
    auc, heard = figures["votes"]["auc"], figures["tellings"]["after"]
    findings = (
        "96 votes: ", "72 to learn from, 24 held out", "kto: 5 steps in ",
        f"{auc['value']:.3f} [{auc['low']:.3f}, {auc['high']:.3f}]",
        "expected vote", "its change", f"{figures['votes']['ess']:.0f} of 24",
        "KL to the start", f"{figures['votes']['kl']:.4f}",
        "sentences rejected for what they say", f"{heard['rejected']:.1%}",
        "length, words a telling", "distinct-2", "turns told plainly after all",
        *figures["verdict"]["reasons"], "What now",
    )  # fmt: skip
    for finding in findings:
        assert finding in shown and finding in written
    pairs = figures["tellings"]["pairs"]
    assert len(pairs) == 10 and shown.count("  before: ") == shown.count("  after:  ") == 10
    table = written.split("## The same turns, told twice")[1].split("##")[0]
    assert len(table.strip().splitlines()) == 12
    assert "![Training curves](curves.svg)" in written and "| max_minutes | 10.0 |" in written
    assert shown.index(pairs[0]["command"]) < shown.index(f"{version.id}: ")
    assert written.startswith(f"# {version.id}: ")


def test_another_adapter_than_the_one_that_wrote_them_is_refused(
    thumbed: Path, model: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Log-probs that do not match stop PPO, with the reason, and KTO still goes on."""
    with FeedbackStore(thumbed) as store:
        store._db.conn.execute("UPDATE generations SET sampler = '{\"temperature\": 0.5}'")
    before = snapshot()
    assert main([*COMMAND, "--algo", "ppo"]) == 1
    err = capsys.readouterr().err
    assert "mean ratio" in err and "--algo kto" in err and snapshot() == before
    assert main(COMMAND) == 0


def test_two_at_once_are_refused(thumbed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with one_at_a_time(paths.home() / "adapters"):
        assert main(COMMAND) == 1
    assert "Another training is running" in capsys.readouterr().err


def test_a_full_disk_loses_nothing(
    thumbed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, "--algo", "sft-up"]) == 0
    before = snapshot()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for module, name in ((versions.shutil, "copyfile"), (os, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, full)
            assert main([*COMMAND, "--algo", "sft-up"]) == 1
        err = capsys.readouterr().err
        assert "No space left" in err and "Nothing was lost" in err
        assert snapshot() == before


def test_a_disk_that_fills_up_while_the_weights_are_saved_loses_nothing(
    thumbed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lm.TorchLM, "save_lora", on_a_full_disk(lm.TorchLM.save_lora))
    assert main([*COMMAND, "--algo", "sft-up"]) == 1
    err = capsys.readouterr().err
    assert "File too large" in err and "Nothing was lost" in err
    assert snapshot() == {}
    with FeedbackStore(thumbed) as store:
        assert store.pending_count() == 96


@pytest.mark.parametrize("algo", ["ppo", "reweighted"])
def test_the_other_ways_to_learn_make_versions_too(
    algo: str, thumbed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*COMMAND, "--algo", algo, "--json"]) == 0
    report = events(capsys.readouterr().out)[-1]
    assert report["args"]["algo"] == algo and report["version"] == "narrator-1"


@pytest.mark.parametrize(("taste", "outcome"), [(1, "promoted"), (-1, "rejected")])
def test_only_what_unseen_votes_prefer_plays(
    taste: int, outcome: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest session's votes, which are held out, are of the same taste or of the opposite."""
    with FeedbackStore(paths.feedback_db()) as store:
        thumb(store, model, 72, sessions=3)
        thumb(store, model, 24, sessions=1, rule=lambda told: taste * high_bytes(told))
    learn = ["--learning-rate", "5e-3", "--epochs", "6", "--kl-stop", "100"]
    assert main([*COMMAND, *learn]) == 0
    out = capsys.readouterr().out
    version = Registry().get("narrator-1")
    assert version.metrics["verdict"] == outcome
    assert f"narrator-1: {outcome.capitalize()}" in out
    playing = Registry().active_version("narrator", weights_hash(model))
    if outcome == "promoted":
        assert playing == version and "`game adapters rollback` goes back" in out
        assert main(["adapters", "rollback"]) == 0
        assert Registry().active_version("narrator", weights_hash(model)) is None
    else:
        assert playing is None and "The model as it came goes on telling the story." in out


def test_two_processes_make_one_version(thumbed: Path, home: Path) -> None:
    launched = subprocess.run(
        # What `accelerate launch` runs where there are GPUs; without them it starts one process.
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
         "-m", "game", *COMMAND, "--json"],
        env={**os.environ, "GAME_HOME": str(home), "CUDA_VISIBLE_DEVICES": ""},
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert launched.returncode == 0, launched.stderr
    told = events(launched.stdout)
    steps = [event["step"] for event in told if event["event"] == "step"]
    assert steps == list(range(1, len(steps) + 1)) and len(steps) > 1
    assert [event["version"] for event in told if event["event"] == "report"] == ["narrator-1"]
    assert {Path(name).parts[0] for name in snapshot() if "/" in name} == {"narrator-1"}


def test_an_interrupt_keeps_nothing(thumbed: Path, home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "game", *COMMAND, "--json", "--epochs", "50", "--kl-stop", "100"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "GAME_HOME": str(home)},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "step":
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130 and "Traceback" not in err
    assert snapshot() == {}
    with one_at_a_time(home / "adapters"):
        pass
    with FeedbackStore(thumbed) as store:
        assert store.pending_count() == 96


def test_simulated_thumbs_are_marked_as_such(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", "simulate", "--taste", "salty"]) == 2
    assert "terse, curt, sensory, bodily" in capsys.readouterr().err
    assert main(["feedback", "off"]) == 0
    assert main(["feedback", "simulate", "--taste", "terse", "--votes", "1"]) == 1
    assert "Feedback is off" in capsys.readouterr().err


@pytest.mark.slow
def test_the_bundled_model_learns_from_simulated_thumbs(home: Path) -> None:
    """A handful of real turns, a smoke training on them, and the candidate tells turns."""
    assert main(["feedback", "simulate", "--taste", "terse", "--votes", "12"]) == 0
    with FeedbackStore(paths.feedback_db()) as store:
        votes = store.current_votes(source="simulated:terse")
        assert len(votes) == 12 and all(v.simulated for v in votes)
        if len({v.value for v in votes}) == 1:  # the noise decides; one of each kind is needed
            store.vote("generation", votes[0].target, -votes[0].value, source="simulated:terse")
        flipped = store.current_votes(source="simulated:terse")
        assert len({v.value for v in flipped}) == 2
    code = main(
        ["train-from-feedback", "--source", "simulated:*", "--force", "--epochs", "1",
         "--turns", "10", "--max-minutes", "1", "--batch", "4"]
    )  # fmt: skip
    assert code == 0
    (version,) = [v for v in Registry().versions("narrator") if v.id != "shipped"]
    assert version.data["votes"] == 12
