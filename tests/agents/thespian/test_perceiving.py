"""Features, notes and encoding: what enters the network is what the character perceived."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from agents.envs.episode import Episode, Setting
from agents.thespian.encode import TEMPLATES, Encoder, Sample, collate, offered
from agents.thespian.features import Lexicon
from agents.thespian.notes import DECAY, Notes
from agents.thespian.worlds import REPERTOIRE, generated, plain, with_repertoire
from game.engine.events import Action
from game.engine.verbs import VERBS

WHO = "player"


def go(episode: Episode, notes: Notes, direction: str) -> None:
    scope = episode.view(WHO).scope
    exit = next(e for e in scope.exits if e.name == direction)
    action = Action("go", exit.id)
    episode.step({WHO: action})
    notes.did(action)
    notes.see(episode.view(WHO).scope)


def begin(setting: Setting) -> tuple[Episode, Notes]:
    episode, notes = Episode(setting, {WHO: "thief"}, 0, learn=False), Notes()
    notes.see(episode.view(WHO).scope)
    return episode, notes


def sample_of(encoder: Encoder, episode: Episode, notes: Notes) -> Sample:
    view = episode.view(WHO)
    return encoder.sample(view.scope, view.actions, notes, view.heard)


def test_equal_things_share_a_row_whatever_their_ids(village: Setting) -> None:
    lexicon = Lexicon()
    first = lexicon.world(village.world)
    size = len(lexicon.table)
    assert lexicon.world(village.world) == first
    assert len(lexicon.table) == size
    assert not lexicon.table[0].any()


def test_a_world_without_tags_pays_for_the_same_things() -> None:
    tagged, bare = generated(1, 5)[0].world, plain(generated(1, 5)[0].world)
    assert not any(item.tags for item in bare.items.values())
    assert (
        Setting(bare).table.opportunities["thief"] == Setting(tagged).table.opportunities["thief"]
    )


def test_every_world_can_have_the_repertoire_and_keeps_its_own_roles(village: Setting) -> None:
    world = with_repertoire(village.world)
    assert set(REPERTOIRE) <= set(world.roles)
    assert world.roles["thief"] is village.world.roles["thief"]


def test_only_ways_taken_are_known_and_the_way_back_with_them(village: Setting) -> None:
    episode, notes = begin(village)
    assert not notes.ways
    go(episode, notes, "east")
    assert set(notes.ways.values()) == {"tavern", "marketplace"}
    assert notes.unexplored[notes.rooms["tavern"]] == 0
    here = episode.view(WHO).scope
    assert notes.unexplored[notes.rooms["marketplace"]] == len(here.exits) - 1


def test_nearness_falls_with_every_step(village: Setting) -> None:
    episode, notes = begin(village)
    for direction in ("east", "north"):
        go(episode, notes, direction)
    away = notes.kernel[notes.rooms["tavern"]]
    assert away == pytest.approx([1.0, DECAY, DECAY**2])


def test_notes_survive_json(village: Setting) -> None:
    episode, notes = begin(village)
    go(episode, notes, "east")
    again = Notes.from_json(json.loads(json.dumps(notes.as_json())))
    assert again.as_json() == notes.as_json()
    assert (again.kernel == notes.kernel).all()


def test_actions_point_at_their_own_objects(village: Setting) -> None:
    episode, notes = begin(village)
    encoder = Encoder(village.world, Lexicon())
    view = episode.view(WHO)
    sample = sample_of(encoder, episode, notes)
    for n, action in enumerate(view.actions):
        objects = [id for id in (action.noun, action.second) if id is not None]
        assert TEMPLATES[sample.template[n]] == (action.verb, len(objects))
        places = [p for p in (sample.noun[n], sample.second[n]) if p >= 0]
        assert [sample.things[p] for p in places] == [encoder.rows[id] for id in objects]


def test_what_was_done_before_is_marked(village: Setting) -> None:
    episode, notes = begin(village)
    encoder = Encoder(village.world, Lexicon())
    wait = Action("wait")
    for _ in range(2):
        episode.step({WHO: wait})
        notes.did(wait)
    sample = sample_of(encoder, episode, notes)
    marked = [episode.view(WHO).actions[n] for n in np.flatnonzero(sample.about_actions[:, 0])]
    assert marked == [wait]


def test_nothing_unseen_enters(village: Setting) -> None:
    """Hidden things, the insides of what is shut and rooms never entered are not encoded."""
    episode, notes = begin(village)
    encoder = Encoder(village.world, Lexicon())
    rng = random.Random(0)
    for _ in range(60):
        view = episode.view(WHO)
        sample = sample_of(encoder, episode, notes)
        told = {*sample.things, *sample.rooms, *sample.held}
        for id in view.state.hidden & set(encoder.rows):
            assert encoder.rows[id] not in told
        for room in set(village.world.rooms) - set(notes.rooms):
            assert encoder.rows[room] not in told
        action = rng.choice(view.actions)
        episode.step({WHO: action})
        if episode.over(WHO):
            break
        notes.did(action)
        notes.see(episode.view(WHO).scope)


def test_idle_verbs_are_offered_to_those_they_pay(village: Setting) -> None:
    roles = village.world.roles
    assert "hug" in offered([roles["healer"]])
    assert "hug" not in offered([roles["thief"]])
    free = {name for name, verb in VERBS.items() if verb.free or verb.speech}
    assert not offered(roles.values()) & free


def test_a_batch_holds_its_samples_end_to_end(village: Setting) -> None:
    episode, notes = begin(village)
    encoder = Encoder(village.world, Lexicon())
    samples = [sample_of(encoder, episode, notes)]
    go(episode, notes, "east")
    samples.append(sample_of(encoder, episode, notes))
    batch = collate(samples)
    first = len(samples[0].things)
    assert (batch.things[first:] == samples[1].things).all()
    at = batch.actions_of == 1
    nouns = batch.noun[at]
    there = samples[1].noun >= 0
    assert (batch.things[nouns[there]] == samples[1].things[samples[1].noun[there]]).all()
    assert (nouns[~there] == len(batch.things)).all()
    assert (batch.slot[at] == np.arange(len(samples[1].noun))).all()
