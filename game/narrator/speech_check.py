"""What an answer is held against: what the person can know, and what a small model makes up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from game.engine.model import Character, State, World
from game.engine.scope import Scope
from game.narrator.guard import REPEATS, Verdict
from game.narrator.lexicon import AMBIENT, GUARDED, MAYBE_VERB, noun_lemma
from game.narrator.recollection import misremembered
from game.narrator.replies import is_greeting, subject_words
from game.narrator.scene import names_of, vocabulary


@dataclass(frozen=True, slots=True)
class SpeechFacts:
    """What an answer is held against: words it may use freely, entities that it must not name.

    `known` is the plain answer, a sentence each; `sources` all that the person knows, in lower
    case; `names` the words of the person's own name. `memories` are sentences of its memory of this
    game, `remembered` the words that only they have: an answer uses them as they do, or not at all.
    """

    heard: str
    known: tuple[str, ...]
    before: tuple[str, ...]
    allowed: frozenset[str]
    foreign: frozenset[str]
    sources: str
    names: frozenset[str]
    memories: tuple[str, ...] = ()
    remembered: frozenset[str] = frozenset()


def speech_facts(
    state: State,
    character: Character,
    heard: str,
    known: str,
    before: Sequence[str],
    *,
    recalled: Sequence[str] = (),
    remembers: Sequence[str] = (),
) -> SpeechFacts:
    """The facts for an answer of `character` to `heard`; `known` is the plain version of it, and
    `recalled` its sentences when they come from memory; `remembers` is what else is in mind."""
    world = state.world
    here = world.rooms[state.room_of(character.id)]
    texts = [character.persona, character.greeting, *character.knowledge, *character.goals]
    memories = (*recalled, *remembers)
    remembered = subject_words(" ".join(memories)) - subject_words(" ".join(texts))
    texts += [known, heard, character.description, here.description, *names_of(here), *memories]
    for id in Scope(state, character.id).visible():
        texts.extend(names_of(world.entities[id]))
    allowed = frozenset(vocabulary(texts))
    return SpeechFacts(
        heard,
        tuple(recalled) or tuple(re.split(r"(?<=[.!?])\s+", known)),
        tuple(before),
        allowed,
        _elsewhere(world, allowed),
        " ".join(texts).lower(),
        frozenset(" ".join(names_of(character)).lower().split()),
        memories,
        remembered,
    )


def conveys(answer: str, sentence: str) -> bool:
    """Whether `answer` says most of what an authored sentence does."""
    if len(sentence.split()) <= 3 and is_greeting(sentence) and is_greeting(answer):
        return True  # one greeting is as good as another
    wanted = subject_words(sentence)
    return not wanted or len(wanted & subject_words(answer)) >= 0.5 * len(wanted)


def completed(answer: str, known: Sequence[str]) -> str:
    """`answer` with the authored sentences that it leaves out, in order: no hint must get lost."""
    conveyed = [conveys(answer, sentence) for sentence in known]
    first = conveyed.index(True) if True in conveyed else len(known)
    after = [s for s, done in zip(known[first:], conveyed[first:], strict=True) if not done]
    return " ".join([*known[:first], answer, *after])


def _elsewhere(world: World, allowed: frozenset[str]) -> frozenset[str]:
    """Heads and proper names of every entity that the speaker has no reason to know of."""
    found = set()
    for entity in world.entities.values():
        words = entity.name.split()
        found.add(noun_lemma(words[-1]))
        found.update(w.lower() for w in words if w[:1].isupper())
    return frozenset(found - allowed - {"the", "a", "of", "some"})


_LEFTOVERS = re.compile(
    r"[<>{}\[\]|*_#`\\\n\"“”]|\b(?:Person|Knows|Answer|System|User|Assistant|Stranger)\s*:|"
    r"https?:|\bAI\b|language model|text adventure|\bas an? (?:assistant|model)\b|"
    r"I(?:'m| am) (?:here to|sorry|afraid I can|happy to help|glad to)|\bcharacter\b",
    re.IGNORECASE,
)
_NARRATION = re.compile(
    r"^(?:He|She|They|The [a-z]+) (?:says|asks|looks|replies|answers|smiles|nods|is|walks)\b|"
    r"\byou (?:say|ask|reply|answer|walk|take|go|nod|smile)\b|\bsays\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")


def check_speech(sentence: str, facts: SpeechFacts) -> Verdict:
    """The first rule that an answer breaks, or a passing verdict."""
    text = sentence.strip()
    found = [w.lower().replace("’", "'") for w in _WORD.findall(text)]
    for rule, detail in (
        ("leftovers", _found(_LEFTOVERS, text)),
        ("shape", _shape(text, found)),
        ("narration", _found(_NARRATION, text)),
        ("ungrounded", _ungrounded(text, found, facts)),
        ("misremembers", _turned_round(text, facts)),
        ("misremembers", misremembered(text, facts.memories, facts.remembered)),
        ("misremembers", _attributed(text, facts)),
        ("parrot", _parrot(found, facts)),
        ("cut short", _cut_short(found, facts)),
        (REPEATS, _repeats(found, facts)),
        ("numbers", _numbers(found, text, facts)),
        ("strangers", _strangers(text, facts)),
    ):
        if detail:
            return Verdict(False, rule, detail)
    return Verdict(True)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group() if match else ""


_FINITE = frozenset(
    ["is", "are", "am", "was", "were", "have", "has", "had", "do", "does", "did", "will", "would"]
    + ["can", "could", "may", "must", "go", "goes", "keep", "sell", "know", "see", "want", "give"]
    + ["i'm", "it's", "he's", "she's", "that's", "there's", "take", "ask", "mind", "look", "come"]
    + ["help", "sit", "stand", "stay", "bring", "wear", "hit", "let", "tell", "open", "opens"]
)


def _shape(text: str, found: Sequence[str]) -> str:
    if not 3 <= len(found) <= 34:
        return "length"
    if not re.match(r"[A-Z']", text) or not re.search(r"[.!?…]$", text):
        return "no end"
    grams = [" ".join(found[i : i + 3]) for i in range(len(found) - 2)]
    if len(found) < 6 and not any(w in _FINITE for w in found):
        return "fragment"
    if text.endswith("..."):
        return "trails off"
    if re.match(r"That (?:I|you|he|she|we|they)\b[^,?]*\.$", text):
        return "no main clause"
    stutter = re.search(r"\b(\w+) \1\b", text, re.IGNORECASE)
    if stutter or len(set(grams)) < len(grams):
        return "loop"
    return ""


# Claims about the stranger, or about the speaker, that a small model makes up.
_CLAIM = re.compile(
    r"\b(?:you (?:are|have|were|had|must|look|know|can|should|will|seem)|you(?:'re|'ve|'d|'ll)|"
    r"i am an?|i'm an?|i have an?|it is an?|it's an?|(?:is|was) an?|this is|that is)\b[^,.!?;]*",
    re.IGNORECASE,
)
_I_AM = re.compile(r"\b(?:I am|I'm|My name is|This is)\s+((?:[A-Z][a-z]+\s?)+)")


def _ungrounded(text: str, found: Sequence[str], facts: SpeechFacts) -> str:
    """An answer draws on what the person knows, and claims nothing else of anybody."""
    lowered = text.lower().replace("\u2019", "'")
    for claim in _CLAIM.findall(lowered):
        if claim.strip() not in facts.sources:
            return str(claim)
    for name in _I_AM.findall(text):
        if not set(name.lower().split()) <= facts.names:
            return str(name)
    said = subject_words(text)
    unknown = [w for w in said if w not in facts.sources]
    if len(unknown) > 0.4 * len(said):
        return " ".join(unknown)
    if not any(conveys(text, s) and subject_words(s) for s in facts.known):
        return "says nothing of it"
    before = " ".join(facts.sources.split())
    for denial in re.findall(r"\b(?:not|never|don't|doesn't|isn't|no|nobody|nothing)\b", lowered):
        if not re.search(rf"\b{denial}\b", before):
            return str(denial)
    return ""


_SHORT = {"'m": " am", "'re": " are", "'ve": " have", "'d": " would", "'ll": " will"}
_WHO_DOES = re.compile(r"\b(i|you) ((?:never |always |only |just )?[a-z]+)")


def _turned_round(text: str, facts: SpeechFacts) -> str:
    """What the speaker says of itself and the answer says of the stranger, or the other way."""
    said, known = _plain_words(text), _plain_words(facts.sources)
    for who, does in _WHO_DOES.findall(said):
        other = "you" if who == "i" else "i"
        mine = re.search(rf"\b{who} {does}\b", known)
        if not mine and re.search(rf"\b{other} {does}\b", known):
            return f"{who} {does}"
    return ""


def _plain_words(text: str) -> str:
    """In lower case, with what is short for two words as two."""
    plain = text.lower().replace("\u2019", "'")
    for short, long in _SHORT.items():
        plain = plain.replace(short, long)
    return plain


def _parrot(found: Sequence[str], facts: SpeechFacts) -> str:
    heard = [w.lower() for w in _WORD.findall(facts.heard)]
    new = [w for w in found if w not in heard]
    return "says it back" if len(heard) > 2 and len(new) < 0.4 * len(found) else ""


def _cut_short(found: Sequence[str], facts: SpeechFacts) -> str:
    """The author's own sentence without its end, where the joke is."""
    for sentence in set(facts.known) - set(facts.memories):
        words = [w.lower().replace("’", "'") for w in _WORD.findall(sentence)]
        if len(found) < len(words) and words[: len(found)] == found:
            return " ".join(words[len(found) :])
    return ""


def _repeats(found: Sequence[str], facts: SpeechFacts) -> str:
    for old in facts.before:
        words = {w.lower() for w in _WORD.findall(old)}
        if len(words) > 3 and len(words & set(found)) >= 0.7 * len(set(found)):
            return old
    return ""


_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred "
    "thousand dozen".split()
)  # fmt: skip


_YOU_SAID = re.compile(r"\byou (?:said|told|asked|mentioned)\b", re.IGNORECASE)


def _attributed(text: str, facts: SpeechFacts) -> str:
    """What makes words the player's that no memory says they said."""
    grounds = " ".join((*facts.known, *facts.memories))
    return "" if _YOU_SAID.search(grounds) else _found(_YOU_SAID, text)


def _numbers(found: Sequence[str], text: str, facts: SpeechFacts) -> str:
    digits = _found(re.compile(r"\d+"), text)
    if digits and digits not in facts.heard:
        return digits
    return next((w for w in found if w in _NUMBERS and w not in facts.allowed), "")


# What anyone may speak of, though no scene has it.
_COMMON_TALK = frozenset(
    "friend man woman child people mother father brother sister home house work name god devil "
    "stranger traveller money drink food trouble matter business day night year week weather rain "
    "sun village fool sir lady word lad lass soul price coin heaven hell neighbour folk".split()
)  # fmt: skip


def _strangers(text: str, facts: SpeechFacts) -> str:
    """No name and no concrete thing that this person has no reason to speak of."""
    for at, word in enumerate(_WORD.findall(text)):
        lemma = noun_lemma(word)
        if lemma in facts.allowed or word.lower() in facts.allowed or lemma in _COMMON_TALK:
            continue
        if lemma in facts.foreign and lemma not in AMBIENT:
            return word
        inside = at and re.search(rf"[a-z,;]\s+{re.escape(word)}\b", text)
        if inside and word[:1].isupper() and not word.startswith("I"):
            return word
        if lemma in GUARDED and lemma not in MAYBE_VERB:
            return word
    return ""
