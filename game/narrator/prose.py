"""The model's teller: retells what happened a sentence at a time, each passed by the guard."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from game.engine.events import Event
from game.engine.model import State
from game.engine.scope import Scope
from game.llm.base import LanguageModel, Prompt, Sampler, Segment
from game.narrator.guard import check_sentence
from game.narrator.names import the
from game.narrator.notes import notes_for, reads_notes, with_notes
from game.narrator.plain import told
from game.narrator.prompt import (
    EXAMPLES,
    family_of,
    narration_prompt,
    schooled_prompt,
    template_hash,
)
from game.narrator.scene import Fact, SceneFacts, fact_for, scene_facts
from game.narrator.telling import SentenceSampler, Telling, freer

#: How many happenings the model retells at once; what follows them is told plainly.
MOST_FACTS = 3
SAMPLER = Sampler(temperature=0.8, min_p=0.1, max_tokens=48)

# Words of the author's or of somebody in the world: shown as they are, never retold.
_VERBATIM = frozenset(
    "said told whispered shouted narrated refused ended changed_mood started_quest reached_goal "
    "finished_quest scored checked looked examined".split()
)


@dataclass(frozen=True, slots=True)
class Script:
    """A beat taken apart: what to show before, the facts to retell, and what to show after them."""

    before: str
    facts: tuple[Fact, ...]
    events: tuple[Event, ...]
    after: str


def script_for(state: State, events: Sequence[Event], plain: str, reader: str) -> Script | None:
    """How to retell a beat whose plain telling is `plain`; None when it is better told plainly.

    The facts are the sentences that `plain` begins with (after a remark of the parser's), up to the
    first words of an author.
    """
    facts: list[Fact] = []
    lead: list[Event] = []
    shown: list[str] = []
    for part in told(state, events, reader):
        event = part.events[0]
        if event.type in _VERBATIM or len(facts) >= MOST_FACTS:
            break
        if event.type == "arrived" and event.actor == reader:
            sentence = _arrival(state, reader)
            went = next((e for e in lead if e.type == "went"), event)
            facts.append(fact_for(state, went._replace(to=state.parent[reader]), sentence, reader))
            lead.append(event)
            break
        if not part.sentence or part.sentence.startswith("["):
            continue
        facts.append(_joined(state, part.events, part.sentence, reader))
        lead.extend(part.events)
        shown.append(part.sentence)
    told_first = " ".join(shown)
    at = plain.find(told_first)
    if not facts or not told_first or at < 0 or (at and plain[at - 1] != "\n"):
        return None
    return Script(plain[:at], tuple(facts), tuple(lead), plain[at + len(told_first) :].lstrip(" "))


def _arrival(state: State, reader: str) -> str:
    if not Scope(state, reader).lit:
        return "You arrive in the dark."
    return f"You arrive at {the(state, state.parent[reader])}."


def _joined(state: State, events: Sequence[Event], sentence: str, reader: str) -> Fact:
    """The fact that a group of like events makes: everything any of them needs."""
    facts = [fact_for(state, e, sentence, reader) for e in events]
    needs = tuple(dict.fromkeys(group for fact in facts for group in fact.needs))
    return Fact(sentence, needs, facts[0].verbs)


def in_order(facts: Sequence[Fact], prose: str) -> tuple[list[str], list[str]]:
    """The plain sentences of the facts that `prose` leaves out: those before what it tells, and
    those after."""
    covered = [fact.covered_by(prose) for fact in facts]
    first = covered.index(True) if True in covered else len(facts)
    before = [f.sentence for f in facts[:first]]
    after = [f.sentence for f, done in zip(facts[first:], covered[first:], strict=True) if not done]
    return before, after


@dataclass
class Narrator:
    """Retells beats with `model`. Remembers its last tellings, so as not to repeat itself.

    A `schooled` model (its adapter was taught the house style) is asked without examples. `sampler`
    may be changed between tellings.
    """

    model: LanguageModel
    schooled: bool = False
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=5))
    sampler: Sampler = SAMPLER

    def warm_up(self, cancel: threading.Event | None = None) -> None:
        """Compute every family's prefix once, so that no turn has to wait for it."""
        for family in ["any"] if self.schooled else EXAMPLES:
            if cancel is not None and cancel.is_set():
                return
            self.model.complete(self._prompt(family, ""), Sampler(max_tokens=0), cancel=cancel)

    def _prompt(self, family: str, facts: str) -> Prompt:
        return schooled_prompt(facts) if self.schooled else narration_prompt(family, facts)

    def _tokens(self, text: str) -> int:
        return len(self.model.tokenize((Segment(text),)))

    def tell(
        self,
        state: State,
        reader: str,
        script: Script,
        plain: str,
        *,
        seed: int,
        others: Sequence[str] = (),
        cancel: threading.Event | None = None,
        on_sentence: Callable[[str], None] | None = None,
    ) -> Telling:
        """Retell `script` for `reader` in the state after it. Never raises for what the model says.

        With `others`, earlier tellings of the same script, it is told more freely and in other
        words than theirs, and remembered only by `amend`. `on_sentence` is called with each piece
        of text as it may be shown. When nothing passes, or `cancel` is set first, the plain line
        stands.
        """
        start = time.monotonic()
        family = family_of(script.events)
        facts_text = " ".join(fact.sentence for fact in script.facts)
        notes = ""
        if reads_notes(self.model):
            notes = notes_for(state, reader, script.events, self._tokens)
        prompt = with_notes(self._prompt(family, facts_text), notes)
        scene = scene_facts(
            state, reader, script.events, script.facts, recent=(*self.recent, *others), notes=notes
        )
        sampler = freer(self.sampler) if others else self.sampler
        telling = Telling(
            "narration", plain, plain, sampler=sampler, seed=seed, prompt=prompt,
            template_hash=template_hash(prompt.prefix),
        )  # fmt: skip
        finder = SentenceSampler(
            self.model, lambda text: check_sentence(text, scene), _scorer(scene, facts_text)
        )
        chosen = finder.search(prompt, sampler, seed, cancel)
        telling.judged = finder.judged
        telling.decoded = finder.decoded
        if chosen is not None:
            before, after = in_order(script.facts, chosen.text)
            told_now = " ".join([*before, chosen.text, *after])
            telling.source = "model"
            telling.sampled = chosen.text
            telling.prose = _assembled(script, told_now)
            telling.tokens = list(chosen.tokens)
            telling.sentences = [(0, len(chosen.tokens))]
            telling.prompt_ids = chosen.prompt_ids
            telling.sampler = replace(sampler, seed=chosen.seed)
            telling.seed = chosen.seed
            if not others:
                self.recent.append(chosen.text)
            telling.first = time.monotonic() - start
            if on_sentence is not None:
                on_sentence(script.before + told_now)
        telling.seconds = time.monotonic() - start
        return telling

    def amend(self, old: str, new: str) -> None:
        """Remember `new` in the place of the telling `old`, if that is remembered at all."""
        self.recent = deque((new if text == old else text for text in self.recent), maxlen=5)


def _assembled(script: Script, told_now: str) -> str:
    """The whole telling as shown."""
    gap = "" if not script.after or script.after.startswith("\n") else " "
    return f"{script.before}{told_now}{gap}{script.after}"


def _scorer(scene: SceneFacts, facts_text: str) -> Callable[[str], tuple[float, bool]]:
    """Prefer sentences that cover the facts in words of their own, and not at length."""
    plain = _letters(facts_text)

    def score(text: str) -> tuple[float, bool]:
        covered = sum(fact.covered_by(text) for fact in scene.facts)
        share = covered / len(scene.facts)
        copied = _letters(text) in plain
        size = len(text.split())
        points = 3 * share - 2 * copied - 0.03 * abs(size - 13)
        return points, not copied

    return score


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
