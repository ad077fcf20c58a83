"""Simulated readers with a known taste: a rule over the words, and a share of mistaken thumbs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TERSE_WORDS, CURT_WORDS = 14, 10
#: Share of a simulated reader's thumbs that go the wrong way.
NOISE = 0.10

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")

#: What is heard, smelt, tasted or felt on the skin; sight alone does not count.
SENSES = frozenset(
    """
    bang bangs boom booms chime chimes clack clang clangs clank clatter clatters click clicks
    crack cracks crackle crackles creak creaks creaking crunch crunches drip drips echo echoes
    groan groans grind grinding hiss hisses hum hums jingle jingles knock knocks loud low murmur
    murmurs noise quiet quietly rattle rattles ring rings ringing roar roars rustle rustles rustling
    scrape scrapes scraping scratch scratches sigh sighs silence silent slam slams snap snaps sound
    sounds splash splashes squeak squeaks squeal squeals thud thuds thump thumps tick ticks voice
    voices whisper whispers whistle whistles listen hear heard hears
    acrid fragrant fresh musty perfume reek reeks scent scented smell smells smelling smoky stale
    stench stink stinks sour sweet bitter salty salt taste tastes tasting tang
    bite bites biting brush brushes burn burns chill chilly cold cool coolness damp dry dusty feel
    feels felt gritty hard heat heavy hot icy light prickle prickles pressing rough rub rubs shiver
    shivers slick slippery smooth soft softly sharp sting stings sticky throb tickle tickles tingle
    touch touches warm warms warmth weight wet
    """.split()
)

#: What a person is felt, seen and moved by.
BODY = frozenset(
    """
    ankle ankles arm arms back beard belly body bones breath brow cheek cheeks chest chin ear ears
    elbow elbows eye eyebrow eyes face feet finger fingers fingertips fist fists foot hair hand
    hands head heart heel heels hip hips jaw knee knees knuckles lap leg legs lip lips lungs mouth
    neck nose palm palms ribs shoulder shoulders skin stomach teeth throat thumb thumbs toe toes
    tongue waist wrist wrists
    """.split()
)

Rule = Callable[[str], bool]


def words(text: str) -> list[str]:
    """The words of `text` in lower case."""
    return _WORD.findall(text.lower())


def is_terse(text: str) -> bool:
    """Fourteen words at the most."""
    return len(words(text)) <= TERSE_WORDS


def is_curt(text: str) -> bool:
    """Ten words at the most, where the house style mostly takes eleven or more."""
    return len(words(text)) <= CURT_WORDS


def is_sensory(text: str) -> bool:
    """Something to hear, smell, taste or feel."""
    return not SENSES.isdisjoint(words(text))


def is_bodily(text: str) -> bool:
    """A part of somebody's body."""
    return not BODY.isdisjoint(words(text))


def is_scenic(text: str) -> bool:
    """Begins with the scene rather than with "you"."""
    return words(text)[:1] not in ([], ["you"], ["your"])


TASTES: Mapping[str, Rule] = {
    "terse": is_terse,
    "curt": is_curt,
    "sensory": is_sensory,
    "bodily": is_bodily,
    "scenic": is_scenic,
}


@dataclass
class Reader:
    """Thumbs up what the rule likes, and errs in `noise` of the cases. Seeded."""

    taste: str
    noise: float = NOISE
    seed: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(f"{self.taste}:{self.seed}")

    @property
    def source(self) -> str:
        """Where such votes say they come from, for ever."""
        return f"simulated:{self.taste}"

    def vote(self, text: str) -> int:
        """1 or -1."""
        liked = TASTES[self.taste](text) != (self._rng.random() < self.noise)
        return 1 if liked else -1
