"""Characters answer in their own voice: from who they are, what they know and what was said."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from game.engine.model import Character, State, World
from game.engine.scope import Scope
from game.llm.base import LanguageModel, Prompt, Sampler, Segment
from game.narrator.grammar import agree, capitalise
from game.narrator.guard import Verdict
from game.narrator.lexicon import AMBIENT, GUARDED, MAYBE_VERB, noun_lemma
from game.narrator.names import the
from game.narrator.prompt import template_hash
from game.narrator.recollection import misremembered, within
from game.narrator.replies import subject_words
from game.narrator.scene import names_of, vocabulary
from game.narrator.telling import SentenceSampler, Telling, freer

#: How many exchanges with a character the model is shown.
REMEMBERED = 1
SAMPLER = Sampler(temperature=0.6, min_p=0.1, max_tokens=48)

_RULES = (
    "You play the people of a text adventure. Answer the stranger as the person would, in one or "
    "two short sentences. Say only what the person knows."
)

#: The most tokens that what a character remembers may take in a prompt.
MEMORY_TOKENS = 64

#: Who they are; what they know that bears on it; what is said to them => what they answer.
_EXAMPLES = (
    ("the miller, tired. I grind the flour here.",
     "The baker owes me for six sacks.",
     "Does the baker pay you well?",
     "Pay me? The baker owes me for six sacks."),
    ("Greta, cheerful. I sell eggs and gossip.",
     "My brother Karl is the ferryman. The bridge fell in last winter.",
     "How do I get across the river?",
     "Ask my brother Karl, he is the ferryman. The bridge fell in last winter."),
    ("the watchman, bored. I guard the bridge at night.",
     "Keep moving, and keep where I can see you.",
     "Hello there!",
     "Evening. Keep moving, and keep where I can see you."),
    ("the abbess, stern. I keep the house in order.",
     "Nobody may go up the tower. The bell is cracked.",
     "What is up there?",
     "Only the bell, and the bell is cracked. Nobody may go up the tower."),
    ("Old Piet, grumpy. I mend nets and mind my own business.",
     "I mend nets and mind my own business.",
     "Tell me about the king.",
     "The king? I mend nets and mind my own business."),
    ("the porter, weary. I carry what others buy.",
     "You gave me a red apple, at the market.",
     "Do you remember what I gave you?",
     "That I do. You gave me a red apple, at the market."),
    ("the cook, cheerful. I feed forty people twice a day.",
     "The good knives are locked in the cellar. The cat sleeps in the oven.",
     "Where are the knives?",
     "Locked in the cellar, the good ones. And mind the cat, it sleeps in the oven."),
    ("Anselm, sad. I was a sailor once.",
     "I was a sailor once.",
     "What do you do here?",
     "Not much. I was a sailor once."),
)  # fmt: skip

_USER = "<|im_start|>user\n"
_ASSISTANT = "<|im_end|>\n<|im_start|>assistant\n"
_END = "<|im_end|>\n"


def _prefix() -> tuple[Segment, ...]:
    parts = []
    for who, known, heard, answer in _EXAMPLES:
        parts.append(
            f"{_USER}Person: {who}\nThe stranger says: {heard}\nKnows: {known}"
            f"{_ASSISTANT}{answer}{_END}"
        )
    rules = Segment(f"<|im_start|>system\n{_RULES}<|im_end|>\n", True, "rules")
    return (rules, Segment("".join(parts), True, "examples"))


PREFIX = _prefix()


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said to a character, the author's words for an answer, and what it answered.

    `turn` is the world's turn when it had.
    """

    heard: str
    known: str
    answer: str
    turn: int = 0


def speech_prompt(
    state: State,
    character: Character,
    heard: str,
    known: str,
    exchanges: Sequence[Exchange] = (),
    remembers: Sequence[str] = (),
) -> Prompt:
    """The prompt for an answer to `heard` that draws on `known`, the author's own words for it.

    The last of the `exchanges` with the character comes before it; `remembers` are sentences of
    its own memory. Everything that comes from the world or the player is untrusted text.
    """
    body: list[Segment] = []
    for past in exchanges[-REMEMBERED:]:
        said = [*_asked(state, character, past.heard, past.known), Segment(past.answer)]
        body += [replace(s, part="recent") for s in said] + [Segment(_END, True)]
    body += _asked(state, character, heard, known, remembers)
    return Prompt(PREFIX, tuple(body))


def _asked(
    state: State, character: Character, heard: str, known: str, remembers: Sequence[str] = ()
) -> list[Segment]:
    how = _first_sentences(character.voice, 60)[:100]
    persona = f"{how} {_first_sentences(character.persona, 80)}".strip()
    body = [
        Segment(_USER, True),
        Segment("Person: ", True, "person"),
        Segment(
            f"{the(state, character.id)}, {state.mood_of(character.id)}. {persona}", part="person"
        ),
    ]
    if remembers:
        body += [Segment("\nRemembers: ", True), Segment(" ".join(remembers))]
    body += [
        Segment("\nThe stranger says: ", True, "heard"),
        Segment(" ".join(heard.split())[:200], part="heard"),
        Segment("\nKnows: ", True, "knowledge"),
        Segment(known[:240], part="knowledge"),
        Segment(_ASSISTANT, True),
    ]
    return body


def _first_sentences(text: str, most: int) -> str:
    """As many whole sentences of `text` as fit into `most` characters, at least one."""
    found = ""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
        if found and len(found) + len(sentence) > most:
            break
        found = f"{found} {sentence}".strip()
    return found


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


def _conveys(answer: str, sentence: str) -> bool:
    """Whether `answer` says most of what an authored sentence does."""
    wanted = subject_words(sentence)
    return not wanted or len(wanted & subject_words(answer)) >= 0.5 * len(wanted)


def completed(answer: str, known: Sequence[str]) -> str:
    """`answer` with the authored sentences that it leaves out, in order: no hint must get lost."""
    conveyed = [_conveys(answer, sentence) for sentence in known]
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
        ("misremembers", misremembered(text, facts.memories, facts.remembered)),
        ("misremembers", _attributed(text, facts)),
        ("parrot", _parrot(found, facts)),
        ("repeats", _repeats(found, facts)),
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
    stutter = re.search(r"\b(\w+) \1\b", text, re.IGNORECASE)
    if stutter or len(set(grams)) < len(grams):
        return "loop"
    return ""


# Claims about the stranger, or about the speaker, that a small model makes up.
_CLAIM = re.compile(
    r"\b(?:you (?:are|have|were|had|must|look|know|can|should|will|seem)|you're|i am an?|i'm an?|"
    r"i have an?|it is an?|it's an?|(?:is|was) an?|this is|that is)\b[^,.!?;]*",
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
    if not any(_conveys(text, s) and subject_words(s) for s in facts.known):
        return "says nothing of it"
    before = " ".join(facts.sources.split())
    for denial in re.findall(r"\b(?:not|never|don't|doesn't|isn't|no|nobody|nothing)\b", lowered):
        if not re.search(rf"\b{denial}\b", before):
            return str(denial)
    return ""


def _parrot(found: Sequence[str], facts: SpeechFacts) -> str:
    heard = [w.lower() for w in _WORD.findall(facts.heard)]
    new = [w for w in found if w not in heard]
    return "says it back" if len(heard) > 2 and len(new) < 0.4 * len(found) else ""


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


@dataclass
class Voices:
    """Lets the model speak for characters. Remembers the last exchanges with each of them."""

    model: LanguageModel
    exchanges: dict[str, deque[Exchange]] = field(default_factory=dict)

    def warm_up(self, cancel: threading.Event | None = None) -> None:
        """Compute the prefix once, so that no answer has to wait for it."""
        self.model.complete(Prompt(PREFIX, ()), Sampler(max_tokens=0), cancel=cancel)

    def answer(
        self,
        state: State,
        character_id: str,
        heard: str,
        plain: str,
        *,
        seed: int,
        past: Sequence[Exchange] | None = None,
        others: Sequence[str] = (),
        recalled: Sequence[str] = (),
        in_mind: Sequence[str] = (),
        cancel: threading.Event | None = None,
        on_sentence: Callable[[str], None] | None = None,
    ) -> Telling:
        """`character_id` answers `heard`; the plain answer stands when nothing passes.

        `recalled` are the sentences of `plain` that come from the character's memory, `in_mind`
        what else it remembers, the most needful first: as much of it as fits is in the prompt.
        With `past`, the exchanges that were remembered then, it answers once more what it answered
        with `others`: more freely, in other words, and remembered only by `amend`.
        """
        start = time.monotonic()
        character = state.world.characters[character_id]
        remembered = self.exchanges.setdefault(character_id, deque(maxlen=4))
        # An exchange of a turn that has since been taken back did not happen.
        while past is None and remembered and remembered[-1].turn >= state.turn:
            remembered.pop()
        again = past is not None
        past = tuple(remembered) if past is None else past
        sampler = freer(SAMPLER) if again else SAMPLER
        known = _words_in(plain)
        rest = [sentence for sentence in in_mind if sentence not in recalled]
        remembers = within(self.model, rest, MEMORY_TOKENS)
        facts = speech_facts(
            state, character, heard, known, [e.answer for e in past],
            recalled=recalled, remembers=remembers,
        )  # fmt: skip
        prompt = speech_prompt(state, character, heard, known, past, remembers)
        telling = Telling(
            "speech", plain, plain, speaker=character_id, sampler=sampler, seed=seed,
            template_hash=template_hash(PREFIX), prompt=prompt,
        )  # fmt: skip

        def judge(text: str) -> Verdict:
            if text in others:
                return Verdict(False, "repeats", text)
            return check_speech(text, facts)

        finder = SentenceSampler(self.model, judge, _scorer(facts))
        # Who has no words of their own (a beast) is given none.
        chosen = finder.search(prompt, sampler, seed, cancel) if known else None
        if chosen is not None:
            answer = completed(chosen.text, facts.known)
            telling.source = "model"
            telling.sampled = chosen.text
            telling.prose = spoken(state, character_id, answer)
            telling.tokens = list(chosen.tokens)
            telling.sentences = [(0, len(chosen.tokens))]
            telling.prompt_ids = chosen.prompt_ids
            telling.sampler, telling.seed = replace(sampler, seed=chosen.seed), chosen.seed
            telling.first = time.monotonic() - start
        telling.judged, telling.decoded = finder.judged, finder.decoded
        if not again:
            remembered.append(Exchange(heard, known, telling.sampled or known, state.turn))
        if on_sentence is not None:
            on_sentence(telling.prose)
        telling.seconds = time.monotonic() - start
        return telling

    def past(self, character_id: str) -> tuple[Exchange, ...]:
        """The exchanges with a character that its next answer is given in the light of."""
        return tuple(self.exchanges.get(character_id, ()))

    def amend(self, character_id: str, old: str, new: str) -> None:
        """Remember that the character answered `new` where it answered `old`."""
        amended = (
            replace(e, answer=new) if e.answer == old else e for e in self.past(character_id)
        )
        self.exchanges[character_id] = deque(amended, maxlen=4)


def spoken(state: State, character_id: str, words: str) -> str:
    """ "The keeper says, "Mind the step."" """
    verb = agree("say", state.world.characters[character_id].plural)
    return f'{capitalise(the(state, character_id))} {verb}, "{words}"'


def _words_in(plain: str) -> str:
    """The words that a plain answer quotes, "" when nobody speaks in it."""
    quoted = re.search(r'"(.*)"', plain, re.DOTALL)
    return " ".join(quoted.group(1).split()) if quoted else ""


def _scorer(facts: SpeechFacts) -> Callable[[str], tuple[float, bool]]:
    """Prefer answers that say all of what is known, in words that are not simply the author's."""
    own = " ".join(facts.known).lower()

    def score(text: str) -> tuple[float, bool]:
        conveyed = sum(_conveys(text, sentence) for sentence in facts.known)
        copied = text.lower() in own
        wanted = subject_words(own)
        share = len(wanted & subject_words(text)) / max(1, len(wanted))
        return conveyed + share - 0.4 * copied, conveyed == len(facts.known) and not copied

    return score
