"""Which outcomes a sentence asserts: verb classes, who does them, to what, and whether denied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

#: A class of verbs (in the plural form) and the event types that make it true.
CLASSES: dict[str, tuple[str, frozenset[str]]] = {
    name: (verbs, frozenset(types.split()))
    for name, verbs, types in (
        ("die", "die perish expire", "died killed"),
        ("kill", "kill slay murder slaughter finish destroy defeat", "killed"),
        (
            "hit",
            "hit strike slam smash stab slash punch slap bite claw whack jab gash batter clobber "
            "pierce kick attack hurt injure wound sting scratch bash",
            "hit deflected killed",
        ),
        ("miss", "miss", "missed"),
        ("swing", "swing lunge", "hit missed deflected killed"),
        ("open", "open", "opened came_open"),
        ("close", "close shut", "closed came_shut"),
        ("lock", "lock bolt", "locked"),
        ("unlock", "unlock", "unlocked came_unlocked"),
        ("light", "ignite kindle", "lit came_alight"),
        ("douse", "extinguish douse snuff", "doused went_out"),
        (
            "take",
            "take grab snatch pick lift remove pocket collect gather fetch seize gain acquire win "
            "steal swipe pilfer retrieve claim get",
            "took stole received wielded removed gave ate drank wore",
        ),
        (
            "hold",
            "hold carry clutch cradle",
            "took stole received wielded gave hugged wore removed",
        ),
        ("drop", "drop discard", "dropped died killed"),
        ("throw", "throw toss hurl fling", "dropped"),
        (
            "put",
            "put place set lay stow insert slide tuck hang",
            "put dropped wore removed lowered",
        ),
        ("give", "give hand offer present deliver pass", "gave"),
        ("wear", "wear don", "wore"),
        ("eat", "eat devour munch chew", "ate"),
        ("drink", "drink sip gulp drain quaff swallow", "drank ate"),
        ("hug", "hug embrace kiss cuddle", "hugged"),
        ("leave", "leave depart flee escape exit", "went"),
        (
            "travel",
            "walk enter climb descend ascend travel ride sail swim fly return arrive march wander "
            "stroll",
            "went arrived",
        ),
        ("find", "find discover uncover notice spot see", "revealed found_nothing went arrived"),
        ("appear", "appear emerge materialise materialize", "appeared revealed arrived received"),
        ("vanish", "vanish disappear dissolve evaporate", "vanished ate drank"),
        (
            "speak",
            "say ask tell shout whisper reply answer mutter murmur exclaim call greet speak talk "
            "thank beg warn announce declare promise yell cry-out",
            "said told whispered shouted",
        ),
        (
            "break",
            "break shatter collapse crumble burn explode burst tear bleed melt sink crash snap rip "
            "crack topple drown faint sleep fall-asleep transform wake",
            "",
        ),
        ("fall", "fall tumble", "dropped put died killed"),
        ("follow", "follow chase pursue", "followed"),
        ("block", "block", "blocked held_back deflected"),
        ("catch", "catch", "caught took hit deflected"),
        ("trade", "buy sell pay trade earn spend cost", ""),
        ("dance", "dance", "emoted:dance"),
        ("laugh", "laugh giggle chuckle", "emoted:laugh"),
        ("cry", "cry weep sob", "emoted:cry"),
        ("scream", "scream shriek", "emoted:scream"),
        ("applaud", "applaud clap", "emoted:applaud"),
        ("growl", "growl snarl bark howl roar", "emoted:growl"),
        ("yawn", "yawn", "emoted:yawn"),
        ("wink", "wink", "emoted:wink"),
        ("pout", "pout sulk", "emoted:pout"),
        ("make", "cook bake build fix repair mend create write sew dig plant skin", ""),
        ("cut", "cut slice carve stuff rub scrape clean wash polish sharpen", ""),
        ("serve", "serve share feed show teach help save rescue", ""),
    )
}

_PAST_AND_SPECIAL = {
    "died": "die", "dying": "die", "dead": "die", "lifeless": "die",
    "struck": "strike", "stricken": "strike", "bitten": "bite", "bit": "bite", "hitting": "hit",
    "stolen": "steal", "taken": "take", "given": "give", "eaten": "eat", "drunk": "drink",
    "fallen": "fall", "broken": "break", "burnt": "burn", "torn": "tear", "slain": "slay",
    "thrown": "throw", "spoken": "speak", "hidden": "", "asleep": "sleep", "awake": "wake",
    "gone": "vanish", "killed": "kill", "locked": "", "unlocked": "unlock", "closed": "",
    "shut": "shut", "laid": "lay", "lying": "", "laying": "lay", "tying": "tie", "opening": "open",
}  # fmt: skip


@lru_cache(maxsize=1)
def _by_form() -> dict[str, str]:
    """Every inflected form to its class name."""
    forms: dict[str, str] = {}
    for name, (verbs, _) in CLASSES.items():
        for verb in verbs.split():
            for form in inflections(verb):
                forms.setdefault(form, name)
    for form, verb in _PAST_AND_SPECIAL.items():
        if verb:
            forms[form] = forms.get(verb, verb)
        else:
            forms.pop(form, None)
    return forms


def inflections(verb: str) -> set[str]:
    """The plain, -s and -ing forms of a verb, and its -ed form where that is regular."""
    if verb.endswith("e"):
        return {verb, verb + "s", verb[:-1] + "ing", verb + "d"}
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return {verb, verb[:-1] + "ies", verb + "ing", verb[:-1] + "ied"}
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return {verb, verb + "es", verb + "ing", verb + "ed"}
    doubled = verb + verb[-1] if _DOUBLES.search(verb) else verb
    return {verb, verb + "s", doubled + "ing", doubled + "ed", verb + "ing"}


_DOUBLES = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")


def class_of(word: str) -> str | None:
    """The class of a verb form: "strikes" -> "hit"; None for a verb that no rule guards."""
    return _by_form().get(word)


def class_forms(name: str) -> frozenset[str]:
    """Every verb form of a class."""
    return frozenset(form for form, of in _by_form().items() if of == name)


@dataclass(frozen=True, slots=True)
class Assertion:
    """Verb class `kind` (by the form `verb`) of `subject` on `object` using `tool`.

    Subject and object are mentions: "you", an id, a pronoun or "" (none found). `denied` when the
    clause negates it.
    """

    kind: str
    verb: str
    subject: str
    object: str
    tool: str
    denied: bool


_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?|[,;:.!?—-]")
_CLAUSE = frozenset(
    {",", ";", ":", "—", "and", "but", "while", "as", "then", "until", "before", "when"}
)
_SUBJECT_PRONOUNS = frozenset({"you", "he", "she", "it", "they", "who", "i", "we"})
_OBJECT_PRONOUNS = frozenset({"you", "him", "her", "it", "them", "yourself", "himself", "herself"})
_DENIALS = frozenset(
    ["not", "never", "cannot", "can't", "don't", "doesn't", "won't", "isn't", "aren't", "without"]
    + ["fail", "fails", "refuse", "refuses", "unable", "nothing", "neither"]
)
_UNASSERTED = frozenset(
    ["to", "try", "tries", "trying", "would", "could", "might", "may", "should", "if", "though"]
    + ["must", "can", "will", "a", "an", "the", "your", "his", "its", "their", "this", "that", "no"]
    + ["every", "of"]
)
_ARTICLES = frozenset({"the", "a", "an", "your", "some"})
_TOOL = frozenset({"with", "using"})
_ADVERB = re.compile(r"(ly|again|once|still|just|now|back|almost|nearly)$")


def words(sentence: str) -> list[str]:
    """Lower-case words and clause marks."""
    return [w.lower().replace("’", "'") for w in _WORD.findall(sentence)]


def assertions(sentence: str, mentions: dict[str, str]) -> Iterator[Assertion]:
    """The guarded outcomes that `sentence` asserts or denies.

    `mentions` maps lower-case words to the id that they name in this scene.
    """
    tokens = _whole_names(words(sentence), mentions)
    subject = clause_subject = ""
    start = 0
    for at, word in enumerate(tokens):
        if word in _CLAUSE:
            clause_subject, start = "", at + 1
            continue
        mention = _mention(word, mentions)
        kind = class_of(word)
        if kind is None or (mention and not clause_subject):
            if mention and not clause_subject and not _after_preposition(tokens, start, at):
                subject = clause_subject = mention
            continue
        before = [t for t in tokens[max(start, at - 4) : at] if not _ADVERB.search(t)]
        denied = any(
            t in _DENIALS and (t != "without" or t == before[-1]) or t.endswith("n't")
            for t in before
        )
        if before and before[-1] in _UNASSERTED and not denied:
            continue
        rest = tokens[at + 1 : at + 15]
        if rest and (word, rest[0]) in _PHRASES or (kind == "hit" and "nothing" in rest[:2]):
            continue
        if _IDIOM.match(" ".join([word, *rest[:6]])) or _is_noun(word, before, mentions):
            continue
        if rest[:1] == ["by"] and word in rest[1:3] or "by" in before[-2:] and word in before[-3:]:
            continue  # "bit by bit", "bite by slow bite"
        targets, tool = _objects(rest, mentions, kind in _TRANSITIVE)
        for target in targets or [""]:
            yield Assertion(kind, word, clause_subject or subject, target, tool, denied)


def _mention(word: str, mentions: dict[str, str]) -> str:
    if word in _SUBJECT_PRONOUNS:
        return word
    if word == "your":
        return "you"
    return mentions.get(word) or mentions.get(word.removesuffix("'s").removesuffix("'"), "")


def _whole_names(tokens: list[str], mentions: dict[str, str]) -> list[str]:
    """The tokens with every name of several words as one, so that no word of it is a verb."""
    names = sorted((name.split() for name in mentions if " " in name), key=len, reverse=True)
    joined: list[str] = []
    at = 0
    while at < len(tokens):
        size = next((len(n) for n in names if _stands_at(n, tokens, at)), 1)
        joined.append(" ".join(tokens[at : at + size]))
        at += size
    return joined


def _stands_at(name: Sequence[str], tokens: Sequence[str], at: int) -> bool:
    found = list(tokens[at : at + len(name)])
    return found[:-1] == list(name[:-1]) and found[-1].removesuffix("'s") == name[-1]


# Forms of guarded verbs that are nouns after a possessive, or a determiner and one word more.
_ALSO_NOUNS = frozenset("hand hands place spot present share claws bark drop".split())


def _is_noun(word: str, before: Sequence[str], mentions: dict[str, str]) -> bool:
    """Whether a verb form stands as a noun or an adjective: "your waiting hand", "it is clean"."""
    if word == "clean" and before[-1:] in (["is"], ["are"]):
        return True
    if word not in _ALSO_NOUNS or not before:
        return False
    if before[-1] in ("both", "two") or any(t.endswith("'s") for t in before[-2:]):
        return True
    return len(before) > 1 and before[-2] in _UNASSERTED and not _mention(before[-1], mentions)


_PREPOSITIONS = frozenset(
    ["in", "on", "at", "with", "from", "by", "under", "over", "behind", "beside", "near", "of"]
    + ["into", "onto", "through", "to", "toward", "around"]
)


def _after_preposition(tokens: Sequence[str], start: int, at: int) -> bool:
    if tokens[at] in ("he", "she", "they", "who"):
        return False
    reach = 1 if tokens[at] == "you" else 3
    return any(t in _PREPOSITIONS for t in tokens[max(start, at - reach) : at])


# Verbs that mean something else with the word after them.
_PHRASES = frozenset(
    {("close", on) for on in ("on", "around", "to", "by", "over", "behind", "and", ".")}
    | {("get", "up"), ("gets", "up"), ("pass", "through"), ("pass", "over"), ("hang", "on")}
    | {("hold", "on"), ("holds", "on"), ("find", "yourself"), ("find", "your"), ("call", "it")}
    | {("strike", "up"), ("light", "up"), ("catch", "your")}
)


_IDIOM = re.compile(
    r"(?:"
    r"hold(?:s|ing)? (?:out|still|it (?:for )?a moment)|giv(?:e|es|ing) up(?!.* to\b)|"
    r"leav(?:e|es|ing) off|skin and all|"
    r"fall(?:s|ing)? (?:back|into step|in (?:at|beside|behind|with|step))|drop(?:s|ping)? back|"
    r"plant(?:s|ing)? (?:yourself|himself|herself|itself|(?:your|his|her|its|both) )|"
    r"strik(?:e|es|ing) (?:out|off)|kick(?:s|ing)? off|bit (?:by|of)|"
    r"catch(?:es)? (?:the|a little) (?:light|eye|sun|edge|breath)|"
    r"clean (?:over|off|out|away|through|[.,;])|(?:open|close|bite|hand) -|close as|"
    r"clos(?:e|es|ing) (?:over|round|around|about)|"
    r"(?:clos|shut)(?:e|es|s)? (?:your|his|her|its|the) (?:fingers?|hands?|fists?|eyes?|palm)|"
    r"takes? you by surprise|finds? (?:only air|a (?:smile|grin))|follow your nose|"
    r"fix(?:es)? .{2,30} with|shows? .{2,30} teeth"
    r")(?:\b|(?<=[-.,; ]))"
)

# Their object follows at once: what comes after a preposition is where it goes.
_TRANSITIVE = frozenset({"put", "take", "hold", "drop", "give", "throw"})


def _another(rest: Sequence[str]) -> bool:
    """Whether what follows is ", and the X." or "and the X.": one more object, not a new clause."""
    skip = 2 if list(rest[:2]) == [",", "and"] else 1
    if rest[skip - 1] != "and" or not rest[skip : skip + 1] or rest[skip] not in _ARTICLES:
        return False
    tail = rest[skip + 1 :]
    end = next((n for n, w in enumerate(tail) if w in ".!?,;"), 0)
    return 1 <= end <= 3 and _OBJECT_PRONOUNS.isdisjoint(tail[:end])


def _objects(rest: Sequence[str], mentions: dict[str, str], direct: bool) -> tuple[list[str], str]:
    """What follows a verb: its objects and the tool after "with", as mentions."""
    targets: list[str] = []
    tool = ""
    with_tool = joined = False
    for at, word in enumerate(rest):
        if word in (",", "and") and targets and (joined or _another(rest[at:])):
            joined = True
            continue
        if word in _CLAUSE or word in ".!?":
            break
        if direct and not targets and word in _PREPOSITIONS:
            break
        if word in _TOOL:
            with_tool = True
            continue
        found = mentions.get(word.removesuffix("'s"), "")
        if not found and word in _OBJECT_PRONOUNS:
            found = "you" if word == "yourself" else word
        if not found:
            continue
        if with_tool:
            tool = tool or found
        elif not targets or joined:
            targets.append(found)
            joined = False
    return targets, tool
