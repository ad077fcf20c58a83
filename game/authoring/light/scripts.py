"""LIGHT's `on_use`, `on_events` and quests as our reactions and quests, where those can say it."""

from __future__ import annotations

import re
from typing import Any

from game.authoring.light.carrier import Data, Raw, strings, text_of
from game.authoring.light.fields import number
from game.authoring.light.graph import Graph
from game.authoring.light.names import ARTICLES, Namer, slot_of
from game.authoring.light.phrases import EMOTES, QUEST_EVENTS, TRIGGERS, compared, third_person
from game.authoring.light.summary import Summary

#: How many copies are made of what LIGHT would make without end.
COPIES = 5
_STATS = ("health", "strength", "dexterity", "damage", "defense")


class Unplayable(Exception):
    """A script that our reactions cannot say; the text is why."""


def of(graph: Graph, ids: dict[str, str], namer: Namer, items: Data, summary: Summary) -> Data:
    """The sections `reactions`, `quests` and `flags`; things yet to be made are put in `items`."""
    return _Scripts(graph, ids, namer, items, summary).data()


class _Scripts:
    def __init__(
        self, graph: Graph, ids: dict[str, str], namer: Namer, items: Data, summary: Summary
    ) -> None:
        self.graph = graph
        self.ids = ids
        self.namer = namer
        self.items = items
        self.summary = summary
        self.own = Namer()
        self.named: dict[str, list[str]] = {}
        for id, raw in graph.objects.items():
            self.named.setdefault(text_of(raw.get("name")).lower(), []).append(ids[id])
        self.reactions: Data = {}
        self.quests: Data = {}
        self.flags: Data = {}

    def data(self) -> Data:
        uses = [
            (id, raw, use)
            for id, raw in self.graph.objects.items()
            for use in _rows(raw.get("on_use"))
        ]
        made = [self._made(use) for _, _, use in uses]
        by_owner: dict[str, list[tuple[Raw, list[list[str]]]]] = {}
        for (id, _, use), copies in zip(uses, made, strict=True):
            by_owner.setdefault(id, []).append((use, copies))
        for id, some in by_owner.items():
            self._uses(id, some)
        for id, raw in self.graph.agents.items():
            events = raw.get("on_events")
            for pair in events if isinstance(events, list) else ():
                self._try("agent", "on_events", lambda pair=pair, id=id: self._answer(id, pair))
            for quest in _rows(raw.get("quests")):
                self._try("agent", "quests", lambda quest=quest, id=id: self._quest(id, quest))
        found = {"reactions": self.reactions, "quests": self.quests, "flags": self.flags}
        return {section: entries for section, entries in found.items() if entries}

    def _try(self, kind: str, name: str, make: Any) -> None:
        try:
            make()
            self.summary.carried[f"{kind}.{name}"] += 1
        except Unplayable as why:
            self.summary.kept[f"{kind}.{name}", str(why)] += 1

    # -- on_use -----------------------------------------------------------------------------------

    def _made(self, use: Raw) -> list[list[str]]:
        """Copies of every thing a use creates, waiting outside the world, by event."""
        limit = _limit(use)
        found = []
        for event in _rows(use.get("events")):
            object = _params(event).get("object")
            if event.get("type") != "create_entity" or not isinstance(object, dict):
                continue
            copies = COPIES if limit is None else min(limit, COPIES)
            found.append([self._thing(object) for _ in range(copies)])
            if limit is None or limit > COPIES:
                why = f"a thing is made {COPIES} times at most here"
                self.summary.kept["object.on_use", why] += 1
        return found

    def _thing(self, raw: Raw) -> str:
        name = text_of(raw.get("name")).strip()[:60] or "thing"
        article = text_of(raw.get("name_prefix")).strip().lower()
        id = self.namer(name)
        thing: Data = {
            "in": "nowhere",
            "name": f"{article} {name}" if article in ARTICLES else name,
            "extra": {"light": {"made": True}},
        }
        description = text_of(raw.get("desc")).strip()[:4000]
        if description:
            thing["description"] = description
        for light, ours in (("is_food", "food"), ("is_drink", "drink"), ("food", "food")):
            if raw.get(light):
                thing[ours] = 1
        if raw.get("is_wearable") or raw.get("wearable"):
            thing["wearable"] = slot_of(name)
        if raw.get("is_weapon") or raw.get("wieldable"):
            thing["wieldable"] = True
        if raw.get("is_container") or raw.get("container"):
            thing["container"] = True
        self.items[id] = thing
        self.named.setdefault(name.lower(), []).append(id)
        return id

    def _uses(self, owner: str, uses: list[tuple[Raw, list[list[str]]]]) -> None:
        """The first use whose constraints hold answers, until it is used up. Later ones are written
        first: when one is used up by an event, the next must wait for another event."""
        rows: list[Data] = []
        before: dict[str, list[Data]] = {}
        for use, copies in uses:
            try:
                pattern, conditions = self._constraints(owner, use)
                key = repr((pattern, conditions))
                spent = before.setdefault(key, [])
                if {} in spent:
                    raise Unplayable("comes after one that always answers")
                written, used_up = self._use(owner, use, copies, pattern, [*conditions, *spent])
            except Unplayable as why:
                self.summary.kept["object.on_use", str(why)] += 1
                continue
            spent.append(used_up)
            rows.insert(0, written)
            self.summary.carried["object.on_use"] += 1
        for row in rows:
            self.reactions |= row

    def _constraints(self, owner: str, use: Raw) -> tuple[Data, list[Data]]:
        """What the event must be and what must hold."""
        thing = self.ids[owner]
        pattern: Data = {"event": "used", "item": thing}
        conditions: list[Data] = [{"has": {"who": "actor", "item": thing}}]
        for constraint in _rows(use.get("constraints")):
            kind, params = constraint.get("type"), _params(constraint)
            if kind == "is_holding":
                if params.get("complement") == "used_target_item":
                    conditions.append({"has": {"who": "actor", "item": "target"}})
            elif kind == "used_with_item_name":
                name = text_of(params.get("item")).lower()
                others = [id for id in self.named.get(name, ()) if id != thing]
                if not others:
                    raise Unplayable("is with a thing that is not in the world")
                pattern["target"] = others[0] if len(others) == 1 else others
            elif kind == "used_with_agent":
                living = {"who": "target", "name": "health", "at_least": 1}
                conditions.append({"stat": living})
            elif kind == "in_room":
                name = text_of(params.get("room_name")).lower()
                rooms = [
                    self.ids[id]
                    for id, raw in self.graph.rooms.items()
                    if text_of(raw.get("name")).lower() == name
                ]
                if not rooms:
                    raise Unplayable("is in a room that is not in the world")
                pattern["room"] = rooms[0] if len(rooms) == 1 else rooms
            elif kind == "attribute_compare_value":
                conditions.append(self._comparison(params))
            else:
                raise Unplayable(f"has the constraint {kind!r}")
        return pattern, conditions

    def _comparison(self, params: Raw) -> Data:
        who = {"in_used_target_item": "target", "in_actor": "actor"}.get(str(params.get("type")))
        key = params.get("key")
        if who is None or key not in _STATS:
            raise Unplayable(f"compares {key!r} of {params.get('type')!r}")
        values = params.get("list")
        if isinstance(values, str):
            values = values.strip("[] ").split(",")
        try:
            numbers = [number(v) for v in values if v != ""] if isinstance(values, list) else []
        except (ValueError, OverflowError):
            numbers = []
        found = compared(who, str(key), str(params.get("cmp_type")), numbers)
        if found is None:
            raise Unplayable("compares in a way we do not know")
        return found

    def _use(
        self, owner: str, use: Raw, copies: list[list[str]], pattern: Data, conditions: list[Data]
    ) -> tuple[Data, Data]:
        """The reactions of one use, and the condition that holds when it is used up ({}: never)."""
        limit = _limit(use)
        if limit is not None and limit <= 0:
            raise Unplayable("is used up")
        made = max((len(some) for some in copies), default=0)
        if made:
            limit = made if limit is None else min(limit, made)
        effects = self._effects(use, pattern)
        id = self.own(f"use_{self.ids[owner]}")
        used_up: Data = {}
        count: list[Data] = []
        counted = conditions
        if limit is not None:
            self.flags[f"{id}_count"] = 0
            used_up = {"flag": {"name": f"{id}_count", "is": limit}}
            conditions = [*conditions, {"not": used_up}]
            count = [{"add": {"flag": f"{id}_count"}}]
        found: Data = {}
        for case, (who, told) in self._told(use, pattern).items():
            found[f"{id}_{case}"] = _reaction({**pattern, **who}, conditions, [{"tell": told}])
        where = self._places(use, pattern)
        # The last copy's reaction comes first: a count that goes up must not wake the next.
        for n in reversed(range(made)):
            these = [
                {"move": {"thing": some[n], "to": place}}
                for some, place in zip(copies, where, strict=True)
                if n < len(some)
            ]
            so_many = {"flag": {"name": f"{id}_count", "is": n}}
            do = [*these, *effects, *count]
            found[f"{id}_makes_{n + 1}"] = _reaction(pattern, [*counted, so_many], do)
        if not made and (effects or count):
            found[f"{id}_does"] = _reaction(pattern, conditions, [*effects, *count])
        if not found:
            raise Unplayable("does nothing that we know")
        return found, used_up

    def _effects(self, use: Raw, pattern: Data) -> list[Data]:
        found: list[Data] = []
        for event in _rows(use.get("events")):
            kind, params = event.get("type"), _params(event)
            if kind == "modify_attribute":
                change = _change(params)
                if change is None or ("target" in pattern and params.get("type") != "in_actor"):
                    what = f"modify_attribute of {params.get('key')!r} is not played"
                    self.summary.kept["object.on_use", what] += 1
                else:
                    found.append(change)
            elif kind not in ("broadcast_message", "create_entity"):
                self.summary.kept["object.on_use", f"the event {kind!r} is not played"] += 1
        return found

    def _places(self, use: Raw, pattern: Data) -> list[str]:
        """Where each created thing goes: into what holds things, else into the room."""
        found = []
        for event in _rows(use.get("events")):
            params = _params(event)
            if event.get("type") != "create_entity" or not isinstance(params.get("object"), dict):
                continue
            place = {"in_actor": "actor", "in_room": "room", "in_used_item": "item"}.get(
                str(params.get("type")), "target"
            )
            with_thing = place == "target" and "target" in pattern
            holder = pattern.get("target") if with_thing else pattern["item"]
            if (place == "item" or with_thing) and not self._holds(holder):
                place = "room"
            found.append(place)
        return found

    def _holds(self, id: Any) -> bool:
        for node, ours in self.ids.items():
            if ours == id and node in self.graph.objects:
                return bool(self.graph.objects[node].get("container"))
        return False

    def _told(self, use: Raw, pattern: Data) -> dict[str, tuple[Data, str]]:
        """What is told when the player uses it, when it is used on the player, and otherwise."""
        views: dict[str, list[str]] = {}
        for event in _rows(use.get("events")):
            if event.get("type") == "broadcast_message":
                for seen, text in _params(event).items():
                    if isinstance(text, str) and text.strip():
                        views.setdefault(seen, []).append(text.strip())
        other = "it" if isinstance(pattern.get("target"), str) else "your target"

        def view(names: tuple[str, ...], somebody: str) -> str:
            words = " ".join(" ".join(views.get(name, ())) for name in names).strip()
            words = words.replace("{actor_text}", "somebody").replace("{recipient_text}", somebody)
            words = re.sub(r"(?:^|(?<=[.!?] ))[a-z]", lambda first: first[0].upper(), words)
            return words[:4000].strip()

        mine = view(("self_view", "self_not_target_view"), other)
        cases: dict[str, tuple[Data, str]] = {"told": ({"actor": "player"}, mine)}
        others: Data = {"actor": {"not": "player"}}
        if "target" in pattern:
            cases["seen"] = (others, view(("room_view",), "something"))
        else:
            at_player = {**others, "target": "player"}
            cases["felt"] = (at_player, view(("self_as_target_view",), "you"))
            elsewhere = {**others, "target": {"not": "player"}}
            cases["seen"] = (elsewhere, view(("room_view",), "somebody else"))
        return {case: told for case, told in cases.items() if told[1]}

    # -- on_events --------------------------------------------------------------------------------

    def _answer(self, id: str, pair: Any) -> None:
        """One trigger and what is done then: [["SayEvent", "art"], ["SayEvent", "It is mine."]]."""
        if not (isinstance(pair, list) and len(pair) == 2 and all(map(strings, pair))):
            raise Unplayable("is not a trigger and an answer")
        me = self.ids[id]
        trigger, answer = strings(pair[0]), strings(pair[1])
        if trigger[0] not in TRIGGERS:
            raise Unplayable(f"the trigger {trigger[0]!r} is not known")
        pattern: Data = dict(TRIGGERS[trigger[0]])
        words = trigger[1].lower() if len(trigger) > 1 else ""
        for field, value in tuple(pattern.items()):
            if value == "me":
                pattern[field] = me
            elif value == "words":
                pattern[field] = {"contains": [words]}
            elif value == "things":
                things = [i for name, some in self.named.items() if words in name for i in some]
                if not things:
                    raise Unplayable("is about a thing that is not in the world")
                pattern[field] = things[0] if len(things) == 1 else things
        pattern.setdefault("actor", {"not": me})
        if me == "player":
            raise Unplayable("the player answers for themselves")
        conditions: list[Data] = [{"with": {"who": "actor", "whom": me}}, {"alive": me}]
        do = self._done(id, answer, conditions)
        name = self.own(f"{me}_{trigger[0].removesuffix('Event')}_{words[:20]}")
        self.reactions[name] = _reaction(pattern, conditions, do)

    def _done(self, id: str, answer: list[str], conditions: list[Data]) -> list[Data]:
        me, raw = self.ids[id], self.graph.agents[id]
        kind, rest = answer[0], answer[1:]
        if kind in ("SayEvent", "TellEvent") and rest and rest[0].strip():
            return [{"say": {"who": me, "text": rest[0].strip()[:4000]}}]
        if kind == "EmoteEvent" and rest:
            name = text_of(raw.get("name")).strip()[:60] or "somebody"
            told = f"{text_of(raw.get('name_prefix')).strip()} {name}".strip()
            if told.startswith(("a ", "an ")):
                told = f"the {name}"
            told = f"{told[:1].upper()}{told[1:]} {third_person(rest[0].strip())}."
            return [{"tell": told}]
        if kind == "GiveObjectEvent" and rest:
            held = [i for i, holder in self.graph.inside.items() if holder == id]
            for inner in held:
                if rest[0].lower() in text_of(self.graph.objects[inner].get("name")).lower():
                    conditions.append({"has": {"who": me, "item": self.ids[inner]}})
                    return [{"move": {"thing": self.ids[inner], "to": "actor"}}]
            raise Unplayable("gives a thing that they do not have")
        if kind == "FollowEvent":
            return [{"follow": {"who": me, "whom": "actor"}}]
        raise Unplayable(f"the answer {kind!r} is not known")

    # -- quests -----------------------------------------------------------------------------------

    def _quest(self, id: str, quest: Raw) -> None:
        verb = text_of(quest.get("goal_verb")).lower()
        nodes = {
            name: self.ids.get(text_of(quest.get(name)))
            for name in ("agent", "object", "container", "location")
        }
        if verb in EMOTES:
            pattern: Data = {"event": "emoted", "text": verb}
            if nodes["agent"]:
                pattern["actor"] = nodes["agent"]
        elif verb in QUEST_EVENTS:
            event, fields = QUEST_EVENTS[verb]
            pattern = {"event": event}
            for field, name in fields:
                if nodes[name] is not None:
                    pattern[field] = nodes[name]
                elif name not in ("container", "location"):
                    raise Unplayable(f"says not which {name}")
        else:
            raise Unplayable(f"the goal {verb!r} is not known")
        action = text_of(quest.get("goal_action")).strip() or verb
        said = text_of(quest.get("text")).strip()
        name = text_of(self.graph.agents[id].get("name")).strip()
        told = f"{action[:1].upper()}{action[1:]}"[:80].strip()
        entry: Data = {"name": told}
        if said:
            entry["description"] = f"{name[:1].upper()}{name[1:]}: {said}"[:4000]
        entry["goals"] = {"done": {"text": f"{told.rstrip('.')}.", "on": pattern}}
        self.quests[self.own(action[:40])] = entry


def _reaction(pattern: Data, conditions: list[Data], do: list[Data]) -> Data:
    return {"on": pattern, "if": conditions, "do": do, "times": "always"}


def _rows(value: Any) -> list[Raw]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _params(row: Raw) -> Raw:
    params = row.get("params")
    return params if isinstance(params, dict) else {}


def _limit(use: Raw) -> int | None:
    """How often a use works; None without limit ("inf", or nothing said)."""
    uses = use.get("remaining_uses")
    try:
        return min(1_000_000, max(0, number(uses))) if uses is not None else None
    except (ValueError, OverflowError):
        return None


def _change(params: Raw) -> Data | None:
    """{key: health, value: "-20"} as a consequence; None when there is none of ours."""
    who = {"in_used_target_item": "target", "in_actor": "actor"}.get(str(params.get("type")))
    key, value = params.get("key"), str(params.get("value")).strip()
    try:
        by = max(-1000, min(1000, number(value.lstrip("="))))
    except (ValueError, OverflowError):
        return None
    if who is None or key not in _STATS:
        return None
    if value[:1] not in "+-":
        dies = key == "health" and by <= 0
        return {"kill": {"who": who, "by": "actor"}} if dies else None
    return (
        {"heal": {"who": who, "by": by}}
        if key == "health"
        else ({"boost": {"who": who, "stat": key, "by": by}})
    )
