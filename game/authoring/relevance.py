"""Which actions can matter to a goal: what a search for a solution need not try is left out."""

from __future__ import annotations

from collections.abc import Iterable

from game.authoring.causes import asked, changed, flat, named
from game.engine.conditions import Condition
from game.engine.events import Action, Pattern
from game.engine.model import State, World
from game.engine.rules import admissible
from game.engine.scope import scope_of
from game.engine.verbs import VERBS

#: What each verb can make happen, and what its noun and second are in that event.
_MAKES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "follow": (("followed",), "target", ""),
    "unfollow": (("unfollowed",), "target", ""),
    "block": (("blocked",), "target", ""),
    "unblock": (("unblocked",), "target", ""),
    "put": (("put",), "item", "target"),
    "drop": (("dropped",), "item", ""),
    "give": (("gave",), "item", "target"),
    "steal": (("stole", "caught"), "item", "target"),
    "close": (("closed",), "item", ""),
    "lock": (("locked",), "item", "target"),
    "extinguish": (("doused",), "item", ""),
    "wear": (("wore",), "item", ""),
    "wield": (("wielded",), "item", ""),
    "remove": (("removed", "lowered"), "item", ""),
    "eat": (("ate",), "item", ""),
    "drink": (("drank",), "item", ""),
    "hit": (("hit", "killed", "died", "missed"), "target", "item"),
    "hug": (("hugged",), "target", ""),
    "look": (("looked",), "", ""),
    "examine": (("examined",), "item", ""),
    "point": (("pointed",), "item", ""),
    "use": (("used",), "item", "target"),
    "wait": (("waited",), "", ""),
}
#: How one gets about and at things; tried on whatever matters.
_MEANS = ("take", "steal", "open", "unlock", "light")
#: What changes the world by itself, and not only through somebody's company.
_CHANGES = frozenset(
    v.name for v in VERBS.values() if not v.idle and v.name not in ("follow", "unfollow", "block")
)
#: What a condition may need done to the thing that it asks about.
_FULFILS = {
    "wearing": "wear", "wielding": "wield", "dead": "hit", "open": "close",
    "lit": "extinguish", "with": "follow",
}  # fmt: skip
_SPEECH = {"said": "say", "told": "tell", "whispered": "whisper", "shouted": "shout"}


class Relevance:
    """The closure of what a goal needs: `tokens` (see `causes`), patterns, words to say.

    Over-careful rather than under: a key to any locked door, and any light where a room is dark,
    count as needed. `timed` says that the passing of turns matters.
    """

    def __init__(
        self, world: World, goals: Iterable[tuple[Pattern, tuple[Condition, ...]]]
    ) -> None:
        self.world = world
        self.tokens: set[str] = set()
        self.patterns: dict[str, list[Pattern]] = {}  # by event type
        self.deeds: set[tuple[str, str]] = set()  # a verb and its noun, asked for by conditions
        self.inside: set[tuple[str, str]] = set()  # what conditions ask to be where
        self.words: dict[str, dict[str, None]] = {}  # speech event to what to say, in order
        self._seen: set[int] = set()
        for pattern, conditions in goals:
            self._want(pattern, conditions)
        for item in world.items.values():
            if item.between:
                self.tokens.add(item.id)
        if any(room.dark for room in world.rooms.values()):
            self.tokens |= {i.id for i in world.items.values() if i.light}
        self._close()
        #: The ids of reactions that matter, and happen so often at most.
        self.reactions = {r.id for r in world.reactions if r.times and id(r) in self._seen}
        self.timed = "turn" in self.tokens or "turn_passed" in self.patterns
        self.scored = "score" in self.tokens
        self.chancy = "chance" in self.tokens

    def _want(self, pattern: Pattern, conditions: tuple[Condition, ...]) -> None:
        for type in pattern.events:
            self.patterns.setdefault(type, []).append(pattern)
        self.tokens |= named(self.world, pattern) | asked(conditions)
        for condition in flat(conditions):
            verb = _FULFILS.get(condition.kind)
            for name in ("item", "who", "thing", "whom") if verb else ():
                if name in condition.args:
                    self.deeds.add((str(verb), condition.args[name]))
            if condition.kind == "in" and condition.args["place"] in self.world.items:
                self.inside.add((condition.args["thing"], condition.args["place"]))
        for type in pattern.events:
            if type in _SPEECH and not ("said" in pattern.events and type != "said"):
                texts = [m for name, m in pattern.where if name == "text" and not m.negate]
                word = next((m.contains[0] for m in texts if m.contains), "Hello.")
                self.words.setdefault(type, {})[word] = None

    def _close(self) -> None:
        """Add what brings about what is wanted, until there is no more."""
        size = -1
        while size != len(self.tokens) + len(self._seen):
            size = len(self.tokens) + len(self._seen)
            for token in sorted(self.tokens):
                self._means_for(token)
            for rule in self.world.reactions:
                if id(rule) in self._seen:
                    continue
                if changed(self.world, rule.on, rule.do) & self.tokens:
                    self._seen.add(id(rule))
                    self._want(rule.on, rule.when)
            for quest in self.world.quests.values():
                if id(quest) in self._seen:
                    continue
                brings = changed(self.world, Pattern(()), quest.then) & self.tokens
                if f"quest:{quest.id}" in self.tokens or brings:
                    self._seen.add(id(quest))
                    self.tokens.add(f"quest:{quest.id}")
                    for goal in quest.goals:
                        self._want(goal.on, goal.when)

    def _means_for(self, token: str) -> None:
        """What stands between the player and a thing: its container and keys, its holder."""
        items, places = self.world.items, self.world.places
        thing = items.get(token)
        if thing is not None:
            self.tokens.update(thing.keys if thing.locked else ())
            holder = places.get(token, ("",))[0]
            if holder in items or holder in self.world.characters:
                self.tokens.add(holder)

    def actions(self, state: State, everything: bool = False) -> list[Action]:
        """What the player might do now; with `everything`, whatever changes anything."""
        player = self.world.player
        scope = scope_of(state, player)
        # Only who has a hand too few puts things down.
        full = any(
            id in self.tokens and self.world.thing(id).size > scope.free for id in scope.loose
        )
        found = [
            a
            for a in admissible(state, player)
            if (everything and a.verb in _CHANGES)
            or (full and a.verb == "drop")
            or self._matters(state, a)
        ]
        here = scope.here
        for type, words in self.words.items():
            verb = _SPEECH[type]
            for word in words:
                to = here if type in ("told", "whispered") else (None,)
                found += [Action(verb, who, None, word) for who in to]
        return found

    def _matters(self, state: State, action: Action) -> bool:
        verb, noun, second, _ = action
        if verb == "go" or (verb, noun) in self.deeds:
            return True
        if verb == "search":
            return self._hides(state, noun) or self._awaited(state, ("searched",), item=noun)
        if verb in _MEANS and noun in self.tokens:
            return True
        if verb == "put" and (noun, second) in self.inside:
            return True
        if verb == "wait" and self.timed:
            return True
        if verb not in _MAKES:  # gestures
            return self._awaited(state, ("emoted",), target=noun)
        types, first, other = _MAKES[verb]
        fields = {first: noun} | ({other: second} if second is not None else {})
        return self._awaited(state, types, **fields)

    def _awaited(self, state: State, types: Iterable[str], **fields: str | None) -> bool:
        """Whether some pattern waits for an event of these types with these fields."""
        return any(
            all(m.accepts(state, fields[f], None) for f, m in pattern.where if f in fields)
            for type in types
            for pattern in self.patterns.get(type, ())
        )

    def _hides(self, state: State, where: str | None) -> bool:
        """Whether searching there would show something."""
        hidden, room = state.hidden, state.parent[self.world.player]
        found = [*state.contents[where or room]]
        if where is None:
            found += [e.id for e in self.world.rooms[room].exits] + [*self.world.doors[room]]
        return not hidden.isdisjoint(found)
