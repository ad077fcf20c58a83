"""The benchmark of tastes: its cells in order of worth, its cache, and what its tables say."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.executor import Backend, run
from agents.narrator.dataset import Example
from benchmarks import taste, taste_report, taste_rows
from game.llm.bundled import bundled_model_path
from game.llm.scripted import ScriptedModel
from game.narrator.adapters import NarratorAdapter


def test_the_cells_that_tell_most_come_first() -> None:
    cells = taste.plan()
    assert len(set(cells)) == len(cells) == len({c.name for c in cells})
    telling = {(t, a) for t in taste.MAIN for a in ("none", "ppo")}
    assert {(c.taste, c.arm) for c in cells[: len(telling)]} == telling
    assert {c.seed for c in cells[: len(taste.MAIN) * len(taste.ALGORITHMS)]} == {0}
    assert {c.arm for c in cells} == set(taste.ARMS)
    assert {c.taste for c in cells} == set(taste.MAIN)


def test_tellings_come_back_from_the_cache_as_they_were(tmp_path: Path) -> None:
    example = Example(
        vote=3, value=0, source="", session="village:0", at="000003", turn=2, world="village",
        kind="narration", adapter="a", template="t", text="You wait.", prompt=(1, 2),
        completion=(3, 4), logged=(-0.5, -0.25), support=((3, 5), None), temperature=0.45,
    )  # fmt: skip
    rows = [
        taste_rows.Row("village", 0, 2, "wait", "You wait.", "You wait.", (), 1, 0.2, example),
        taste_rows.Row("village", 0, 3, "wait", "You wait.", "", ("loops", "tense"), 2, 1.2, None),
    ]
    taste_rows.write(tmp_path / "cache" / "rows.jsonl.gz", rows)
    assert taste_rows.read(tmp_path / "cache" / "rows.jsonl.gz") == rows
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["rows.jsonl.gz"]


@pytest.mark.parametrize("backend", ["processes", "ray"])
def test_workers_elsewhere_tell_the_same(backend: Backend, tmp_path: Path) -> None:
    if backend == "ray":
        pytest.importorskip("ray")
    style = NarratorAdapter(taste.ADAPTER, True)
    jobs = [
        taste_rows.Rollout(bundled_model_path(), style, "style", seed, True, 3) for seed in (0, 1)
    ]
    here = list(run(taste_rows.rollout, jobs))
    taste_rows.prepare(tmp_path, jobs, backend, 2)
    there = [taste_rows.cached(tmp_path, ScriptedModel([]), job) for job in jobs]
    assert timeless(there) == timeless(here) and all(len(rows) == 3 for rows in here)


def timeless(told: list[list[taste_rows.Row]]) -> list[list[taste_rows.Row]]:
    return [[replace(row, seconds=0.0) for row in rows] for rows in told]


def cell(arm: str, seed: int, liked: float, *, rejected: float = 0.3) -> dict[str, Any]:
    """One in ten of the sentences sent back is untrue, the others were told before."""
    rng = random.Random(f"{arm}{seed}")
    hits = ["-" if n % 50 == 0 else "01"[rng.random() < liked] for n in range(150)]
    broken = [["repeats" if rng.random() < 0.9 else "strangers"] * (rng.random() < rejected)
              for _ in hits]  # fmt: skip
    return {
        "taste": "terse", "arm": arm, "votes": 0 if arm == "none" else 300, "seed": seed,
        "hits": "".join(hits), "words": [0 if h == "-" else 10 for h in hits],
        "rejected": [len(rules) for rules in broken], "broken": broken, "judged": [1] * len(hits),
        "distinct2": 0.5, "told": [],
    } | ({} if arm == "none" else {
        "kl": 0.03, "cpu_minutes": 2.0, "first_ratio": 1.0, "first_clipped": 0.04, "steps": 30,
        "stopped": "done",
    })  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Cells of two seeds, of which a third seed lacks its start."""
    cells = [cell("none", 0, 0.5), cell("none", 1, 0.5), cell("ppo", 0, 0.8), cell("ppo", 1, 0.8)]
    cells += [cell("ppo", 2, 0.8), cell("no-kl", 0, 0.9, rejected=0.6)]
    kept = tmp_path / "taste"
    kept.mkdir()
    for c in cells:
        name = f"{c['taste']}-{c['arm']}-{c['votes']}-{c['seed']}.json"
        (kept / name).write_text(json.dumps(c))
    return kept


def test_gains_are_against_the_same_seeds_start(folder: Path) -> None:
    rows = {r["arm"]: r for r in taste_report.summary(taste_report.read(folder))}
    assert rows["none"]["gain"] == 0 and rows["none"]["seeds"] == 2
    ppo = rows["ppo"]
    assert ppo["seeds"] == 2  # the third has no start to compare with
    assert ppo["gain"] == pytest.approx(30, abs=10)
    assert 15 < ppo["gain_low"] < ppo["gain"] < ppo["gain_high"] < 45
    assert ppo["plainly"] == 2.0 and ppo["words"] == 10
    no_kl = rows["no-kl"]
    assert no_kl["worse_low"] > 0 and no_kl["seeds"] == 1
    assert no_kl["faults_low"] < no_kl["faults"] < no_kl["worse_low"]


def test_tastes_are_averaged_over_the_seeds_that_have_them_all(folder: Path) -> None:
    kept = taste_report.read(folder)
    alike = {("curt", arm, votes): by_seed for (_, arm, votes), by_seed in kept.items()}
    kto = {("curt", "kto", 300): {0: cell("kto", 0, 0.9)}}
    (ppo,) = taste_report.overall(kept | alike | kto, ["ppo", "kto"])  # no taste but one has KTO
    single = {r["arm"]: r for r in taste_report.summary(kept)}["ppo"]
    assert (ppo["tastes"], ppo["seeds"]) == (["terse", "curt"], 2)
    assert ppo["gain"] == pytest.approx(single["gain"])
    assert (ppo["gain_low"], ppo["gain_high"]) == (single["gain_low"], single["gain_high"])
    kto[("terse", "kto", 300)] = {0: cell("kto", 0, 0.5)}
    _, other = taste_report.overall(kept | alike | kto, ["ppo", "kto"])
    assert other["seeds"] == 1 and other["against_low"] < other["against"] < other["against_high"]
    assert other["against"] == pytest.approx(-10, abs=8)  # a tenth more of one, less of the other


def test_cells_that_do_not_say_what_was_sent_back_for_leave_it_open(folder: Path) -> None:
    for path in folder.glob("*-ppo-*.json"):
        made = json.loads(path.read_text())
        del made["broken"]
        path.write_text(json.dumps(made))
    rows = {r["arm"]: r for r in taste_report.summary(taste_report.read(folder))}
    assert rows["ppo"]["faults"] is None and rows["ppo"]["rejected"] > 0
    assert rows["no-kl"]["faults"] is not None


def test_the_tables_and_the_picture_say_how_many_seeds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = cell("wide-clip", 0, 0.8)
    (folder / "wide.json").write_text(json.dumps(wide))
    kinds = taste.ALGORITHMS, taste.ABLATIONS, taste.FURTHER
    taste_report.write(folder, folder.parent, taste.ARMS, *kinds)
    text = (folder.parent / "taste.md").read_text()
    assert "1 to 2 seeds" in text and text in capsys.readouterr().out
    assert "| terse | ppo | 300 | 2 |" in text
    without, further = text.split("What goes wrong")[1].split("What might")
    assert taste.ARMS["no-kl"].what in without and taste.ARMS["wide-clip"].what in further
    drawn = (folder.parent / "taste.svg").read_text()
    assert ElementTree.fromstring(drawn).tag.endswith("svg") and "2 seeds" in drawn


def test_without_cells_there_are_no_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = taste.ALGORITHMS, taste.ABLATIONS, taste.FURTHER
    taste_report.write(tmp_path / "taste", tmp_path, taste.ARMS, *kinds)
    assert "No cells yet" in capsys.readouterr().out and list(tmp_path.iterdir()) == []
