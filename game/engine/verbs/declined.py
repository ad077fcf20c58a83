"""What players try in every game and no world here is changed by: each is declined, politely.

They have words and grammar as the verbs have, so that the line is understood; but they are never
among the admissible actions, and `apply` answers each with a refusal that says what does work.
"""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import Happen
from game.engine.events import Action, Reason
from game.engine.model import World
from game.engine.scope import Scope
from game.engine.verbs.base import Pair, Verb, ref

_ANYTHING = ("", "{noun}", "{text}")


class Declined(Verb):
    """One thing to decline.

    `alone` is the reply to the bare words and to whatever names nothing in sight; `thing` and
    `person` replace it for one that does, `mine` for a thing that the actor has.
    """

    noun_kind = "any"

    def __init__(
        self,
        name: str,
        words: tuple[str, ...],
        alone: str,
        thing: str = "",
        person: str = "",
        mine: str = "",
        *,
        grammar: tuple[str, ...] = _ANYTHING,
        phrases: tuple[str, ...] = (),
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.words = words  # type: ignore[misc]
        self.grammar = grammar  # type: ignore[misc]
        self.phrases = phrases  # type: ignore[misc]
        self.alone = alone
        self.thing = thing or alone
        self.person = person or self.thing
        self.mine = mine or self.thing

    def candidates(self, s: Scope) -> Collection[Pair]:
        return ()

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason:
        told = self.alone
        if noun in s.world.characters:
            told = self.person
        elif noun in s.world.items:
            told = self.mine if noun in (*s.carried, *s.inner) else self.thing
        return Reason("declined", told)

    def canonical(self, world: World, action: Action) -> str:
        return " ".join([self.name, *([ref(world, action.noun)] if action.noun else [])])

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        raise AssertionError("a declined verb is never performed")


def _on(*prepositions: str) -> tuple[str, ...]:
    """A grammar that may have one of these before the noun."""
    joint = "|".join(prepositions)
    return ("", "{noun}", f"{joint} {{noun}}", "{text}")


DECLINED: dict[str, Declined] = {
    verb.name: verb
    for verb in (
        # -- trade ----------------------------------------------------------------------------
        Declined(
            "buy",
            ("buy", "purchase", "order", "have", "hire", "rent"),
            "Nothing is bought by saying so. Ask whoever has it, or give them what it is worth.",
        ),
        Declined(
            "sell",
            ("sell", "trade", "swap", "barter", "exchange", "haggle"),
            "A bargain takes two. Give somebody what they want, and see what they give back.",
        ),
        Declined(
            "count",
            ("count",),
            "There are as many as you can see.",
            phrases=("how many|much {text}",),
        ),
        # -- the body -------------------------------------------------------------------------
        Declined(
            "sit",
            ("sit", "sit down", "lie", "lie down", "lean", "recline", "crouch", "kneel"),
            "You are better on your feet.",
            "You are better on your feet than on {item}.",
            "You are better on your feet.",
            grammar=_on("on", "in", "at", "by", "against", "down-on", "down-in", "before"),
        ),
        Declined(
            "stand",
            ("stand", "stand up", "get up", "rise"),
            "You are on your feet already.",
            grammar=_on("on", "upon", "by"),
        ),
        Declined(
            "sleep",
            ("sleep", "nap", "doze", "go to sleep", "go to bed", "take a nap", "dream"),
            "You are wide awake, and there is an evening to be got through. You could wait.",
        ),
        Declined(
            "wake",
            ("wake", "wake up", "awaken"),
            "You are as awake as you are going to be.",
            "{item} <item:do> not sleep, and so cannot be woken.",
            "{item} would not thank you for it.",
            phrases=("wake {noun} up",),
        ),
        Declined(
            "jump",
            ("jump", "leap", "hop", "skip"),
            "You jump, and come down where you were.",
            grammar=_on("on", "onto", "over", "off", "at", "to"),
        ),
        Declined(
            "climb",
            ("climb", "scale", "clamber"),
            "There is nothing here worth the climb.",
            "There is nothing at the top of {item} that you need.",
            "{item} would object.",
            grammar=_on("up", "on", "onto", "over", "in", "down"),
        ),
        Declined("swim", ("swim", "dive", "bathe", "paddle"), "This is no moment for a swim."),
        Declined(
            "wash",
            ("wash", "clean", "wipe", "polish", "scrub", "dust", "sweep"),
            "That can wait until somebody is paid for it.",
            person="{item} would take it as a remark.",
        ),
        Declined(
            "undress",
            ("undress", "strip", "get undressed", "get dressed", "dress"),
            "Say what to take off, or what to put on.",
            grammar=("",),
        ),
        Declined(
            "hide",
            ("hide", "sneak", "lurk"),
            "There is nowhere here that would hide you for long.",
            grammar=_on("in", "behind", "under", "from"),
        ),
        Declined(
            "flee",
            ("flee", "escape", "run away", "get away"),
            "Choose a way and go. Nobody is holding you.",
        ),
        Declined(
            "touch",
            ("feel", "stroke", "pet", "pat", "rub", "tickle", "caress", "fondle", "scratch"),
            "You feel nothing out of the ordinary.",
            "{item} <item:feel> the way {item} <item:look>.",
            "{item} would rather you did not.",
        ),
        Declined(
            "bow",
            ("bow", "curtsy", "curtsey", "salute", "shake hands"),
            "A nod would do.",
            grammar=_on("to", "before", "with", "at"),
        ),
        Declined(
            "kiss",
            ("kiss", "snog", "make love to", "make out with", "seduce", "flirt with", "flirt"),
            "Nobody has asked you to.",
            "You and {item} hardly know each other.",
            "{item} would like to be asked first.",
        ),
        # -- things ---------------------------------------------------------------------------
        Declined(
            "show",
            ("show", "display"),
            "Anybody here can see what you have.",
            "Anybody here can see {item}. Give it to somebody, or ask about it.",
            grammar=("", "{noun}", "{noun} to {text}", "{text}"),
        ),
        Declined(
            "throw",
            ("throw", "toss", "hurl", "chuck", "fling"),
            "You would only have to go and pick it up. You could drop it.",
            "You would only have to go and pick {item} up. You could drop it.",
            "{item} <item:are> not for throwing.",
            grammar=("", "{noun}", "{noun} at|to|in|into|over|across|through {text}", "{text}"),
        ),
        Declined(
            "break",
            (
                "break",
                "smash",
                "destroy",
                "wreck",
                "cut",
                "chop",
                "saw",
                "tear",
                "rip",
                "crush",
                "bend",
                "kick down",
                "break down",
            ),
            "That would do no good to anybody.",
            "{item} <item:have> done you no harm. Leave <item:them> whole.",
            "There are words for that: hit, if you must.",
        ),
        Declined(
            "dig",
            ("dig", "excavate"),
            "You would only make a hole.",
            "You would only make a hole.",
            grammar=_on("in", "under", "with", "up", "for"),
        ),
        Declined(
            "fill",
            ("fill", "pour", "empty", "spill", "dip", "wet"),
            "Nothing here wants pouring. You could drink, if there is anything to drink.",
        ),
        Declined(
            "cook",
            ("cook", "bake", "boil", "fry", "roast"),
            "Things are eaten here as they are found.",
        ),
        Declined(
            "tie",
            ("tie", "untie", "fasten", "attach", "bind", "knot"),
            "Nothing is gained by a knot.",
            person="{item} would object.",
        ),
        Declined(
            "mend",
            ("mend", "repair", "fix"),
            "It is past your mending.",
            "{item} <item:are> past your mending.",
            "{item} <item:are> past your mending.",
        ),
        Declined(
            "write", ("write", "sign", "scribble"), "Let it be written by somebody with a pen."
        ),
        # -- company --------------------------------------------------------------------------
        Declined("sing", ("sing", "hum", "whistle"), "You give it two bars. It is not taken up."),
        Declined(
            "pray",
            ("pray", "worship", "meditate", "pray to"),
            "You do. If there is an answer, it is not in words.",
        ),
        Declined(
            "curse",
            (
                "fuck",
                "fucking",
                "shit",
                "damn",
                "damn it",
                "bugger",
                "bollocks",
                "crap",
                "hell",
                "arse",
                "piss off",
                "bastard",
                "bitch",
                "wanker",
                "screw",
                "fuck off",
                "bloody hell",
                "god damn",
                "goddamn",
                "suck",
                "wtf",
            ),
            "That has been said here before, and better.",
            person="{item} <item:have> been called worse, by better.",
            grammar=("", "{noun}", "you|off {noun}", "{text}"),
        ),
        Declined(
            "magic",
            ("xyzzy", "plugh", "plover", "abracadabra", "frotz", "cast", "hocus pocus"),
            "Nothing happens, as is traditional.",
        ),
        # -- questions --------------------------------------------------------------------------
        Declined(
            "find",
            ("find", "look for", "where is", "where's", "where are", "locate", "seek", "where"),
            "You would have to go and look, or ask somebody who may know.",
            "{item} <item:are> right here.",
            "{item} <item:are> right here.",
            "You have {item} with you.",
        ),
        Declined(
            "manners",
            ("lick", "spit", "fart", "pee", "piss", "puke", "vomit", "cough", "sneeze", "burp"),
            "Not in company.",
            grammar=_on("on", "at", "in"),
        ),
        Declined(
            "insult",
            ("insult", "threaten", "mock", "taunt", "annoy", "bother"),
            "You keep it to yourself.",
            person="Tell {item} so in your own words, if you must.",
        ),
        Declined(
            "nothing",
            ("nothing", "none", "cancel", "nevermind", "stop", "whatever", "forget it"),
            "Very well.",
        ),
        Declined(
            "request",
            (
                "give me",
                "gimme",
                "bring me",
                "follow me",
                "come",
                "come with me",
                "come here",
                "show me",
                "tell me",
            ),
            "Say that to somebody: NAME, then a comma, then what you want of them.",
            grammar=("", "{text}"),
        ),
        Declined(
            "question",
            (
                "who",
                "what",
                "why",
                "when",
                "how",
                "which",
                "whose",
                "who's",
                "what's",
                "how's",
                "is",
                "are",
                "do",
                "does",
                "did",
                "am",
                "should",
                "whom",
            ),
            "That is one for somebody who lives here: ask NAME about it. What you are after is "
            "under goals, and what you could do under help.",
            grammar=("", "{text}"),
        ),
    )
}
