"""LIGHT's agents and objects to our people and things."""

from __future__ import annotations

import re
from typing import Any

from game.authoring.light import fields
from game.authoring.light.carrier import Carrier, Data, Raw, is_so, keeping, strings, text_of
from game.authoring.light.graph import Graph, target
from game.authoring.light.names import pronoun_of, slot_of
from game.authoring.light.summary import Summary

#: Things within things are written nested this deep, and by `in:` beyond it.
NESTED = 4
_AFFORDANCES = ("container", "drink", "food", "wearable", "wieldable")
_OBJECT = (
    "name", "name_prefix", "names", "desc", "contain_size", "size", "value", "gettable",
    "container", "surface_type", "wearable", "wieldable", "food", "drink", "food_energy", "stats",
    "equipped", "classes", "locked_edge", "on_use",
)  # fmt: skip
_AGENT = (
    "name", "name_prefix", "names", "desc", "persona", "mission", "char_type", "tags",
    "attack_tagged_agents", "contain_size", "classes", "quests", "on_events",
    "num_wearable_items", "num_wieldable_items",
    *(f.light for f in (*fields.AGENT, *fields.NPC)),
)  # fmt: skip


class Inhabitants(Carrier):
    """`items` are the things by our id that are not `nested` (by node id) where they are."""

    def __init__(self, graph: Graph, summary: Summary, hero: str | None) -> None:
        super().__init__(graph, summary, hero)
        self.items: Data = {}
        self.nested: set[str] = set()
        self.hunted = sorted(
            {
                tag[1:]
                for raw in graph.agents.values()
                for tag in strings(raw.get("attack_tagged_agents"))
                if tag.startswith("!") and len(tag) > 1
            }
        )

    # -- people -----------------------------------------------------------------------------------

    def agent(self, id: str, raw: Raw, start: str) -> Data:
        """Somebody: in their room, or where the player starts when they are in none."""
        kind = "agent"
        found, extra = self.named(kind, id, raw)
        person: Data = {}
        if id != self.hero:
            room = self.graph.inside.get(id)
            if room is None:
                extra["container_node"] = None
                self.kept(kind, "container_node", "is in no room: put where the player starts")
            person["in"] = start if room is None else self.ids[room]
        person |= found
        told = [text_of(raw.get("desc")), text_of(raw.get("persona"))]
        pronoun = pronoun_of(told) or ("it" if raw.get("char_type") == "creature" else None)
        if pronoun:
            person["pronoun"] = pronoun
        for light, ours in (("persona", "persona"), ("mission", "goals")):
            words = self.write(kind, raw, extra, light)
            if words:
                person[ours] = words
        if self.hero != id:
            wanted = [text_of(q.get("text")).strip()[:4000] for q in _quests(raw)]
            if any(wanted):
                if "goals" not in person:
                    extra["mission"] = raw.get("mission")
                person["goals"] = [*strings(person.get("goals")), *(w for w in wanted if w)]
        self._tags(raw, person, extra, id == self.hero)
        for table, has in ((fields.AGENT, True), (fields.NPC, id != self.hero)):
            values, kept = self.table(table, kind, raw, has)
            person |= values
            extra |= kept
        inner = self.held.get(id, [])
        capacity = self.capacity(kind, raw, extra, inner, 20)
        if capacity != 20:
            person["capacity"] = capacity
        for name in ("quests", "on_events"):
            if raw.get(name):
                extra[name] = raw[name]
        if raw.get("classes") not in (None, ["agent"]):
            extra["classes"] = raw["classes"]
            self.kept(kind, "classes", "we have no such field")
        self.rest(kind, raw, extra, _AGENT)
        person |= self._gear(inner, person, extra)
        return keeping(person, extra)

    def newcomer(self, start: str) -> Data:
        """The player's own character where the file has none."""
        return {
            "start": start,
            "name": "a traveller",
            "description": "Somebody from elsewhere, with dust on their boots.",
            "persona": "I am a traveller. I have come to see what there is to see.",
            "health": 20,
            "extra": {"light": {"added": True}},
        }

    def body(self, id: str) -> None:
        """One who is dead from the start is a thing here, with what they had in it."""
        raw = self.graph.agents[id]
        found, extra = self.named("agent", id, raw)
        name = text_of(raw.get("name")).strip()[:50] or "somebody"
        inner = self.held.get(id, [])
        room = self.graph.inside.get(id)
        thing: Data = {
            "in": "nowhere" if room is None else self.ids[room],
            "name": f"the body of {name}",
            "article": "the",
            "description": found.get("description", "Dead."),
            "size": 20,
            "container": self.capacity("agent", raw, extra, inner, 20) or True,
        }
        self.summary.kept["agent.dead", "is a thing here: the body"] += 1
        if inner:
            thing["items"] = self.things(inner, 1)
        kept = {k: v for k, v in raw.items() if k not in ("container_node", "contained_nodes")}
        extra = {"node_id": id, "agent": kept, "body": name}
        self.items[self.ids[id]] = keeping(thing, extra)

    def _tags(self, raw: Raw, person: Data, extra: Data, hero: bool) -> None:
        """Tags, char_type among them; whoever lacks a tag that "!tag" hunts is tagged not_ it."""
        theirs = strings(raw.get("tags"))
        tags = [tag_of(t) for t in theirs]
        if raw.get("tags"):
            self.carried("agent", "tags")
            extra["tags"] = raw["tags"]
        sort = raw.get("char_type")
        if sort is not None:
            self.carried("agent", "char_type")
        if sort not in (None, "person"):
            if sort == "creature" or sort == "object":
                tags.append(sort)
            else:
                extra["char_type"] = sort
                self.kept("agent", "char_type", "is neither person, creature nor object")
        tags += [f"not_{tag_of(h)}" for h in self.hunted if h not in theirs]
        if tags:
            person["tags"] = list(dict.fromkeys(tags))
        prey = raw.get("attack_tagged_agents")
        if prey:
            extra["attack_tagged_agents"] = prey
            if hero:
                self.kept("agent", "attack_tagged_agents", "is not for the player's own character")
                return
            self.carried("agent", "attack_tagged_agents")
            person["attacks"] = list(
                dict.fromkeys(
                    f"not_{tag_of(p[1:])}" if p.startswith("!") else tag_of(p)
                    for p in strings(prey)
                )
            )

    def _gear(self, inner: list[str], person: Data, extra: Data) -> Data:
        """What an agent has, as worn, wielded and carried. LIGHT knows no places on the body: what
        is worn where something is already gets a place of its own."""
        found: Data = {"wearing": {}, "wielding": {}, "carrying": {}}
        slots: set[str] = set()
        for id in inner:
            thing = self.thing(id, 1)
            on = is_so(self.graph.objects[id], "equipped")
            if on and "wearable" in thing:
                slot = thing["wearable"]
                if slot in slots:
                    slot = f"{slot}_{sum(s.startswith(slot) for s in slots) + 1}"
                    thing["wearable"] = slot
                slots.add(slot)
                found["wearing"][self.ids[id]] = thing
            elif on and ("weapon" in thing or thing.get("wieldable")):
                found["wielding"][self.ids[id]] = thing
            else:
                if on:
                    keep(thing, "equipped", True)
                    self.kept("object", "equipped", "can be neither worn nor wielded")
                found["carrying"][self.ids[id]] = thing
        for held, ours, usual, light in (
            ("wearing", "max_worn", 4, "max_wearable_items"),
            ("wielding", "max_wielded", 2, "max_wieldable_items"),
        ):
            most = person.get(ours, usual)
            if len(found[held]) > most:
                person[ours] = len(found[held])
                extra[f"{light}_said"] = most
                self.kept("agent", light, "is less than they have on")
        return {held: things for held, things in found.items() if things}

    # -- things -----------------------------------------------------------------------------------

    def things(self, inner: list[str], depth: int) -> Data:
        """Those of `inner` that are objects, by our id; nested no deeper than `NESTED`."""
        found: Data = {}
        for id in inner:
            if id not in self.graph.objects:
                continue
            if depth <= NESTED:
                found[self.ids[id]] = self.thing(id, depth)
        return found

    def placed(self, id: str) -> None:
        """A thing that is nested nowhere: in what is nested too deep, or out of the world."""
        holder = self.graph.inside.get(id)
        where = "nowhere" if holder is None else self.ids[holder]
        self.items[self.ids[id]] = {"in": where, **self.thing(id, NESTED)}

    def thing(self, id: str, depth: int) -> Data:
        raw = self.graph.objects[id]
        kind = "object"
        self.nested.add(id)
        found, extra = self.named(kind, id, raw)
        ours, kept = self.table(fields.OBJECT, kind, raw)
        found |= ours
        extra |= kept
        can = {name: self._flag(raw, name, name == "gettable", extra) for name in (
            "gettable", *_AFFORDANCES
        )}  # fmt: skip
        inner = [i for i in self.held.get(id, ()) if i in self.graph.objects]
        self._fixed(id, raw, can, found, extra)
        self._holding(raw, can, found, extra, inner)
        self._worth(raw, can, found, extra)
        if raw.get("classes") is not None and not equal_classes(raw["classes"], can):
            extra["classes"] = raw["classes"]
            self.kept(kind, "classes", "differ from the flags")
        if is_so(raw, "equipped") and self.graph.inside.get(id) not in self.graph.agents:
            extra["equipped"] = raw["equipped"]
            self.kept(kind, "equipped", "though nobody has it")
        elif raw.get("equipped"):
            self.carried(kind, "equipped")
        if raw.get("on_use"):
            extra["on_use"] = raw["on_use"]
        self.rest(kind, raw, extra, _OBJECT)
        found = keeping(found, extra)
        things = self.things(inner, depth + 1)
        if things:
            found["items"] = things
        return found

    def _flag(self, raw: Raw, name: str, usual: bool, extra: Data) -> bool:
        value = raw.get(name)
        if value is None:
            return usual
        self.carried("object", name)
        try:
            return fields.flag(value)
        except ValueError:
            extra[name] = value
            self.kept("object", name, "is not of the kind it should be")
            return usual

    def _fixed(self, id: str, raw: Raw, can: dict[str, bool], found: Data, extra: Data) -> None:
        """What cannot be taken. Many files say so only in `classes`: altars and trees stay where
        they are, then, but not what is of use in somebody's hands."""
        listed = "not_gettable" in strings(raw.get("classes"))
        useful = any(can[name] for name in ("drink", "food", "wearable", "wieldable"))
        there = self.graph.inside.get(id) in self.graph.rooms
        if not can["gettable"]:
            found["fixed"] = True
        elif listed and there and not useful:
            found["fixed"] = True
            extra["gettable"] = raw.get("gettable", True)
            self.summary.kept["object.gettable", "stays where it is, as its classes say"] += 1

    def _holding(
        self, raw: Raw, can: dict[str, bool], found: Data, extra: Data, inner: list[str]
    ) -> None:
        surface = raw.get("surface_type", "on")
        if can["container"] or inner:
            capacity = self.capacity("object", raw, extra, inner, 20)
            if surface is not None:
                self.carried("object", "surface_type")
            if surface == "in":
                found["container"] = capacity
            else:
                found["surface"] = capacity
                if surface != "on":
                    extra["surface_type"] = surface
            if not can["container"]:
                extra["container"] = raw.get("container")
                self.kept("object", "container", "holds things, though it is none")
        else:
            if surface not in (None, "on"):
                extra["surface_type"] = surface
                self.kept("object", "surface_type", "holds nothing")
            if raw.get("contain_size") not in (None, 0):
                extra["contain_size"] = raw["contain_size"]
                self.kept("object", "contain_size", "holds nothing")
        lock = raw.get("locked_edge")
        if lock is None:
            return
        extra["locked_edge"] = lock
        box = found.get("container")
        key = target(lock)
        if box is None or not isinstance(lock, dict):
            self.kept("object", "locked_edge", "is no container that shuts")
            return
        self.carried("object", "locked_edge")
        found["container"] = {"capacity": box, "closed": True, "locked": is_so(lock, "is_locked")}
        if key in self.graph.objects:
            found["container"]["key"] = self.ids[key]

    def _worth(self, raw: Raw, can: dict[str, bool], found: Data, extra: Data) -> None:
        """Food, drink, armour and arms."""
        energy = raw.get("food_energy")
        try:
            gives = fields.within(-1000, 1000)(0 if energy is None else energy)
        except (ValueError, OverflowError):
            gives = 0
        for name in ("food", "drink"):
            if can[name]:
                found[name] = gives or True
        if energy is not None:
            self.carried("object", "food_energy")
            edible = can["food"] or can["drink"]
            if gives != energy or (gives and not edible):
                extra["food_energy"] = energy
                why = "is out of our range" if edible else "is neither food nor drink"
                self.kept("object", "food_energy", why)
        stats = raw.get("stats")
        damage, defense = stats_of(stats)
        if can["wearable"]:
            found["wearable"] = slot_of(text_of(raw.get("name")))
        if can["wieldable"]:
            found |= {"weapon": damage} if damage else {"wieldable": True}
        if defense:
            found["armour"] = defense
        if stats is not None:
            self.carried("object", "stats")
            if not _same_stats(stats, damage if can["wieldable"] else 0, defense):
                extra["stats"] = stats
                if damage and not can["wieldable"]:
                    self.kept("object", "stats", "does damage, though it cannot be wielded")


def _quests(raw: Raw) -> list[Raw]:
    quests = raw.get("quests")
    return [q for q in quests if isinstance(q, dict)] if isinstance(quests, list) else []


def keep(thing: Data, name: str, value: Any) -> None:
    """Keep one more of LIGHT's values with a thing."""
    thing.setdefault("extra", {}).setdefault("light", {})[name] = value


def tag_of(word: str) -> str:
    """A word as a tag of ours."""
    tag = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")[:50]
    return tag if tag[:1].isalpha() else f"x_{tag}".rstrip("_")


def stats_of(stats: Any) -> tuple[int, int]:
    """Damage and defense of an object's stats; older files say `attack` for damage."""
    found = []
    for names in (("damage", "attack"), ("defense",)):
        values = [0]
        for name in names:
            try:
                values.append(fields.within(-1000, 1000)(stats.get(name) or 0))
            except (ValueError, OverflowError, AttributeError, TypeError):
                continue
        found.append(next((v for v in values if v), 0))
    return found[0], found[1]


def _same_stats(stats: Any, damage: int, defense: int) -> bool:
    """Whether LIGHT's stats are no more than these two numbers."""
    if not isinstance(stats, dict) or not stats.keys() <= {"damage", "defense"}:
        return False
    return bool((stats.get("damage") or 0) == damage and (stats.get("defense") or 0) == defense)


def classes_of(can: dict[str, bool]) -> list[str]:
    """The classes that LIGHT gives an object with these affordances."""
    found = ["object", *(name for name in _AFFORDANCES if can[name])]
    return sorted(found if can["gettable"] else [*found, "not_gettable"])


def equal_classes(listed: Any, can: dict[str, bool]) -> bool:
    return isinstance(listed, list) and sorted(strings(listed)) == classes_of(can)
