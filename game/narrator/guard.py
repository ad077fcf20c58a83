"""Does a sentence of prose keep to the scene and the facts? One rule a function."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from game.engine.model import DIRECTIONS
from game.narrator.contradictions import QUOTED, contradictions
from game.narrator.inventions import inventions
from game.narrator.lexicon import (
    AMBIENT,
    BEINGS,
    DESCRIPTIVE,
    GUARDED,
    MAYBE_VERB,
    NOUNS,
    PARTS,
    noun_lemma,
)
from game.narrator.repetition import WORD, loops, repeats
from game.narrator.scene import COMPASS, SceneFacts


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence passed; if not, the rule it broke and the words that broke it."""

    ok: bool
    rule: str = ""
    detail: str = ""


PASSED = Verdict(True)

#: The rule against telling again what was told a moment before; all others are about what is said.
REPEATS = "repeats"
LONGEST_WORDS = 42
SHORTEST_WORDS = 3

_Rule = Callable[[str, SceneFacts], str]


def check_sentence(sentence: str, scene: SceneFacts, before: str = "") -> Verdict:
    """The first rule that `sentence` breaks against `scene`, or a passing verdict.

    `before` are the sentences of the same telling that it follows: one that tells a fact may be
    followed by one of colour alone.
    """
    text = sentence.strip()
    for name, rule in _RULES:
        detail = rule(text, scene)
        if detail and name == "uncovered" and _tells_facts_only(before, scene):
            continue
        if detail:
            return Verdict(False, name, detail)
    return PASSED


_LEFTOVERS = re.compile(
    r"<\|?|\|>|=>|https?:|www\.|[*_#`{}\[\]\\|~^]|\b(?-i:Scene|Facts?|Place|Here|Happens|Telling|"
    r"Narrator|User|Assistant|System|Player)\s*:|\bAI\b|language model|\bnarrat|text adventure|\n",
    re.IGNORECASE,
)


def _leftovers(text: str, scene: SceneFacts) -> str:
    found = _LEFTOVERS.search(text)
    return found.group() if found else ""


def _shape(text: str, scene: SceneFacts) -> str:
    """Sane length, a capital to begin with and an end."""
    count = len(WORD.findall(text))
    if count < SHORTEST_WORDS:
        return "too short"
    if count > LONGEST_WORDS or len(text) > 280:
        return "too long"
    if not re.match(r'["“]?[A-Z]', text):
        return "no beginning"
    if not re.search(r"[.!?][\"”]?$", text) or text.count('"') % 2:
        return "no end"
    return "odd characters" if re.search(r"[^\x20-\x7eéèêçàâîïôöüäñ‘’“”—–…]", text) else ""


def _quotes(text: str, scene: SceneFacts) -> str:
    """Only words that were really said, by nobody who did not say them."""
    said = {_letters(words) for _, words in scene.speech}
    for quoted in QUOTED.findall(text):
        if _letters(quoted) not in said:
            return quoted or '""'
    return '"' if re.search(r'["“”]', text) and not scene.speech else ""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


_FIRST_PERSON = re.compile(r"\b(I|I'm|I’m|me|my|mine|myself|we|us|our|ours|let's)\b", re.IGNORECASE)


def _person(text: str, scene: SceneFacts) -> str:
    """The reader is "you", and nobody else speaks as "I"."""
    bare = QUOTED.sub("", text)
    found = _FIRST_PERSON.search(bare)
    if found:
        return found.group()
    lowered = bare.lower()
    plain = scene.plain.lower()
    for name in scene.reader_names:
        if re.search(rf"\b{re.escape(name)}\b", lowered) and name not in plain:
            return name
    for pronoun, forms in (("he", "he|him|his|himself"), ("she", "she|her|hers|herself")):
        found = re.search(rf"\b({forms})\b", lowered)
        if found and pronoun not in scene.genders:
            return found.group()
    return ""


_PAST = re.compile(
    r"\b(was|were|went|said|came|gave|knew|told|began|stood|ran|spoke|had|did|saw|took|"
    r"looked|walked|turned|tried|asked|seemed|wanted|started)\b|"
    r"\b(?<!where )(?<!than )(?:you|he|she|it|they|who)\s+(?:\w+ly\s+)?"
    r"(?!need|feed|bleed|heed|speed|proceed|succeed)\w+ed\b|\b(?:will|shall|'ll|going to)\b",
    re.IGNORECASE,
)


_SIMILE = re.compile(r"\b(as (?:if|though)\b[^,;.]*?)\bwere\b", re.IGNORECASE)


def _tense(text: str, scene: SceneFacts) -> str:
    found = _PAST.search(_SIMILE.sub(r"\1be", QUOTED.sub("", text)))
    return found.group() if found else ""


_NUMBERS = frozenset(
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    + ["twenty", "thirty", "forty", "fifty", "hundred", "thousand", "dozen", "hundreds", "dozens"]
    + ["several"]
)
# Wrong only of a thing or a person: "the other keeper", but "from one ear to the other".
_MORE_THAN_ONE = frozenset(["both", "another", "other", "second"])
_COME_IN_PAIRS = frozenset(
    "arm elbow eye eyebrow finger fist foot hand heel hoof knee leg palm paw shoulder side thumb "
    "turn wrist".split()
)
_ENDS_PHRASE = frozenset("a an the your of in on with from to for and at as you it is".split())


def _numbers(text: str, scene: SceneFacts) -> str:
    found = re.findall(r"\d+|[a-z]+(?:'[a-z]+)?|[^\sa-z]", text.lower())
    blows = {"hit", "missed", "deflected"} & {e.type for e in scene.events}
    for at, word in enumerate(found):
        if word in scene.allowed:
            continue
        if word.isdigit() or (word == "twice" and blows):
            return str(word)
        counted = _counted(found[at + 1 : at + 4], scene)
        if word in _NUMBERS and counted not in _COME_IN_PAIRS:
            return str(word)
        thing = counted in scene.mentions or counted in GUARDED
        if word in _MORE_THAN_ONE and thing and counted not in _COME_IN_PAIRS:
            return str(word)
    return ""


def _counted(after: list[str], scene: SceneFacts) -> str:
    """The noun that a number stands before: a part of the body, or a thing or person."""
    for word in after:
        noun = noun_lemma(word)
        if word in _ENDS_PHRASE or not word[0].isalpha():
            return ""
        if noun in _COME_IN_PAIRS or noun in scene.mentions or noun in GUARDED:
            return noun
    return ""


# "down" is as often a particle ("drink it down"): only a person's motion makes it a direction.
_BEARINGS = COMPASS - {"down"}
_THING_LEADS = re.compile(r"(?:^|[,;:] )(?:an?|your|its|his|her|their) (\w+)[^,;:]* and $")
_GOES_DOWN = re.compile(r"\bgoes down\b")
# A mover, so that "pain runs up your arm" is no journey.
_MOVER = r"(?<=you |and |hen | he |she |hey )"
_STEPS = re.compile(
    rf"\b{_MOVER}(?:step|head|slip|duck|move|pass|come|cross|walk|go|run)(?:s|es)?\s+(?:back\s+)?"
    r"(?:in|into|inside|through|out|outside|across|down|up|away|off)\b"
)
_GO_WHERE = re.compile(
    rf"\b{_MOVER}(?:go|goes|going|climb|climbs|head|heads|walk|walks|descend|run|runs)\s+(up|down)\b"
)


def _directions(text: str, scene: SceneFacts) -> str:
    lowered = text.lower()
    for word in re.findall(r"[a-z]+", lowered):
        bare = word.removesuffix("ward").removesuffix("wards").removesuffix("ern")
        if bare in _BEARINGS and bare not in scene.directions:
            return str(word)
    went = [e.exit for e in scene.events if e.type == "went" and e.exit]
    told = {w for exit in went for w in exit.lower().split()}
    for word in re.findall(r"[a-z]+", lowered):
        if word in _BEARINGS and went and told & COMPASS and word not in told | scene.allowed:
            return str(word)
    moved = {"went", "arrived"} & {e.type for e in scene.events}
    stepped = _STEPS.search(lowered)
    swallowed = _GOES_DOWN.search(lowered) and {"ate", "drank"} & {e.type for e in scene.events}
    told_so = stepped is None or stepped.group().split()[0] in scene.plain.lower()
    if stepped and not told_so:  # "a growl starts in your chest and comes out"
        leads = _THING_LEADS.search(lowered[: stepped.start()])
        told_so = leads is not None and leads.group(1) not in BEINGS | scene.mentions.keys()
    if stepped and not (moved or told_so or swallowed):
        return stepped.group()
    found = _GO_WHERE.search(lowered)
    if found is None:
        return ""
    bearings = told & set(DIRECTIONS)
    wrong = bearings and found.group(1) not in bearings | set(scene.plain.lower().split())
    return found.group(1) if wrong or found.group(1) not in scene.directions else ""


_DETERMINERS = frozenset(
    ["a", "an", "the", "your", "his", "her", "its", "their", "this", "that", "some", "of", "any"]
    + ["these", "those", "another", "every", "each", "no", "with", "like", "into"]
)


def _strangers(text: str, scene: SceneFacts) -> str:
    """No concrete noun, and no name, that is not in the scene."""
    bare = QUOTED.sub("", text)
    found = [m.group() for m in WORD.finditer(bare)]
    for at, word in enumerate(found):
        lemma = noun_lemma(word)
        if lemma in scene.allowed or word.lower() in scene.allowed:
            continue
        described = word.islower() and (
            lemma in DESCRIPTIVE  # "flat" of the Painted Flat
            or (lemma in MAYBE_VERB and not _as_noun(found, at, scene))
        )
        if lemma in scene.foreign and lemma not in AMBIENT - PARTS and not described:
            return word
        if at and word[:1].isupper() and word not in ("I", "You", "Your") and _inside(bare, word):
            return word
        for part in word.split("-"):
            noun = noun_lemma(part)
            stranger = noun in GUARDED and noun not in scene.allowed
            if stranger and (noun not in MAYBE_VERB or _as_noun(found, at, scene)):
                return word
    return ""


def _inside(text: str, word: str) -> bool:
    """Whether a capitalised word stands inside a sentence, where only names have capitals."""
    return re.search(rf"[a-z,;]['”\"]?\s+{re.escape(word)}\b", text) is not None


def _as_noun(found: list[str], at: int, scene: SceneFacts) -> bool:
    """Whether a word that may be a verb stands as a noun: after a determiner, or one and a word
    that describes."""
    before = [w.lower() for w in found[max(0, at - 2) : at]]
    if not before:
        return False
    if before[-1] in _DETERMINERS:
        return True
    named = noun_lemma(before[-1]) in NOUNS | AMBIENT or before[-1] in scene.mentions
    several = noun_lemma(found[at].lower()) != found[at].lower()
    if several and before[0] in ("a", "an"):
        return False  # "a sting runs", "an itch bubbles up"
    return not named and len(before) > 1 and before[0] in _DETERMINERS - {"with"}


_IDENTITY = re.compile(
    r"\b(?:is|are|becomes?|turns? into|'s|’s|'re|’re)\s+(?:now\s+|just\s+|really\s+)?"
    r"(?:an?|the|your|some)\s+(?:[a-z-]+\s+)?([a-z]+)",
    re.IGNORECASE,
)


def _identity(text: str, scene: SceneFacts) -> str:
    """Nothing turns out to be something else ("The gate is a market stall.")."""
    for found in _IDENTITY.finditer(QUOTED.sub("", text)):
        noun = noun_lemma(found.group(1))
        if noun in GUARDED or noun in scene.mentions:
            return found.group()
    return ""


_EMPTY = re.compile(
    r"\b(?:and|but|that|as) (?:you|he|she|they)(?:'re|'s| are| is)\b(?! \w+ing\b)|"
    r"\b(?:it is|it's) (?:not|no|a|an|the|your|there|just)\b|\bno (?:longer|idea)\b|"
    r"\bable to\b|\bdo so\b|\b(?:starts?|begins?|continues?) to\b|\ba great place\b|"
    r", again\.|^You are\b|\bas well as you can\b|\byou can(?:not|'t)?\b|\bdestiny\b|\bhero\b|"
    r"\byou know\b|\byou're\b|\bmost \w+ \w+ in the\b|\bthe world\b|"
    r"\b(?:your|his|her|their) butts?\b|"
    # "and let it go a little cold", "the smell of hay stops at the stage"
    r"\blet it (?!have a look\b|(?:be|go|out|pass|rest|stand)\b(?! an?\b| the\b))|"
    r"\bsmell of [a-z ]+ (?:comes (?:to rest|along)|stops)\b",
    re.IGNORECASE,
)
_DISAGREES = re.compile(
    r"^You\b[^,;]*\band (?:misses|hits|takes|feels|looks|holds|steps|walks|finds|puts|goes|is)\b"
)


_PLACED = re.compile(r"\b(?:and|but|as) you are (?=(?:in|at|on|out|inside|back|under|among)\b)")


def _claims(text: str, scene: SceneFacts) -> str:
    """No idle claims about how somebody is or what begins now: a small model makes them up."""
    went = any(e.type in ("went", "arrived") and e.actor == scene.reader for e in scene.events)
    if went or "out of" in scene.plain:  # "and you are in the map room"
        text = _PLACED.sub("", text)
    found = _EMPTY.search(text) or _DISAGREES.search(text)
    return found.group() if found and found.group().lower() not in scene.plain.lower() else ""


def _names(text: str, scene: SceneFacts) -> str:
    """Proper names stand without an article ("the Hob Farthing")."""
    for name in scene.proper:
        found = re.search(
            rf"\b(?:[Tt]he|[Aa]|[Aa]n|[Yy]our|this|that) {re.escape(name)}\b(?!'s)", text
        )
        if found:
            return found.group()
    return ""


def _uncovered(text: str, scene: SceneFacts) -> str:
    """A sentence tells at least one fact: colour alone would stand beside the plain line."""
    if not scene.facts or any(f.covered_by(text) for f in scene.facts):
        return ""
    return scene.facts[0].sentence


def _tells_facts_only(before: str, scene: SceneFacts) -> bool:
    """Whether there are sentences before this one, and none of them is colour alone."""
    told = [s for s in re.split(r"(?<=[.!?])\s+", before) if s]
    return bool(told) and all(any(f.covered_by(s) for f in scene.facts) for s in told)


_RULES: tuple[tuple[str, _Rule], ...] = (
    ("leftovers", _leftovers),
    ("shape", _shape),
    ("quotes", _quotes),
    ("person", _person),
    ("tense", _tense),
    ("loops", loops),
    (REPEATS, repeats),
    ("names", _names),
    ("claims", _claims),
    ("numbers", _numbers),
    ("directions", _directions),
    ("strangers", _strangers),
    ("identity", _identity),
    ("outcomes", contradictions),
    ("inventions", inventions),
    ("uncovered", _uncovered),
)
