"""What a verb is: grammar, candidate objects, preconditions and effects in one object."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from game.engine.consequences import Happen
from game.engine.events import Action, Reason
from game.engine.model import World
from game.engine.scope import Scope

#: The action's noun and second.
Pair = tuple[str | None, str | None]

NOTHING: tuple[Pair, ...] = ((None, None),)

# Making a named tuple through its own constructor takes three times as long, and listing actions
# makes little else.
_new = tuple.__new__

NO_NOUN = Reason("no_noun", "{verb} what?")
NO_SECOND = Reason("no_second", "{verb} {item} to or with what?")
TOO_MUCH = Reason("too_much", "You can only {verb} one thing, by itself.")
NOT_HERE = Reason("not_here", "You cannot see any such thing here.")
THEIRS = Reason(
    "not_in_reach", "{item} <item:are> not yours. Ask for <item:them>, or steal <item:them>."
)
NOT_IN_REACH = Reason("not_in_reach", "{item} <item:are> out of your reach.")
DARK = Reason("dark", "It is too dark to see. A light would help.")
NOT_YOURS = Reason("not_yours", "You do not have {item}. Take <item:them> first.")
NOBODY = Reason("nobody", "There is nobody like that here.")
NOT_SOMEBODY = Reason("not_somebody", "You can only do that to somebody.")
YOURSELF = Reason("yourself", "You think better of doing that to yourself.")
IS_DEAD = Reason("is_dead", "{item} <item:are> dead.")
WORN = Reason("worn", "You would have to remove {item} first.")
NO_TEXT = Reason("no_text", "{verb} what? Put the words after it.")


class Verb:
    """A verb of the game. Subclasses are instantiated once, in their module's `VERBS`.

    `words` are the ways to say it, the canonical one first. `grammar` lists what may follow, most
    canonical first: "{noun}", "{second}", "{text}" and prepositions, alternatives joined by "|".
    `phrases` are whole patterns that do not start with one of `words` ("pick {noun} up"); what
    follows " => " in one is what is said, for a verb of speech.
    `free` verbs take no time: nobody else acts after them. `slots` says of what kind the noun and
    the second may be, for the parser: "thing", "held", "person", "exit", "any".
    """

    name: ClassVar[str] = ""
    words: ClassVar[tuple[str, ...]] = ()
    grammar: ClassVar[tuple[str, ...]] = ("",)
    phrases: ClassVar[tuple[str, ...]] = ()
    noun_kind: ClassVar[str] = "thing"
    second_kind: ClassVar[str] = "thing"
    help: ClassVar[str] = ""
    free: ClassVar[bool] = False
    speech: ClassVar[bool] = False  # takes free text, so it has no finite list of actions
    default_text: ClassVar[str] = ""  # what is said where the pattern leaves no place for words
    idle: ClassVar[bool] = False  # changes nothing by itself: all that follows is reactions
    exact: ClassVar[bool] = False  # every candidate passes `check`, so listing need not ask it

    def candidates(self, s: Scope) -> Collection[Pair]:
        """A superset of the pairs that `check` accepts, without repeats, in a fixed order."""
        raise NotImplementedError

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        """Why the actor cannot do this now; None when they can. Never changes the state."""
        raise NotImplementedError

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        """Do it. Only called after `check` returned None."""
        raise NotImplementedError

    def admissible(self, s: Scope) -> list[Action]:
        """Every action of this verb that would be accepted now."""
        pairs = self.candidates(s)
        if not pairs:
            return []
        name = self.name
        if self.exact:
            return [_new(Action, (name, noun, second, None)) for noun, second in pairs]
        check = self.check
        return [
            _new(Action, (name, noun, second, None))
            for noun, second in pairs
            if check(s, noun, second) is None
        ]

    def canonical(self, world: World, action: Action) -> str:
        """The command that says exactly this action."""
        _, noun, second, text = action
        for pattern in self.grammar:
            if ("{noun}" in pattern, "{second}" in pattern, "{text}" in pattern) == (
                noun is not None,
                second is not None,
                text is not None,
            ):
                break
        else:
            # An action that will be refused for want of a part still has words.
            named = (ref(world, id) for id in (noun, second) if id is not None)
            return " ".join([self.words[0], *named, *([text] if text else [])])
        words = []
        for token in pattern.split():
            if token == "{noun}":
                words.append(ref(world, noun))
            elif token == "{second}":
                words.append(ref(world, second))
            elif token == "{text}":
                words.append(text or "")
            else:
                words.append(self.preposition(world, action, token))
        return " ".join([self.words[0], *words])

    def preposition(self, world: World, action: Action, token: str) -> str:
        return token.split("|")[0].replace("-", " ")


class Simple(Verb):
    """A verb that stands alone."""

    exact = True

    def candidates(self, s: Scope) -> Collection[Pair]:
        return NOTHING

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        return TOO_MUCH if noun is not None or second is not None else None


def ref(world: World, id: str | None) -> str:
    """The words that name one thing, exit or character and no other."""
    if id is None:
        return ""
    exit = world.exits.get(id)
    return exit.name if exit else world.refs[id]


def out_of_reach(s: Scope, noun: str | None) -> Reason | None:
    """Why the noun cannot be touched; None when it can."""
    if noun is None:
        return NO_NOUN
    if noun in s.reach:
        return None
    if noun in s.here or noun == s.actor:
        return Reason("is_somebody", "{item} would object.")
    if noun in s.theirs:
        return THEIRS
    if noun in s.enclosed():
        return NOT_IN_REACH
    return NOT_HERE if s.lit else DARK


def lacking(
    s: Scope, noun: str | None, second: str | None, trait: str, otherwise: Reason
) -> Reason | None:
    """Why a verb for one thing with `trait` cannot be done; `otherwise` where it lacks that."""
    if second is not None:
        return TOO_MUCH
    refusal = out_of_reach(s, noun)
    if refusal is not None:
        return refusal
    item = s.world.items.get(str(noun))
    return None if item is not None and getattr(item, trait) else otherwise


def not_held(s: Scope, noun: str | None) -> Reason | None:
    """Why the noun is not freely in the actor's hands; None when it is."""
    if noun is None:
        return NO_NOUN
    if noun not in s.carried:
        return out_of_reach(s, noun) or NOT_YOURS
    if noun in s.state.manner:
        return WORN
    return None


def not_present(s: Scope, person: str | None) -> Reason | None:
    """Why that is not a living person before the actor; None when it is."""
    if person is None:
        return NO_NOUN
    if person in s.here:
        return None
    if person == s.actor:
        return YOURSELF
    if person in s.bodies:
        return IS_DEAD
    if person in s.world.characters:
        return NOBODY if s.lit else DARK
    return NOT_SOMEBODY
