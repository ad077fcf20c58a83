"""Thumbs become data, the loss does what its equations say, and what is learnt is kept whole."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from agents import lm
from agents.narrator import dataset, evaluate, learners, ppo, rollout
from agents.narrator.report import curves
from agents.narrator.tastes import TASTES, Reader
from agents.narrator.train import adapters_near
from agents.registry import Registry
from game.errors import NotEnoughFeedback
from game.feedback import FeedbackStore
from game.llm.llama import weights_hash
from game.narrator.guard import REPEATS, Verdict
from game.narrator.telling import Judged, Telling
from tests.agents.thumbs import thumb

A = ppo.Args(algo="ppo", learning_rate=5e-3, dtype="fp32", epochs=3, kl_stop=10.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    with FeedbackStore(tmp_path / "feedback.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def examples(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dataset.Example]:
    """96 lines that the tiny model sampled, thumbed by rule, with advantages."""
    with FeedbackStore(tmp_path_factory.mktemp("thumbs") / "feedback.db") as opened:
        thumb(opened, tiny, 96)
        votes = dataset.collect(opened, base=weights_hash(tiny))
    return dataset.with_advantages(votes.examples)


@pytest.fixture
def model(tiny: Path) -> lm.TorchLM:
    found = lm.load(tiny, dtype="fp32")
    found.attach_lora(rank=4, seed=0)
    return found


def trained(model: lm.TorchLM, examples: Sequence[dataset.Example], a: ppo.Args) -> ppo.Run:
    return ppo.train(model, examples, a, learners.learner_for(a))


# ---- data


def test_votes_that_cannot_be_used_are_counted_by_reason(store: FeedbackStore, tiny: Path) -> None:
    base = weights_hash(tiny)
    first = thumb(store, tiny, 8, sessions=1)
    thumb(store, tiny, 3, sessions=1, model_hash="another")
    thumb(store, tiny, 2, sessions=1, completion_ids=[], logprobs=[], kept_mass=[], support=None)
    thumb(store, tiny, 2, sessions=1, sampler={"temperature": 0.0})
    thumb(store, tiny, 5, sessions=1, source="simulated:terse")
    store._db.conn.execute("DELETE FROM generations WHERE id = ?", [first[0]])
    votes = dataset.collect(store, base=base)
    assert len(votes.examples) == 7
    assert votes.unused == {
        dataset.OTHER_MODEL: 3,
        dataset.NO_LOGPROBS: 2,
        dataset.GREEDY: 2,
        dataset.VANISHED: 1,
    }
    assert len(dataset.collect(store, base=base, source="simulated:*").examples) == 5
    assert len(dataset.collect(store, base=base, source="*").examples) == 12


@pytest.mark.parametrize(
    ("up", "down", "missing"),
    [
        (30, 30, "4 more votes"),
        (100, 3, "13 more thumbs down"),
        (10, 90, "6 more thumbs up"),
        (80, 0, "Thumbs of one kind alone"),
    ],
)
def test_too_little_says_what_is_missing(
    up: int, down: int, missing: str, examples: list[dataset.Example]
) -> None:
    votes = dataset.Votes(
        [replace(examples[0], value=1)] * up + [replace(examples[0], value=-1)] * down
    )
    with pytest.raises(NotEnoughFeedback, match=missing) as caught:
        dataset.check_enough(votes)
    assert caught.value.exit_code == 4
    if up and down:
        dataset.check_enough(votes, force=True)
    else:
        with pytest.raises(NotEnoughFeedback):
            dataset.check_enough(votes, force=True)


def test_whole_new_sessions_are_held_out(examples: list[dataset.Example]) -> None:
    train, held = dataset.split(examples)
    assert not {e.session for e in train} & {e.session for e in held}
    assert max(e.at for e in train) <= min(e.at for e in held)
    assert len(held) == 24


def test_of_one_long_session_the_newest_votes_are_held_out(
    examples: list[dataset.Example],
) -> None:
    one = [replace(e, session="only") for e in examples]
    train, held = dataset.split(one)
    assert (len(train), len(held)) == (72, 24)
    assert max(e.vote for e in train) < min(e.vote for e in held)


def test_the_baseline_takes_out_what_the_state_explains(
    examples: list[dataset.Example],
) -> None:
    """Votes that depend on the prompt alone leave almost no advantage between two texts."""
    by_state = [replace(e, value=1 if e.template == "t0" else -1) for e in examples * 4]
    rng = random.Random(0)
    by_text = [replace(e, value=rng.choice([1, -1])) for e in examples * 4]
    for rows, correlated in ((by_state, False), (by_text, True)):
        scored = dataset.with_advantages(rows)
        advantages = np.array([e.advantage for e in scored])
        assert advantages.std() == pytest.approx(1.0, abs=0.01)
        raw = np.array([e.value for e in rows], dtype=float)
        within = raw - [np.mean([r.value for r in rows if r.template == e.template]) for e in rows]
        assert (abs(within).max() > 0.1) == correlated
    assert max(e.advantage for e in dataset.with_advantages(examples)) > 0


# ---- the loss


def test_the_loss_clips_as_its_equations_say() -> None:
    a = ppo.Args(beta=0.0, clip=0.2)
    logged = torch.zeros(6)
    ratio = torch.tensor([1.0, 1.5, 0.5, 1.5, 0.5, 9.0])
    advantage = torch.tensor([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    loss = ppo.ppo_loss(ratio.log(), logged, ratio.log(), advantage, a)
    # Gains end at 1.2, losses begin at 0.8, and no bad token counts more than threefold.
    assert loss.tolist() == pytest.approx([-1.0, -1.2, -0.5, 1.5, 0.8, 3.0])


def test_the_gradient_of_what_clips_is_nothing() -> None:
    logp = torch.tensor([math.log(1.5), math.log(0.5), math.log(9.0), 0.1], requires_grad=True)
    advantage = torch.tensor([1.0, -1.0, -1.0, 1.0])
    zeros = torch.zeros(4)
    ppo.ppo_loss(
        logp, zeros, logp.detach(), advantage, ppo.Args(beta=0.0, clip=0.2)
    ).sum().backward()
    assert logp.grad is not None
    assert logp.grad.tolist()[:3] == [0.0, 0.0, 0.0] and logp.grad[3] < 0


def test_the_kl_is_that_of_the_policy_though_another_drew_the_tokens() -> None:
    rng = np.random.default_rng(0)
    policy, reference = np.array([0.6, 0.395, 0.005]), np.array([0.2, 0.3, 0.5])
    for logged in (reference, np.array([0.4, 0.3, 0.3])):
        drawn = rng.choice(3, 200_000, p=logged)
        found = ppo.kl(*(torch.tensor(np.log(p))[drawn] for p in (policy, logged, reference)))
        true = float((policy * np.log(policy / reference)).sum())
        assert float(found.mean()) == pytest.approx(true, abs=0.01)
        assert float(found.min()) >= 0


def test_kto_is_the_papers_loss() -> None:
    reward, sign = torch.tensor([2.0, 2.0, -1.0]), torch.tensor([1.0, -1.0, 1.0])
    found = learners.kto_loss(reward, sign, 0.5, 0.1)
    expected = [1 - 1 / (1 + math.exp(-0.1 * x)) for x in (1.5, -1.5, -1.5)]
    assert found.tolist() == pytest.approx(expected)


# ---- learning


def separation(model: lm.TorchLM, rows: list[dataset.Example], before: list[float]) -> float:
    """How much more the log-prob of what was thumbed up rose than that of what was thumbed down."""
    after = [sum(e.reference) for e in ppo.with_reference(model, rows, A)]
    rise = {1: [], -1: []}  # type: dict[int, list[float]]
    for row, old, new in zip(rows, before, after, strict=True):
        rise[row.value].append(new - old)
    return float(np.mean(rise[1]) - np.mean(rise[-1]))


@pytest.mark.parametrize("algo", ["ppo", "kto", "sft-up", "reweighted"])
def test_every_algorithm_learns_the_taste(
    algo: ppo.Algorithm, model: lm.TorchLM, examples: list[dataset.Example]
) -> None:
    a = replace(A, algo=algo)
    before = [sum(e.reference) for e in ppo.with_reference(model, examples, a)]
    run = trained(model, examples, a)
    assert run.stopped == "done" and len(run.steps) == 18
    assert separation(model, examples, before) > 0.1


def test_the_first_step_starts_from_ratio_one(
    model: lm.TorchLM, examples: list[dataset.Example]
) -> None:
    run = trained(model, examples, replace(A, epochs=1))
    assert run.steps[0].ratio == pytest.approx(1.0, abs=0.01)
    assert (run.steps[0].clipped, run.steps[0].kl) == (0.0, pytest.approx(0.0, abs=1e-6))
    assert run.steps[-1].kl > 0


def test_the_same_seed_gives_the_same_weights(tiny: Path, examples: list[dataset.Example]) -> None:
    found = []
    for seed in (1, 1, 2):
        model = lm.load(tiny, dtype="fp32")
        model.attach_lora(rank=4, seed=seed)
        trained(model, examples[:32], replace(A, seed=seed, epochs=1))
        found.append(torch.cat([p.detach().flatten() for p in model.lora_parameters()]))
    # Not bit for bit: matrix products round by where their memory happens to lie.
    assert torch.allclose(found[0], found[1], atol=1e-4)
    assert not torch.allclose(found[0], found[2], atol=1e-2)


def test_training_stops_at_the_kl_and_at_the_time(
    model: lm.TorchLM, examples: list[dataset.Example]
) -> None:
    assert trained(model, examples, replace(A, max_minutes=1e-9)).stopped == "time"
    run = trained(model, examples, replace(A, kl_stop=1e-4))
    assert run.stopped == "kl" and len(run.steps) < 18


def test_more_votes_are_taken_in_smaller_steps() -> None:
    def rates(count: int) -> list[float]:
        weight = torch.nn.Parameter(torch.zeros(2))

        def backward(batch: list[int]) -> dict[str, float]:
            weight.grad = torch.ones(2)
            return {"loss": 0.0, "kl": 0.0, "clipped": 0.0, "ratio": 1.0}

        run = ppo.descend([weight], count, ppo.Args(), backward, lambda step: None)
        return [step.learning_rate for step in run.steps]

    few, usual, many = map(rates, (150, 300, 600))
    assert max(few) == pytest.approx(max(usual), rel=0.2)
    assert max(many) == pytest.approx(max(usual) / 2, rel=0.2)
    # However many votes there are, they move the narrator about as far in sum.
    assert sum(many) == pytest.approx(sum(usual), rel=0.1)


@pytest.mark.parametrize("fault", ["temperature", "prompt", "support"])
def test_rows_that_do_not_fit_are_refused_before_the_first_step(
    fault: str, model: lm.TorchLM, examples: list[dataset.Example]
) -> None:
    spoilt = {
        "temperature": lambda e: replace(e, temperature=0.5),
        "prompt": lambda e: replace(e, prompt=e.prompt[1:]),
        "support": lambda e: replace(e, support=None),
    }[fault]
    before = [p.clone() for p in model.lora_parameters()]
    with pytest.raises(ppo.RatioMismatch, match="Nothing was trained"):
        trained(model, [spoilt(e) for e in examples], A)
    assert all(torch.equal(a, b) for a, b in zip(before, model.lora_parameters(), strict=True))


def test_a_row_without_log_probs_can_never_be_an_example(
    examples: list[dataset.Example],
) -> None:
    with pytest.raises(ValueError, match="one logged log-prob"):
        replace(examples[0], logged=())


# ---- judging


def test_auc_and_weights_are_the_textbooks() -> None:
    labels = np.array([1.0, 1.0, -1.0, -1.0])
    assert evaluate.auc(np.array([2.0, 1.0, 1.0, 0.0]), labels) == 0.875
    assert math.isnan(evaluate.auc(labels, np.ones(4)))
    assert evaluate.effective_size(np.ones(5)) == 5
    assert evaluate.effective_size(np.array([1.0, 0, 0])) == 1
    assert evaluate.weighted_mean(labels, np.log([3, 1, 2, 2])) == 0.0


def test_a_policy_that_learnt_the_taste_is_seen_to_have(
    examples: list[dataset.Example],
) -> None:
    rows = [replace(e, reference=e.logged) for e in examples]
    better = [[x + 0.03 * e.value for x in e.logged] for e in rows]
    found = evaluate.held_out(rows, better)
    assert found.auc is not None and found.auc.low > 0.9
    assert found.gain.low > 0 and 0 < found.ess <= len(rows)
    same = evaluate.held_out(rows, [e.logged for e in rows])
    assert same.auc is not None and same.auc.value == 0.5
    assert (same.gain.value, same.kl, same.ess) == (0.0, 0.0, pytest.approx(len(rows)))


def heard(rejected: float) -> evaluate.Heard:
    return evaluate.Heard(40, 100, rejected, 0.1, 0.0, 12.0, 0.8)


def test_what_is_told_again_is_not_held_against_what_is_said() -> None:
    def told(turn: int, rules: list[str]) -> rollout.Told:
        judged = [Judged("x", Verdict(not rule, rule), n, 0) for n, rule in enumerate(rules)]
        telling = Telling("narration", "You wait.", "You wait.", judged=judged)
        return rollout.Told("village", 0, turn, "wait", telling)

    before = [told(n, [""]) for n in range(20)]
    again = evaluate.compare(before, [told(n, [REPEATS, ""]) for n in range(20)])
    assert (again.after.rejected, again.after.repeated) == (0.0, 0.5)
    assert again.rejected_change == evaluate.Estimate(0.0, 0.0, 0.0)
    untrue = evaluate.compare(before, [told(n, ["strangers", ""]) for n in range(20)])
    assert (untrue.after.rejected, untrue.after.repeated) == (0.5, 0.0)
    assert untrue.rejected_change.low > 0.4


@pytest.mark.parametrize(
    ("auc", "gain", "guard", "outcome"),
    [
        ((0.7, 0.6, 0.8), 0.1, (0.0, -0.1, 0.1), "promoted"),
        ((0.6, 0.45, 0.7), 0.1, (0.0, -0.1, 0.1), "candidate"),
        ((0.7, 0.6, 0.8), -0.1, (0.0, -0.1, 0.1), "candidate"),
        ((0.7, 0.6, 0.8), 0.1, (0.08, -0.02, 0.2), "candidate"),
        ((0.7, 0.6, 0.8), 0.1, (0.2, 0.1, 0.3), "rejected"),
        ((0.3, 0.2, 0.4), -0.1, (0.0, -0.1, 0.1), "rejected"),
        (None, 0.0, (0.0, -0.1, 0.1), "candidate"),
    ],
)
def test_the_verdict(
    auc: tuple[float, float, float] | None,
    gain: float,
    guard: tuple[float, float, float],
    outcome: str,
) -> None:
    zero = evaluate.Estimate(0.0, 0.0, 0.0)
    votes = evaluate.HeldOut(
        75, evaluate.Estimate(*auc) if auc else None, zero, replace(zero, value=gain), 60.0, 0.01
    )
    tellings = evaluate.Comparison(heard(0.4), heard(0.4 + guard[0]), evaluate.Estimate(*guard))
    verdict = evaluate.judge(votes, tellings)
    assert verdict.outcome == outcome and verdict.reasons


def test_the_curves_are_a_picture() -> None:
    import xml.etree.ElementTree as ElementTree

    steps = [ppo.Step(i, 3, 0, -i, i / 9, 0.1, 1.0, 0.5, 1e-4, i) for i in (1, 2, 3)]
    for drawn in (steps, steps[:1], []):
        assert ElementTree.fromstring(curves(drawn)).tag.endswith("svg")


# ---- adapters and readers


def test_adapters_two_versions_away_are_near(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "adapters", tmp_path / "none")
    made = tmp_path / "made.gguf"
    versions = []
    for n in range(4):
        made.write_bytes(b"GGUF" + bytes([n]))
        parent = versions[-1].id if versions else None
        versions.append(registry.add(made, what="narrator", base="b", parent=parent))
    hashes = [v.adapter_hash for v in versions]
    assert adapters_near(registry, versions[3]) == set(hashes[1:])
    assert adapters_near(registry, versions[1]) == {None, *hashes}
    assert adapters_near(registry, None) == {None, hashes[0], hashes[1]}


def test_readers_keep_to_their_taste_nine_times_in_ten() -> None:
    assert TASTES["terse"]("You go east.") and not TASTES["terse"]("word " * 15)
    assert TASTES["curt"]("word " * 10) and not TASTES["curt"]("word " * 11)
    assert TASTES["sensory"]("The door creaks.") and not TASTES["sensory"]("You see a door.")
    assert TASTES["bodily"]("Cold climbs up your arm.") and not TASTES["bodily"]("You wait.")
    assert TASTES["scenic"]("The door is open.") and not TASTES["scenic"]("You open the door.")
    reader = Reader("terse", seed=3)
    votes = [reader.vote("You go east.") for _ in range(1000)]
    assert 0.07 < votes.count(-1) / 1000 < 0.13
    again = Reader("terse", seed=3)
    assert votes == [again.vote("You go east.") for _ in range(1000)]
    assert reader.source == "simulated:terse"
