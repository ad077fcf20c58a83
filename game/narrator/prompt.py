"""The narrator's prompts: a few examples in the house style for each kind of happening.

A small model follows examples far better than instructions, and examples of the same kind best of
all. So every family of events has a prefix of its own, whose KV state the model keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

from game.engine.events import Event
from game.llm.base import Prompt, Segment

RULES = (
    'You are the narrator of a text adventure. Say again what happens, to "you", in the present '
    "tense, in one short vivid sentence. Add no new person, thing or event."
)

#: What happens => how it is told, by family.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "move": (
        ("You go north. You arrive at the mill.",
         "You walk north until the mill rises in front of you."),
        ("You go east. You arrive at the kitchen.", "You go east and come into the kitchen."),
        ("You go up. You arrive at the loft.",
         "You climb up, one hand on the wall, and come out in the loft."),
        ("You go through the gate. You arrive at the yard.",
         "You pass through the gate and out into the yard."),
        ("You go southwest. You arrive at the harbour.",
         "You turn southwest, and a short walk brings you to the harbour."),
        ("You go down. You arrive at the well.",
         "You make your way down to the well, careful of every step."),
        ("You go west. You arrive at the library.", "You head west and step into the library."),
        ("You go south. You arrive at the hut.",
         "You go south with the wind at your back and find yourself at the hut."),
    ),
    "handle": (
        ("You take the kettle.", "You lift the kettle, and it is heavier than it looks."),
        ("You drop the rope.", "You let the rope fall, and it lands at your feet."),
        ("You give the letter to the miller.",
         "You hold out the letter, and the miller takes it without a word."),
        ("You put on the grey cloak.",
         "You pull the grey cloak around your shoulders and feel warmer at once."),
        ("You take the silver cup from the shelf.",
         "You reach up and take the silver cup down from the shelf."),
        ("You steal the ring from the sailor.",
         "Quick and quiet, you slip the ring away from the sailor."),
        ("You take the hatchet in hand.", "You take the hatchet in hand and test its weight."),
        ("You put the apple in the basket.",
         "You set the apple down in the basket, gently, as if it might bruise."),
        ("You take off the hood.", "You push back the hood and feel the air on your face."),
        ("You take the rope.", "You pick up the rope and coil it over your arm."),
    ),
    "fight": (
        ("You hit the wild dog with the stick.",
         "You bring the stick down hard across the wild dog's back."),
        ("The miller swings at you and misses.",
         "The miller swings at you, and you feel the wind of it as it misses."),
        ("You swing at the sailor and miss.",
         "You swing at the sailor with all your weight and hit nothing but air."),
        ("The bear hits you.", "The bear hits you, and pain runs all the way up your arm."),
        ("You hit the baker.", "You hit the baker square in the chest."),
        ("The boar hits you.", "The boar hits you hard enough to take your breath."),
        ("You hit the cook.", "Your fist lands on the cook's shoulder, and you hit the cook hard."),
        ("The giant hits you, and the blow glances off.",
         "The giant hits you, but the blow glances off your shoulder."),
        ("You hit the crab. You kill the crab.",
         "You hit the crab one last time, and it dies."),
        ("You swing at the monk with the spear and miss.",
         "Your spear misses the monk by the width of a hand."),
        ("You hit the thief with the hammer. The thief hits you.",
         "Your hammer strikes the thief, and the thief hits you back just as hard."),
    ),
    "social": (
        ("You hug the miller.", "You put your arms around the miller and hold on for a moment."),
        ("The fishwife grins at you.", "The fishwife looks you over and grins, slow and wide."),
        ("You dance.", "You dance a few steps, badly and without shame."),
        ("You wait.", "You wait, and the moment passes as moments do."),
        ("The monk frowns at the cook.", "The monk gives the cook a long, slow frown."),
        ("You wave at the sailor.", "You lift a hand and wave at the sailor."),
        ("You cry in front of the judge.", "Your eyes fill, and you cry in front of the judge."),
        ("You sigh.", "You sigh, long and low."),
        ("You start following the hunter.", "You fall in behind the hunter, close and quiet."),
        ("You wink at the baker.", "You wink at the baker, quick and sly."),
        ("You wait.", "You stand still for a while and listen."),
        ("You laugh.", "You laugh out loud, longer than you meant to."),
        ("You growl at the boy.", "You growl at the boy, deep in your throat."),
        ("You nod.", "You nod, once and firmly."),
    ),
    "search": (
        ("You search the trunk. A silver bell comes to light.",
         "You feel about in the trunk until your fingers close on it: a silver bell."),
        ("You search the oven. You find nothing in the oven.",
         "You look the oven over, inside and out, and find nothing."),
        ("You search. A trapdoor comes to light.",
         "You go over every corner, and a trapdoor comes to light."),
        ("You search. You find nothing.",
         "You search from wall to wall and find nothing but dust."),
        ("You search the coat. You find nothing in the coat.",
         "You turn the coat inside out and find nothing for your trouble."),
        ("You search the well. A gold ring comes to light.",
         "You search the well with both hands, and a gold ring comes to light."),
        ("You search. You find nothing.",
         "You look high and low, and there is nothing to find."),
    ),
    "open": (
        ("You open the trunk.", "You open the trunk, and it gives a long, dry creak."),
        ("You unlock the gate with the iron key.",
         "The iron key turns in the lock, and the gate is unlocked."),
        ("You close the shutter.", "You pull the shutter closed."),
        ("You light the lamp.", "You light the lamp, and the shadows step back."),
        ("You open the cellar door.", "The cellar door sticks, then opens under your hand."),
        ("You lock the trunk with the small key.",
         "You lock the trunk, and the small key comes away cold."),
        ("You put out the lamp.", "You put out the lamp, and the dark comes close."),
        ("You close the gate.", "You push the gate until it closes with a thud."),
        ("You use the bellows.", "You lean on the bellows and put your weight into it."),
    ),
    "body": (
        ("You eat the pear.", "You eat the pear, sweet and cold, down to the last bite."),
        ("You drink the cider. You feel better.",
         "You drink the cider down and feel better for it."),
        ("You eat the cold porridge. You feel better.",
         "The cold porridge goes down slowly, and you feel better."),
        ("You drink the vinegar. You feel worse.",
         "You drink the vinegar, and you feel worse with every swallow."),
        ("You eat the cheese.", "You eat the cheese, crumb by crumb."),
        ("The sailor drinks the rum.", "The sailor tips back the rum and drinks it all."),
        ("You drink the rain water.", "You drink the rain water, cold enough to hurt your teeth."),
        ("You eat the plum. You feel better.", "You eat the plum in one bite and feel better."),
        ("You drink from the well.", "You drink from the well, slowly, and wipe your mouth."),
    ),
}  # fmt: skip

_FAMILIES = {
    "move": "went arrived boarded slipped_past held_back",
    "fight": "hit missed deflected killed died",
    "search": "searched revealed found_nothing",
    "open": "opened closed locked unlocked lit doused used came_open came_shut came_unlocked",
    "body": "ate drank felt",
    "handle": "took put dropped gave stole caught wore wielded removed lowered received",
}
_FAMILY_OF = {type: name for name, types in _FAMILIES.items() for type in types.split()}


def family_of(events: Sequence[Event]) -> str:
    """The family of examples that fits the first event that has one."""
    return next((_FAMILY_OF[e.type] for e in events if e.type in _FAMILY_OF), "social")


def _system(text: str) -> str:
    return f"<|im_start|>system\n{text}<|im_end|>\n"


_USER = "<|im_start|>user\n"
_ASSISTANT = "<|im_end|>\n<|im_start|>assistant\n"
_END = "<|im_end|>\n"


@cache
def prefix_for(family: str) -> tuple[Segment, ...]:
    """The rules and the family's examples as a chat: the same every time, so its state is kept."""
    turns = (f"{_USER}{facts}{_ASSISTANT}{telling}{_END}" for facts, telling in EXAMPLES[family])
    return (
        Segment(_system(RULES), True, "rules"),
        Segment("".join(turns), True, "examples"),
    )


def narration_prompt(family: str, facts: str) -> Prompt:
    """The prompt for telling `facts`, which hold names and words of the world: untrusted."""
    body = (Segment(_USER, True), Segment(facts, part="facts"), Segment(_ASSISTANT, True))
    return Prompt(prefix_for(family), body)


def schooled_prompt(facts: str) -> Prompt:
    """The prompt of a model that went to school (agents.narrator.school): the facts alone."""
    return Prompt(
        (Segment(_USER, True),), (Segment(facts, part="facts"), Segment(_ASSISTANT, True))
    )


def template_hash(prefix: Sequence[Segment]) -> str:
    """16 hex digits that identify a prompt template: its trusted text around the variable parts."""
    text = "\x00".join(["".join(s.text for s in prefix if s.trusted), _USER, _ASSISTANT])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
