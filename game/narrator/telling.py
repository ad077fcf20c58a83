"""What the tellers hand back, and the sampling of one guarded sentence that they share."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from game.llm.base import Completion, LanguageModel, Prompt, Sampler, Token
from game.narrator.guard import Verdict

Kind = Literal["narration", "speech", "action", "notice"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A sampled sentence and what the guard said of it."""

    text: str
    verdict: Verdict
    attempt: int
    candidate: int
    used: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "ok": self.verdict.ok,
            "rule": self.verdict.rule,
            "detail": self.verdict.detail,
            "attempt": self.attempt,
            "candidate": self.candidate,
            "used": self.used,
        }


@dataclass(slots=True)
class Telling:
    """One thing told to the player.

    `plain` is what truly happened; `prose` is what is shown: the model's sentences (`sampled`) with
    every fact they leave out and everything authored put in plainly. `tokens` are those of the
    sentences used, in order, with their log-probs; `sentences` their [start, end) token spans;
    `judged` every sentence that was sampled, by the model with `adapter` (None: none) given
    `prompt`. `seconds` is the time it took, `first` the time until
    the first sentence.
    """

    kind: Kind
    plain: str
    prose: str
    source: Literal["model", "plain"] = "plain"
    speaker: str | None = None
    sampled: str = ""
    prompt_ids: tuple[int, ...] = ()
    tokens: list[Token] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    sampler: Sampler | None = None
    seed: int = 0
    adapter: str | None = None
    prompt: Prompt | None = None
    template_hash: str = ""
    seconds: float = 0.0
    first: float = 0.0
    decoded: int = 0
    generation: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sampled sentence that may be used, and how `good` it is by its score.

    `settled`: there is no need to look for a better one.
    """

    text: str
    tokens: tuple[Token, ...]
    number: int
    attempt: int
    seed: int
    prompt_ids: tuple[int, ...]
    good: float
    settled: bool


#: Candidates in each round of a sentence: most pass at once, and one alone is decoded soonest.
ROUNDS = (1, 2, 3, 4)
#: Seconds after which no new round begins, with nothing in hand and with something poor; and those
#: after which a round under way is cut short.
PATIENCE, PATIENCE_FOR_BETTER, DEADLINE = 1.1, 0.35, 1.6

#: The least temperature at which a turn is told another time: cooler, it would be told the same.
FREE_TEMPERATURE = 1.0


def freer(sampler: Sampler) -> Sampler:
    """`sampler` as it is used for telling something another way."""
    return replace(sampler, temperature=max(sampler.temperature, FREE_TEMPERATURE))


Judge = Callable[[str], Verdict]
#: How good a passing sentence is, and whether it is good enough to stop looking.
Score = Callable[[str], tuple[float, bool]]

_SENTENCE_END = re.compile(r"[.!?…][\"”'’)]*\s*$")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Sgt|Cpl|Capt|Lt|No)\.$")


def text_of(tokens: Sequence[Token]) -> str:
    return b"".join(t.piece for t in tokens).decode("utf-8", errors="ignore")


def is_sentence(text: str) -> bool:
    """Whether `text` has come to the end of a sentence, its quotes closed."""
    return (
        _SENTENCE_END.search(text) is not None
        and text.count('"') % 2 == 0
        and not _ABBREVIATION.search(text.rstrip())
    )


@dataclass
class SentenceSampler:
    """Samples candidates for the next sentence side by side and picks the best that passes."""

    model: LanguageModel
    judge: Judge
    score: Score
    judged: list[Judged] = field(default_factory=list)
    decoded: int = 0

    def search(
        self,
        prompt: Prompt,
        sampler: Sampler,
        seed: int,
        cancel: threading.Event | None,
    ) -> Candidate | None:
        """The first good candidate, in rounds of more and more side by side; a poor one is kept in
        hand while there is time to find a better. None when nothing passes in time."""
        start = time.monotonic()
        best: Candidate | None = None
        for attempt, n in enumerate(ROUNDS):
            elapsed = time.monotonic() - start
            limit = PATIENCE if best is None else PATIENCE_FOR_BETTER
            if (cancel is not None and cancel.is_set()) or (attempt and elapsed > limit):
                break
            found = self.sample(
                prompt, replace(sampler, seed=seed + attempt), n, attempt, cancel,
                start + DEADLINE,
            )  # fmt: skip
            if found is not None and (best is None or found.good > best.good):
                best = found
            if best is not None and best.settled:
                break
        if best is not None:
            self.mark_used(best.number, best.attempt)
        return best

    def sample(
        self,
        prompt: Prompt,
        sampler: Sampler,
        n: int,
        attempt: int,
        cancel: threading.Event | None,
        deadline: float,
    ) -> Candidate | None:
        """The best of `n` candidates, or None when none passes. Stops early on a good one.

        A candidate runs one token past its sentence, because only that tells whether it ended.
        """
        ends: dict[int, int] = {}
        passed: dict[int, float] = {}
        satisfied = False

        def on_token(i: int, tokens: Sequence[Token]) -> bool:
            nonlocal satisfied
            self.decoded += 1
            if time.monotonic() > deadline and (passed or ends):
                return True
            if i in ends:
                return True
            if satisfied:
                return True
            piece = tokens[-1].piece
            if not piece:
                return True
            if not any(mark in piece for mark in (b".", b"!", b"?", b'"', b"\n", b"\xe2\x80")):
                return False
            text = text_of(tokens)
            if not is_sentence(text):
                return b"\n" in piece
            ends[i] = len(tokens)
            good = self._judge(text.strip(), attempt, i, passed)
            satisfied = satisfied or good
            return i not in passed

        completions = self.model.complete(prompt, sampler, n=n, on_token=on_token, cancel=cancel)
        for i, completion in enumerate(completions):
            # A candidate can also end by the end token, without a mark of its own.
            if i not in ends and completion.finish == "stop" and not satisfied:
                text = completion.text.strip()
                if text and len(completion.tokens) > 1:
                    ends[i] = len(completion.tokens)
                    self._judge(text, attempt, i, passed)
        if not passed:
            return None
        best = max(passed, key=lambda i: (passed[i], -i))
        tokens = _with_end(completions[best], ends[best])
        return Candidate(
            text_of(tokens).strip(), tokens, best, attempt, sampler.seed,
            completions[best].prompt_ids, passed[best], satisfied,
        )  # fmt: skip

    def mark_used(self, candidate: int, attempt: int) -> None:
        """Note which sentence was chosen."""
        self.judged = [
            replace(j, used=True)
            if j.verdict.ok and (j.candidate, j.attempt) == (candidate, attempt)
            else j
            for j in self.judged
        ]

    def _judge(self, text: str, attempt: int, i: int, passed: dict[int, float]) -> bool:
        verdict = self.judge(text)
        self.judged.append(Judged(text, verdict, attempt, i))
        if not verdict.ok:
            return False
        passed[i], good = self.score(text)
        return good


def _with_end(completion: Completion, end: int) -> tuple[Token, ...]:
    """The sentence's tokens, with the end token where the model drew it next."""
    tokens = completion.tokens
    ended = end < len(tokens) and not tokens[end].piece and completion.finish == "stop"
    return tuple(tokens[: end + 1] if ended else tokens[:end])
