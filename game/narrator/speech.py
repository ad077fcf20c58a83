"""Characters answer in their own voice: from who they are, what they know and what was said."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from game.engine.model import State
from game.llm.base import LanguageModel, Prompt, Sampler
from game.narrator.guard import REPEATS, Verdict
from game.narrator.prompt import template_hash
from game.narrator.recollection import within
from game.narrator.replies import says, subject_words, words_in
from game.narrator.speech_check import SpeechFacts, check_speech, completed, conveys, speech_facts
from game.narrator.speech_prompt import PREFIX, Exchange, speech_prompt
from game.narrator.telling import SentenceSampler, Telling, freer

SAMPLER = Sampler(temperature=0.6, min_p=0.1, max_tokens=48)
#: The most tokens that what a character remembers may take in a prompt.
MEMORY_TOKENS = 64


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
        known = words_in(plain)
        telling = Telling("speech", plain, plain, speaker=character_id, seed=seed)
        # Who has no words of their own (a beast) is given none, and nobody meets a stranger with
        # better words than the author's.
        if known and (again or known != character.greeting):
            rest = [sentence for sentence in in_mind if sentence not in recalled]
            remembers = within(self.model, rest, MEMORY_TOKENS)
            facts = speech_facts(
                state, character, heard, known, [e.answer for e in past],
                recalled=recalled, remembers=remembers,
            )  # fmt: skip
            telling.prompt = speech_prompt(state, character, heard, known, past, remembers)
            telling.template_hash = template_hash(PREFIX)
            telling.sampler = freer(SAMPLER) if again else SAMPLER
            answer = self._worded(telling, facts, others, cancel)
            if answer is not None:
                telling.prose = says(state, character_id, completed(answer, facts.known))
                telling.first = time.monotonic() - start
        if not again:
            remembered.append(Exchange(heard, known, telling.sampled or known, state.turn))
        if on_sentence is not None:
            on_sentence(telling.prose)
        telling.seconds = time.monotonic() - start
        return telling

    def _worded(
        self,
        telling: Telling,
        facts: SpeechFacts,
        others: Sequence[str],
        cancel: threading.Event | None,
    ) -> str | None:
        """What the model says with the telling's prompt, sampler and seed, which notes how it came
        to it; None if nothing passes."""
        assert telling.prompt is not None and telling.sampler is not None

        def judge(text: str) -> Verdict:
            if text in others:
                return Verdict(False, REPEATS, text)
            return check_speech(text, facts)

        finder = SentenceSampler(self.model, judge, _scorer(facts))
        chosen = finder.search(telling.prompt, telling.sampler, telling.seed, cancel)
        telling.judged, telling.decoded = finder.judged, finder.decoded
        if chosen is None:
            return None
        telling.source = "model"
        telling.sampled = chosen.text
        telling.tokens = list(chosen.tokens)
        telling.sentences = [(0, len(chosen.tokens))]
        telling.prompt_ids = chosen.prompt_ids
        telling.sampler, telling.seed = replace(telling.sampler, seed=chosen.seed), chosen.seed
        return chosen.text

    def past(self, character_id: str) -> tuple[Exchange, ...]:
        """The exchanges with a character that its next answer is given in the light of."""
        return tuple(self.exchanges.get(character_id, ()))

    def amend(self, character_id: str, old: str, new: str) -> None:
        """Remember that the character answered `new` where it answered `old`."""
        amended = (
            replace(e, answer=new) if e.answer == old else e for e in self.past(character_id)
        )
        self.exchanges[character_id] = deque(amended, maxlen=4)


def _scorer(facts: SpeechFacts) -> Callable[[str], tuple[float, bool]]:
    """Prefer answers that say all of what is known, in words that are not simply the author's."""
    own = " ".join(facts.known).lower()

    def score(text: str) -> tuple[float, bool]:
        conveyed = sum(conveys(text, sentence) for sentence in facts.known)
        copied = text.lower() in own
        wanted = subject_words(own)
        share = len(wanted & subject_words(text)) / max(1, len(wanted))
        return conveyed + share - 0.4 * copied, conveyed == len(facts.known) and not copied

    return score
