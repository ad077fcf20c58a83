"""Saying, telling, whispering and shouting."""

from __future__ import annotations

from collections.abc import Collection

from game.engine.consequences import Happen
from game.engine.events import Action, Reason, define
from game.engine.scope import Scope
from game.engine.verbs.base import TOO_MUCH, Pair, Verb, not_present

SAID = define("said", '{actor} <say>, "{text}"', sense="sound")
TOLD = define("told", '{actor} <say> to {target}, "{text}"', sense="sound")
WHISPERED = define("whispered", '{actor} <whisper> to {target}, "{text}"', sense="private")
SHOUTED = define("shouted", '{actor} <shout>, "{text}"', sense="far")


class _Speech(Verb):
    """Words spoken aloud. There is no finite list of them, so none is ever listed as admissible."""

    speech = True
    idle = True
    event = ""

    def candidates(self, s: Scope) -> Collection[Pair]:
        return ()

    def admissible(self, s: Scope) -> list[Action]:
        return []

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        return TOO_MUCH if noun is not None or second is not None else None

    def perform(
        self, s: Scope, noun: str | None, second: str | None, text: str | None, happen: Happen
    ) -> None:
        happen(type=self.event, actor=s.actor, target=noun, room=s.room, text=text)


class _Address(_Speech):
    noun_kind = "person"

    def candidates(self, s: Scope) -> Collection[Pair]:
        return [(p, None) for p in s.here]

    def check(self, s: Scope, noun: str | None, second: str | None) -> Reason | None:
        return TOO_MUCH if second is not None else not_present(s, noun)


class Say(_Speech):
    name = "say"
    words = ("say", "speak", "utter", "exclaim")
    grammar = ("{text}",)
    phrases = (
        '"{text}"', '"{text}', "hello", "hi", "good day",
        "tell everyone|everybody {text}", "say {text} to everyone|everybody",
    )  # fmt: skip
    default_text = "Hello."
    event = SAID
    help = "Say something to everyone here."


class Tell(_Address):
    name = "tell"
    words = ("tell", "talk to", "speak to", "greet", "answer")
    grammar = ("{noun} {text}", "{noun} that {text}", "{noun}")
    phrases = (
        "say {text} to {noun}", "say to {noun} {text}", "speak {text} to {noun}",
        "ask {noun} about {text} => Tell me about {text}.",
        "talk|speak|chat with|to {noun} about {text} => Tell me about {text}.",
        "ask about {text} => Tell me about {text}.",
        "ask {noun} who he|she|it is => Who are you?",
        "ask {noun} who they are => Who are you?",
        "ask {noun} his|her|its|their name => What is your name?",
        "ask {noun} how he|she|it is => How are you?",
        "ask {noun} what he|she|it wants => What do you want?",
        "tell {noun} about {text} => Let me tell you about {text}.",
        "ask|beg {noun} for {text} => May I have {thing}?",
        "ask|tell|order|command|beg {noun} to {text} => Please {text}.",
        "ask {noun} {text}", "ask {noun}", "question|interrogate|gossip-with|consult {noun}",
        "question|interrogate|consult {noun} about {text} => Tell me about {text}.",
        "talk|chat|ask|gossip",
        "{noun} , {text}", '"{text}" to {noun}', "hello|hi {noun}", "hello|hi to {noun}",
        "{noun} : {text}", "talk|speak|chat|converse {noun}",
        "talk|speak|chat|converse with {noun}", "address|hail|call-to {noun}",
    )  # fmt: skip
    default_text = "Hello."
    event = TOLD
    help = "Say something to somebody: tell NAME WORDS, ask NAME about WORDS, or NAME, WORDS."


class Whisper(_Address):
    name = "whisper"
    words = ("whisper to", "whisper")
    grammar = ("{noun} {text}",)
    phrases = ("whisper {text} to {noun}",)
    event = WHISPERED
    help = "Say something that only one person hears."


class Shout(_Speech):
    name = "shout"
    words = ("shout", "yell", "call", "holler")
    grammar = ("{text}",)
    event = SHOUTED
    help = "Say something that is heard next door too."


VERBS: tuple[Verb, ...] = (Say(), Tell(), Whisper(), Shout())
