"""What a character answers without the model: the author's own words that fit best."""

from __future__ import annotations

import re
from collections.abc import Sequence

from game.engine.model import Character, State
from game.narrator.grammar import agree, capitalise
from game.narrator.names import the

_WORDS = re.compile(r"[a-z']+")
_HELLO = frozenset(
    "hello hi hey greetings hail morning evening afternoon day welcome howdy name who".split()
)
#: Words too common to show what a line is about.
_COMMON = frozenset(
    """a about an and any are around as at be been but by can could did do does for from get go
    good had has have he her here him his how i if in into is it its just know like let me my no
    not of off on one or our out say she should so some tell than that the their them then there
    these they thing this those to up us want was we were what when where which who why will with
    would yes you your please thanks thank sir lady""".split()
)


#: Asking somebody who they are, themselves or through "ask NAME who he is".
_WHO = re.compile(
    r"^(?:and )?(?:who(?:'re| are) you|who (?:he|she|they) (?:is|are)|"
    r"what(?:'s| is) (?:your|his|her|their) name|what do you do|"
    r"tell me about (?:you|your|him|her|it|them)sel(?:f|ves))\b"
)
_TELL_ME = re.compile(
    r"^\W*(?:please )?(?:tell|ask) (?:me|us) (?:(?:something|more|all|everything) )?(?:about|of)\b"
)
_QUESTION = re.compile(
    r"^\W*(?:(?:and|but|so|please|tell me) )?(?:what|who|whom|whose|which|where|when|why|how|"
    r"(?:is|are|was|were|do|does|did|can|could|will|would|have|has|should|may) "
    r"(?:i|you|he|she|it|we|they|there|this|that|the|a|an|any\w*|some\w*))\b|\?\s*$"
)
#: How somebody says that they cannot tell, before they tell what they can.
_NO_IDEA = (
    "I know nothing of that.",
    "You must ask somebody else about that.",
    "There I am no help.",
    "I have heard nothing of that.",
)


#: Asking for a thing, and asking for company.
_GIVE = re.compile(r"^\W*(?:please )?(?:may i have|give me|lend me|hand me)\b", re.IGNORECASE)
_COME = re.compile(
    r"^\W*(?:please )?(?:follow me|come (?:with me|along|here)|walk with me)\b", re.IGNORECASE
)
_STAYS = ("I am well enough where I am.", "You go on. I had better stay here.")


def bare_question(heard: str) -> str:
    """`heard` without the "tell me about" that every subject can be asked about with."""
    return _TELL_ME.sub("", heard.lower()).strip() or heard


def is_question(heard: str) -> bool:
    """Whether `heard` asks for something to be told, with a question mark or without one."""
    lowered = heard.lower()
    return bool(_QUESTION.search(lowered) or _TELL_ME.search(lowered))


def subject_words(text: str) -> frozenset[str]:
    """The words that say what a line is about, in lower case, plurals cut to the singular."""
    words = (w.removesuffix("'s") for w in _WORDS.findall(text.lower()))
    return frozenset(_singular(w) for w in words if w not in _COMMON and len(w) > 2)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def relevant(character: Character, heard: str, limit: int = 3) -> list[str]:
    """What the character knows that bears on what was said, the closest first."""
    about = subject_words(heard)
    scored = [(len(about & subject_words(line)), -n) for n, line in enumerate(character.knowledge)]
    best = sorted((pair for pair in scored if pair[0]), reverse=True)[:limit]
    return [character.knowledge[-n] for _, n in best]


def head_word(name: str) -> str:
    """The word of a name that says what it is, as `subject_words` has it ("key", "toll")."""
    words = _WORDS.findall(name.lower().split(" of ")[0])
    return _singular(words[-1].removesuffix("'s")) if words else ""


def has_words(character: Character) -> bool:
    """Whether the author gave the character anything to say: beasts have no words."""
    return bool(character.greeting or character.knowledge)


def is_greeting(heard: str) -> bool:
    return bool(_HELLO & frozenset(_WORDS.findall(heard.lower())))


def plain_reply(state: State, character: str, heard: str, said_before: Sequence[str]) -> str:
    """The character's answer to `heard`, told whole; authored words, never the same twice running.

    What it knows that fits best comes first, or who it is if that was asked; then its greeting to
    a greeting, then something else it knows and has not said yet. Asked about what it knows nothing
    of, it says so first; asked for what it will not give, or to come along, it declines. Who has no
    words (beasts) or none left answers with a look.
    """
    person = state.world.characters[character]
    hello, fitting = is_greeting(heard), relevant(person, _GIVE.sub(" ", heard))
    lines = list(fitting)
    # A beast has words that describe its noises, and no greeting.
    if person.greeting and _WHO.search(heard.lower()):
        lines[:0] = re.split(r"(?<=[.!?])\s+", person.persona)[:1]
        fitting = lines
    if person.greeting and (hello or not said_before):
        lines.insert(0 if hello and not fitting else len(lines), person.greeting)
    if person.greeting and all(any(f in said for said in said_before) for f in fitting):
        refusal = _refusal(state, character, heard, fitting, said_before)
        if refusal:
            return says(state, character, refusal)
    lines += person.knowledge
    lost = person.greeting and not fitting and is_question(heard) and not hello
    for line in lines:
        if line and not any(line in said for said in said_before):
            no_idea = f"{_NO_IDEA[len(said_before) % len(_NO_IDEA)]} " if lost else ""
            return says(state, character, no_idea + line)
    name = capitalise(the(state, character))
    if not lines:
        look, say = agree("look", person.plural), agree("say", person.plural)
        return f"{name} {look} at you and {say} nothing."
    return f"{name} {agree('have', person.plural)} no more to say about that."


def _refusal(
    state: State, character: str, heard: str, fitting: Sequence[str], said_before: Sequence[str]
) -> str:
    """What to say to a wish that cannot be granted by talk; "" for anything else.

    All that is `fitting` has been said before.
    """
    if _COME.search(heard):
        return _STAYS[len(said_before) % len(_STAYS)]
    if not _GIVE.search(heard):
        return ""
    about = subject_words(heard)
    held = [state.world.items[id] for id in state.contents[character]]
    wanted = [i for i in held if about & {head_word(n) for n in (i.name, *i.names)}]
    if wanted:
        return "That stays with me."
    return fitting[0] if fitting else "I have nothing like that to give."


def says(state: State, character: str, words: str) -> str:
    """ "The keeper says, "Mind the step."" """
    verb = agree("say", state.world.characters[character].plural)
    return f'{capitalise(the(state, character))} {verb}, "{words.strip()}"'


def words_in(plain: str) -> str:
    """The words that a plain answer quotes, "" when nobody speaks in it."""
    quoted = re.search(r'"(.*)"', plain, re.DOTALL)
    return " ".join(quoted.group(1).split()) if quoted else ""
