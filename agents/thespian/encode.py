"""A moment as a character perceives it, in arrays: things, rooms known, actions, words heard.

The four texts of KG-A2C are bags of rows of the `Lexicon`: look is the room and the things in
sight, inventory the things carried, feedback what was heard, and the last action its verb and
nouns. A bag of words is the sum over its parts, so nothing is lost by never writing the text out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.thespian.features import Lexicon
from agents.thespian.notes import Notes
from game.acting.memory import hunts
from game.engine.events import EVENT_TYPES, Action, Event
from game.engine.model import World
from game.engine.reactions import Role
from game.engine.scope import Scope
from game.engine.verbs import VERBS
from game.engine.verbs.emotes import GESTURES

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

#: How a thing stands to the character that looks.
RELATIONS = (
    "self", "person", "body", "loose", "held", "worn", "wielded", "inner", "theirs", "door",
    "exit", "other",
)  # fmt: skip
_R = {name: n for n, name in enumerate(RELATIONS)}
#: Columns after the relations.
_FLAGS = (
    "open", "shut", "locked", "lit", "fits", "hostile", "follows", "blocks", "health", "touched",
    "fruitful", "unknown_way", "visits", "recency", "back", "inside",
)  # fmt: skip
_F = {name: len(RELATIONS) + n for n, name in enumerate(_FLAGS)}
DYNAMIC = len(RELATIONS) + len(_FLAGS)
#: Columns about a known room: here, visits, recency, unexplored exits (number, any), nearness.
ROOM = 6
#: Columns about an action: how often done, done last.
ACTION = 3
#: Columns about the character: health, load, light, time, score so far, others present.
SCALARS = 6
#: How many of the latest perceived events are told.
HEARD = 6

#: The action templates: a verb with so many objects.
TEMPLATES: tuple[tuple[str, int], ...] = tuple(
    (verb.name, n) for verb in VERBS.values() if not verb.speech and not verb.free for n in range(3)
)
_TEMPLATE = {template: n for n, template in enumerate(TEMPLATES)}
_BY_VERB = {
    verb.name: tuple(_TEMPLATE.get((verb.name, n), 0) for n in range(3)) for verb in VERBS.values()
}
#: The events of verbs without effect of their own, for which a role must be paid to choose them.
_IDLE = {"hug": "hugged"} | {name: "emoted" for name, _, _ in GESTURES}


def offered(roles: Iterable[Role]) -> frozenset[str]:
    """The verbs that characters in these roles choose from: what has an effect or is rewarded."""
    paid = {type for role in roles for reward in role.rewards for type in reward.on.events}
    return frozenset(
        verb.name
        for verb in VERBS.values()
        if not verb.free
        and not verb.speech
        and (
            not verb.idle
            or verb.name in ("wait", "use")
            or _IDLE.get(verb.name, f"{verb.name}ed") in paid
        )
    )


class Sample(NamedTuple):
    """One moment. Rows are those of the lexicon's table; places are those of `things` and `rooms`.

    things int32[n], about float32[n, DYNAMIC]       what is in sight, the character itself first
    rooms int32[m], about_rooms float32[m, ROOM]     places known, in the order of discovery
    held int32[k], held_in int32[k]                  rows of what was seen where (place in rooms)
    exits int32[x], near float32[x, m]               places in things; nearness of rooms that way
    template, noun, second int32[a]                  actions; -1 where there is no such object
    about_actions float32[a, ACTION]
    heard, last int32[...]                           rows of the feedback and of the last action
    scalars float32[SCALARS], here int               the character itself; its room's place
    """

    things: Ints
    about: Floats
    rooms: Ints
    about_rooms: Floats
    held: Ints
    held_in: Ints
    exits: Ints
    near: Floats
    template: Ints
    noun: Ints
    second: Ints
    about_actions: Floats
    heard: Ints
    last: Ints
    scalars: Floats
    here: int


class Encoder:
    """Encodes moments of one world. Costs a step about a tenth of a millisecond."""

    def __init__(self, world: World, lexicon: Lexicon) -> None:
        self.world = world
        self.lexicon = lexicon
        self.rows = lexicon.world(world)
        self.words = {name: lexicon.word(name) for name in (*VERBS, *EVENT_TYPES)}
        self._changing = frozenset(
            id
            for id, item in world.items.items()
            if item.openable or item.lockable or item.light or item.between
        )

    def sample(
        self, scope: Scope, actions: Sequence[Action], notes: Notes, heard: Sequence[Event],
        progress: float = 0.0, score: float = 0.0,
    ) -> Sample:  # fmt: skip
        """The moment in `scope`, with `actions` (not empty) to choose from.

        `progress` is the share of the episode that is over, `score` the reward so far.
        """
        rows = self.rows
        ids, relations = self._in_sight(scope)
        place = {id: n for n, id in enumerate(ids)}
        template, noun, second = [], [], []
        done, last = notes.done, notes.last
        about_actions = np.zeros((len(actions), ACTION), np.float32)
        repeats = []
        for n, action in enumerate(actions):
            verb, one, two, _ = action
            objects = 0
            if one is not None:
                objects = 1
                at = place.get(one)
                if at is None:
                    at = place[one] = len(ids)
                    ids.append(one)
                    relations.append(_R["other"])
                noun.append(at)
            else:
                noun.append(-1)
            if two is not None:
                objects = 2
                at = place.get(two)
                if at is None:
                    at = place[two] = len(ids)
                    ids.append(two)
                    relations.append(_R["other"])
                second.append(at)
            else:
                second.append(-1)
            template.append(_BY_VERB[verb][objects])
            if action in done:
                repeats.append((n, done[action], action == last))
        for n, times, just in repeats:
            about_actions[n] = (1.0, math.log1p(times), just)
        exits = [place[e.id] for e in scope.exits]
        here = notes.rooms[scope.room]
        return Sample(
            np.array([rows[id] for id in ids], np.int32),
            self._about(scope, notes, ids, relations, exits),
            np.array([rows[id] for id in notes.rooms], np.int32),
            self._about_rooms(notes, here),
            np.array([rows[id] for id in chain.from_iterable(notes.contents)], np.int32),
            np.repeat(np.arange(len(notes.rooms), dtype=np.int32), [*map(len, notes.contents)]),
            np.array(exits, np.int32),
            self._near(scope, notes),
            np.array(template, np.int32),
            np.array(noun, np.int32),
            np.array(second, np.int32),
            about_actions,
            self._heard(scope.actor, heard),
            self._last(last),
            self._scalars(scope, progress, score),
            here,
        )

    def _in_sight(self, scope: Scope) -> tuple[list[str], list[int]]:
        """Ids in sight, each once and the character first, and the relation of each."""
        manner = scope.state.manner
        ids = [scope.actor]
        relations = [_R["self"]]
        for name, group in (
            ("person", scope.here), ("body", scope.bodies), ("loose", scope.loose),
            ("inner", scope.inner), ("theirs", scope.theirs), ("door", scope.doors),
        ):  # fmt: skip
            ids += group
            relations += [_R[name]] * len(group)
        ids += scope.carried
        relations += [_R[manner[id]] if id in manner else _R["held"] for id in scope.carried]
        ids += [e.id for e in scope.exits]
        relations += [_R["exit"]] * len(scope.exits)
        return ids, relations

    def _about(
        self, scope: Scope, notes: Notes, ids: list[str], relations: list[int], exits: list[int]
    ) -> Floats:
        state, world, who = scope.state, self.world, scope.actor
        about = np.zeros((len(ids), DYNAMIC), np.float32)
        about[np.arange(len(ids)), relations] = 1.0
        touched, fruitful, changing = notes.touched, notes.fruitful, self._changing
        items, free = world.items, scope.free
        for n, id in enumerate(ids):
            if id in touched:
                about[n, _F["touched"]] = math.log1p(touched[id])
                about[n, _F["fruitful"]] = id in fruitful
            item = items.get(id)
            if item is not None:
                about[n, _F["fits"]] = not item.fixed and item.size <= free
                if id in changing:
                    shut = item.openable and id not in state.opened
                    about[n, _F["open"]] = item.openable and not shut
                    about[n, _F["shut"]] = shut
                    about[n, _F["locked"]] = id in state.locked
                    about[n, _F["lit"]] = id in state.lit
        for n, id in enumerate(scope.here, 1):
            about[n, _F["health"]] = state.health[id] / 10
            about[n, _F["hostile"]] = hunts(state, id, who)
            about[n, _F["follows"]] = state.following.get(id) == who
            about[n, _F["blocks"]] = state.blocking.get(id) == who
        about[0, _F["health"]] = state.health[who] / 10
        for n, e in zip(exits, scope.exits, strict=True):
            to = notes.ways.get(e.id)
            if to is None:
                about[n, _F["unknown_way"]] = 1.0
                continue
            at = notes.rooms[to]
            about[n, _F["visits"]] = math.log1p(notes.visits[at])
            about[n, _F["recency"]] = 1 / (1 + notes.step - notes.last_visit[at])
        return about

    def _about_rooms(self, notes: Notes, here: int) -> Floats:
        about = np.zeros((len(notes.rooms), ROOM), np.float32)
        about[here, 0] = 1.0
        about[:, 1] = np.log1p(notes.visits)
        about[:, 2] = 1 / (1 + notes.step - np.array(notes.last_visit))
        about[:, 3] = notes.unexplored
        about[:, 4] = about[:, 3] > 0
        about[:, 3] /= 4
        about[:, 5] = notes.kernel[here]
        return about

    def _near(self, scope: Scope, notes: Notes) -> Floats:
        near = np.zeros((len(scope.exits), len(notes.rooms)), np.float32)
        for n, e in enumerate(scope.exits):
            to = notes.ways.get(e.id)
            if to is not None:
                near[n] = notes.kernel[notes.rooms[to]]
        return near

    def _heard(self, who: str, heard: Sequence[Event]) -> Ints:
        rows, words = self.rows, self.words
        told = []
        for event in heard[-HEARD:]:
            told.append(words[event.type])
            told += [rows[id] for id in (event.item, event.target) if id in rows]
            if event.actor != who and event.actor in rows:
                told.append(rows[event.actor])
        return np.array(told, np.int32)

    def _last(self, last: Action | None) -> Ints:
        if last is None:
            return np.zeros(0, np.int32)
        rows = self.rows
        told = [rows[id] for id in (last.noun, last.second) if id in rows]
        return np.array([self.words[last.verb], *told], np.int32)

    def _scalars(self, scope: Scope, progress: float, score: float) -> Floats:
        state, who = scope.state, scope.actor
        most = self.world.characters[who].health or 1
        return np.array(
            (
                state.health[who] / most, min(scope.free, 20) / 20, scope.lit, progress, score / 10,
                len(scope.here) / 5,
            ),
            np.float32,
        )  # fmt: skip


class Batch(NamedTuple):
    """Many samples end to end. `*_of` says which sample each row is of; places are batch-wide.

    noun and second point one past the last thing where there is none.
    """

    size: int
    things: Ints
    about: Floats
    things_of: Ints
    rooms: Ints
    about_rooms: Floats
    rooms_of: Ints
    held: Ints
    held_in: Ints
    exits: Ints
    near: Floats  # float32[exits, most rooms]
    near_rooms: Ints  # int32[exits, most rooms]: batch-wide places of the rooms
    template: Ints
    noun: Ints
    second: Ints
    about_actions: Floats
    actions_of: Ints
    slot: Ints  # the place of an action among its sample's
    most_actions: int
    heard: Ints
    heard_of: Ints
    last: Ints
    last_of: Ints
    scalars: Floats
    here: Ints


def collate(samples: Sequence[Sample]) -> Batch:
    """Put samples end to end."""
    n = len(samples)
    columns = list(zip(*samples, strict=True))
    of = np.arange(n, dtype=np.int32)

    def counts(field: int) -> Ints:
        return np.array([len(column) for column in columns[field]], np.int32)

    many, rooms, held = counts(0), counts(2), counts(4)
    exits, actions, heard, last = counts(6), counts(8), counts(12), counts(13)
    first_thing = np.cumsum(many) - many
    first_room = np.cumsum(rooms) - rooms
    things_total = int(many.sum())
    most = int(rooms.max())
    near = np.zeros((int(exits.sum()), most), np.float32)
    at = 0
    for sample in samples:
        x, m = sample.near.shape
        near[at : at + x, :m] = sample.near
        at += x
    exits_of = np.repeat(of, exits)
    last_room = first_room[exits_of] + rooms[exits_of] - 1
    near_rooms = np.minimum(first_room[exits_of][:, None] + np.arange(most), last_room[:, None])
    actions_of = np.repeat(of, actions)
    shift = first_thing[actions_of]
    noun, second = np.concatenate(columns[9]), np.concatenate(columns[10])
    slot = np.arange(len(actions_of)) - (np.cumsum(actions) - actions)[actions_of]
    return Batch(
        n,
        np.concatenate(columns[0]),
        np.concatenate(columns[1]),
        np.repeat(of, many),
        np.concatenate(columns[2]),
        np.concatenate(columns[3]),
        np.repeat(of, rooms),
        np.concatenate(columns[4]),
        np.concatenate(columns[5]) + np.repeat(first_room, held).astype(np.int32),
        np.concatenate(columns[6]) + first_thing[exits_of].astype(np.int32),
        near,
        near_rooms.astype(np.int32),
        np.concatenate(columns[8]),
        np.where(noun < 0, things_total, noun + shift).astype(np.int32),
        np.where(second < 0, things_total, second + shift).astype(np.int32),
        np.concatenate(columns[11]),
        actions_of,
        slot.astype(np.int32),
        int(actions.max()),
        np.concatenate(columns[12]),
        np.repeat(of, heard),
        np.concatenate(columns[13]),
        np.repeat(of, last),
        np.stack(columns[14]),
        np.array(columns[15], np.int32) + first_room.astype(np.int32),
    )
