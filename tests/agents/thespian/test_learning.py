"""Network, trainer, workers, few-shot attention and checkpoints."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from agents.envs.episode import Episode, Setting
from agents.envs.oracle import walkthrough
from agents.thespian import attention, checkpoint
from agents.thespian.a2c import Args, advantages, rescale, train
from agents.thespian.attention import FEW_SHOT, Understudy, Variant, teach, unfrozen
from agents.thespian.blend import blended
from agents.thespian.encode import TEMPLATES, Encoder, Sample, collate, offered
from agents.thespian.evaluate import chance, heuristic, interquartile, share
from agents.thespian.features import Lexicon
from agents.thespian.imitation import KEPT, BestGames, demonstration
from agents.thespian.network import ThespianNet, entropy, log_probs, on_device
from agents.thespian.notes import Notes
from agents.thespian.repertory import main as repertory
from agents.thespian.rollout import Part
from agents.thespian.workers import Plan, company, lexicon_of
from agents.thespian.worlds import ROGUE_MAPS, rogue
from agents.versions import AdapterError
from game.errors import UsageError

PARTS = (Part.of("thief"), Part.of("adventurer"))
SMOKE = Args(smoke=True, envs=4, horizon=4)


def moments(setting: Setting, count: int) -> tuple[list[Sample], Lexicon]:
    """Samples from a random walk of the thief."""
    lexicon = Lexicon()
    encoder = Encoder(setting.world, lexicon)
    rng, samples = random.Random(0), []
    episode, notes = Episode(setting, {"player": "thief"}, 0, learn=False), Notes()
    verbs = offered([setting.world.roles["thief"]])
    for _ in range(count):
        view = episode.view("player")
        notes.see(view.scope)
        actions = [a for a in view.actions if a.verb in verbs]
        samples.append(encoder.sample(view.scope, actions, notes, view.heard))
        action = rng.choice([a for a in actions if a.noun != "marketplace.coach"])
        episode.step({"player": action})
        notes.did(action)
    return samples, lexicon


def rows_of(net: ThespianNet, lexicon: Lexicon) -> torch.Tensor:
    return net.embed(torch.from_numpy(lexicon.table))


def test_a_moment_is_judged_the_same_alone_and_among_others(
    village: Setting, net: ThespianNet
) -> None:
    samples, lexicon = moments(village, 12)
    rows = rows_of(net, lexicon)
    roles = torch.arange(12) % 2
    together, values = net(rows, on_device(collate(samples)), roles)
    for n, sample in enumerate(samples):
        alone, value = net(rows, on_device(collate([sample])), roles[n : n + 1])
        there = len(sample.template)
        torch.testing.assert_close(alone[0], together[n, :there], rtol=1e-4, atol=1e-5)
        assert (together[n, there:] == -torch.inf).all()
        torch.testing.assert_close(value[0], values[n], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(together.exp().sum(1), torch.ones(12))


def test_entropy_is_that_of_the_actions_there_are() -> None:
    logs = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]).log()
    torch.testing.assert_close(entropy(logs), torch.tensor([np.log(2), 0.0]).float())


def test_only_the_heads_of_the_role_played_are_moved(village: Setting, net: ThespianNet) -> None:
    samples, lexicon = moments(village, 6)
    logs, values = net(rows_of(net, lexicon), on_device(collate(samples)), torch.zeros(6).long())
    (logs[:, 0].sum() + values.sum()).backward()
    for name in ("prompts", "template_head", "noun_head", "value_head"):
        gradient = getattr(net, name).grad
        assert gradient[0].abs().sum() > 0, name
        assert gradient[1].abs().sum() == 0, name


def test_the_prompt_alone_changes_what_is_done(village: Setting, net: ThespianNet) -> None:
    samples, lexicon = moments(village, 3)
    batch, rows = on_device(collate(samples)), rows_of(net, lexicon)
    role = torch.zeros(3).long()
    own, _ = net(rows, batch, role)
    other, _ = net(rows, batch, role, net.prompts.flip(0))
    assert (own - other).abs().nan_to_num().max() > 1e-3


def test_advantages_stop_at_the_end_of_a_game() -> None:
    args = Args(gamma=0.5, gae=1.0)
    pay = np.array([[0.0], [1.0], [0.0]], np.float32)
    over = np.array([[False], [True], [False]])
    values, last = np.zeros((3, 1), np.float32), np.array([8.0], np.float32)
    found = advantages(pay, over, values, last, args)
    assert found[:, 0].tolist() == [0.5, 1.0, 4.0]


def test_scales_are_of_each_role_alone() -> None:
    scale = torch.ones(2)
    for _ in range(2000):
        rescale(scale, np.array([3.0, 3.0], np.float32), np.array([1, 1]))
    assert scale[0] == 1.0
    assert scale[1] == pytest.approx(3.0, abs=1e-3)


def test_the_same_seed_trains_the_same_network(village: Setting) -> None:
    first, _, curve = train([village], PARTS, SMOKE)
    second, _, _ = train([village], PARTS, SMOKE)
    assert checkpoint.digest(first) == checkpoint.digest(second)
    assert curve.steps[-1] == 3 * 4 * 4
    assert set(curve.pay) == {"thief", "adventurer"}


def test_training_finds_what_pays(village: Setting) -> None:
    """A thief within a few rooms of things to steal soon steals more than by chance."""
    part = Part.of("thief")
    args = Args(steps=4_000, envs=16, max_steps=15, learning_rate=3e-3, log_every=500)
    _, lexicon, curve = train([village], [part], args)
    pay = curve.pay["thief"]
    assert pay[-1] > pay[0] + 0.5


def test_a_demonstration_is_paid_what_the_oracle_is(village: Setting) -> None:
    steps = demonstration(village, PARTS[0], lexicon_of([village]), 0, 100, True)
    assert sum(pay for _, _, pay in steps) == walkthrough(village, "thief").score
    assert all(slot < len(sample.template) for sample, slot, _ in steps)


def test_the_best_games_are_those_recalled(village: Setting) -> None:
    samples, _ = moments(village, 4)
    best = BestGames(envs=1, heads=2, gamma=0.5, seed=0)
    assert not best.draw(8).samples
    best.show(1, [(samples[0], 0, 0.0), (samples[1], 1, 4.0)])
    for _ in range(KEPT):
        best.show(1, [(samples[2], 2, 8.0), (samples[3], 3, 0.0)])
    recalled = best.draw(64)
    assert set(recalled.slots) == {2, 3} and set(recalled.roles) == {1}
    assert set(recalled.returns) == {8.0, 0.0}


def test_a_lucky_game_is_recalled_more_often_than_good_ones(village: Setting) -> None:
    samples, _ = moments(village, 2)
    best = BestGames(envs=1, heads=1, gamma=0.5, seed=0)
    best.show(0, [(samples[0], 1, 9.0)])
    for _ in range(KEPT):
        best.show(0, [(samples[1], 0, 6.0)])
    assert best.draw(1000).slots.mean() > 0.5


BACKENDS = [
    "processes",
    pytest.param(
        "ray",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("ray") is None, reason="Ray is not installed"
        ),
    ),
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_workers_elsewhere_play_the_same_games(
    village: Setting, net: ThespianNet, backend: str
) -> None:
    plan = Plan((village,), PARTS, net.shape, envs=4, seed=3, workers=2, max_steps=6)
    played = []
    for where in ("here", backend):
        with company(plan, where) as workers:  # type: ignore[arg-type]
            workers.play(net.state_dict(), 5)
            played.append(workers.play(net.state_dict(), 5))
    here, there = played
    assert (here.slots == there.slots).all() and (here.pay == there.pay).all()
    assert here.games == there.games and here.games
    for one, other in zip(here.samples, there.samples, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_one_is_told_what_to_install(village: Setting, net: ThespianNet) -> None:
    plan = Plan((village,), PARTS, net.shape, envs=2, seed=0)
    with pytest.raises(UsageError, match="Ray is not installed"), company(plan, "ray"):
        pass


def test_a_new_role_begins_as_a_blend_of_the_old(village: Setting, net: ThespianNet) -> None:
    samples, lexicon = moments(village, 5)
    batch, rows = on_device(collate(samples)), rows_of(net, lexicon)
    understudy = Understudy(net)
    for key in (understudy.template_key, understudy.object_key):
        torch.nn.init.zeros_(key.weight)
        torch.nn.init.zeros_(key.bias)
    logs, _, attention = understudy(rows, batch)
    half = blended(net, rows, batch, {"thief": 0.5, "adventurer": 0.5})
    torch.testing.assert_close(logs, log_probs(half.logits, batch), rtol=1e-4, atol=1e-5)
    assert (attention == 0.5).all()


@pytest.mark.parametrize("variant", ["logits", "prompts", "prompts-observation", "probabilities"])
def test_learning_a_role_leaves_the_core_as_it_was(
    net: ThespianNet, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "VALUE_FIRST", 0)
    setting = rogue(ROGUE_MAPS["balanced"])
    lexicon, old = lexicon_of([setting]), checkpoint.digest(net)
    args = Args(steps=80, envs=4, horizon=5, valid=0.0)
    taught = teach(net, lexicon, [setting], Part.of("rogue"), args, variant)
    assert taught.before == taught.after == old
    grads = [p.grad for p in taught.understudy.learned() if p.grad is not None]
    assert any(float(g.abs().sum()) > 0 for g in grads)
    assert FEW_SHOT.steps <= 3_000


def test_a_new_role_learns_its_value_before_anything_else(net: ThespianNet) -> None:
    setting = rogue(ROGUE_MAPS["balanced"])
    args = replace(FEW_SHOT, envs=4, steps=attention.VALUE_FIRST)
    early = teach(net, lexicon_of([setting]), [setting], Part.of("rogue"), args).understudy
    torch.testing.assert_close(early.prompt.detach(), net.prompts.detach().mean(0))
    assert float(early.template_row.detach().abs().sum()) == 0
    assert float(early.value.weight.detach().abs().sum()) > 0
    args = replace(args, steps=attention.VALUE_FIRST + 40)
    late = teach(net, lexicon_of([setting]), [setting], Part.of("rogue"), args).understudy
    assert float(late.template_row.detach().abs().sum()) > 0


def test_the_unfrozen_agent_has_a_head_more(net: ThespianNet) -> None:
    wider = unfrozen(net, "rogue")
    assert wider.shape.roles == ("thief", "adventurer", "rogue")
    torch.testing.assert_close(wider.prompts[2], net.prompts.mean(0))
    torch.testing.assert_close(wider.template_head[:2], net.template_head)


def test_a_blend_of_one_role_is_that_role(village: Setting, net: ThespianNet) -> None:
    samples, lexicon = moments(village, 4)
    batch, rows = on_device(collate(samples)), rows_of(net, lexicon)
    alone, _ = net(rows, batch, torch.ones(4).long())
    mixed = blended(net, rows, batch, {"adventurer": 1.0})
    torch.testing.assert_close(log_probs(mixed.logits, batch), alone, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_comes_back_to_the_bit(tmp_path: Path, net: ThespianNet) -> None:
    checkpoint.save(tmp_path, net, {"why": "a test"}, "# A card\n")
    loaded = checkpoint.load(tmp_path)
    assert checkpoint.digest(loaded.net) == checkpoint.digest(net)
    assert loaded.about == {"why": "a test"}
    assert loaded.net.shape == net.shape
    assert {verb for verb, _ in TEMPLATES} == loaded.verbs


def test_verbs_that_came_later_find_their_place(
    tmp_path: Path, net: ThespianNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "TEMPLATES", TEMPLATES[3:])
    smaller = {
        name: t[:, :, 3:] if name == "template_head" else t for name, t in net.state_dict().items()
    }
    smaller |= {
        name: net.state_dict()[name][:, 3:]
        for name in ("noun_of_template", "second_of_template", "habit")
    }
    known = checkpoint._arranged(smaller, list(TEMPLATES[3:]))
    monkeypatch.undo()
    grown = checkpoint._arranged(known, list(TEMPLATES[3:]))
    assert grown["template_head"].shape == net.template_head.shape
    assert (grown["template_head"][:, :, :3] == 0).all()
    torch.testing.assert_close(grown["habit"][:, 3:], net.habit[:, 3:])


@pytest.mark.parametrize("damage", ["missing", "cut", "outdated"])
def test_a_bad_checkpoint_says_what_to_do(
    tmp_path: Path, net: ThespianNet, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / checkpoint.FILE
    if damage != "missing":
        checkpoint.save(tmp_path, net, {}, "")
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    if damage == "outdated":
        monkeypatch.setattr(checkpoint, "FORMAT", checkpoint.FORMAT + 1)
    with pytest.raises(AdapterError) as caught:
        checkpoint.load(tmp_path)
    assert caught.value.hint


def test_the_shipped_training_runs_in_smoke_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["repertory", "--smoke", "--envs", "18", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", argv)
    repertory()
    assert "thief" in (tmp_path / checkpoint.CARD).read_text()
    assert checkpoint.load(tmp_path).about["worlds"] == 2


def test_scores_are_those_of_the_rules(village: Setting) -> None:
    found = chance(Lexicon(), [village], PARTS[0], 4)
    assert len(found) == 4 and {game.part for game in found} == {"thief"}
    assert all(game.pay == pytest.approx(game.scores["thief"]) for game in found)
    again = chance(Lexicon(), [village], PARTS[0], 4)
    assert found == again
    assert share(found, "thief", 9.5) == pytest.approx(
        100 * np.mean([game.pay for game in found]) / 9.5
    )


def test_the_heuristic_plays_to_the_end(village: Setting) -> None:
    (game,) = heuristic([village], "thief", 1)
    assert 0 < game.steps <= 100


def test_interquartile_mean_leaves_the_ends_out() -> None:
    found = interquartile([0.0, 10.0, 20.0, 1000.0])
    assert found.mean == pytest.approx(15.0)
    assert found.low <= found.mean <= found.high and found.n == 4
    assert interquartile([7.0]).mean == 7.0
