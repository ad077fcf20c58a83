"""The test double: a language model that says what it was told to say."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

from game.errors import ModelUnavailable
from game.llm.base import Completion, OnToken, Prompt, Sampler, Segment, Token

_END = 0
_PIECES = re.compile(r"\s*\S+|\s+")


class ScriptedModel:
    """A `LanguageModel` that answers with `replies`, one for each candidate, in order.

    A token is a word with the space before it; ids are given in the order words are first seen.
    Log-probs, supports and kept masses are drawn from `Sampler.seed`, so they look like a model's
    and repeat. A reply continues `forced`, it does not repeat it. `prompts` records every call.
    """

    def __init__(self, replies: Iterable[str] = (), *, context: int = 2048) -> None:
        self.model_hash = "scripted"
        self.parameters: int | None = None
        self.adapter_id: str | None = None
        self.context = context
        self.replies = deque(replies)
        self.prompts: list[Prompt] = []
        self._ids: dict[str, int] = {"": _END}
        self._pieces: list[str] = [""]

    def tokenize(self, segments: Sequence[Segment], *, start: bool = False) -> list[int]:
        """Word ids of the joined text; there is no BOS token."""
        ids = []
        for piece in _PIECES.findall("".join(segment.text for segment in segments)):
            if piece not in self._ids:
                self._ids[piece] = len(self._pieces)
                self._pieces.append(piece)
            ids.append(self._ids[piece])
        return ids

    def detokenize(self, ids: Sequence[int]) -> str:
        return "".join(self._pieces[i] for i in ids)

    def complete(
        self,
        prompt: Prompt,
        sampler: Sampler,
        *,
        n: int = 1,
        forced: Sequence[int] = (),
        on_token: OnToken | None = None,
        cancel: threading.Event | None = None,
    ) -> list[Completion]:
        """Say the next `n` replies; `max_tokens` 0 takes none.

        Raises ModelUnavailable when fewer than `n` replies are left and ValueError when the prompt
        does not fit the context.
        """
        prompt_ids = (*self.tokenize(prompt.prefix), *self.tokenize(prompt.body), *forced)
        if len(prompt_ids) >= self.context:
            raise ValueError(f"{len(prompt_ids)} prompt tokens leave no room in {self.context}")
        self.prompts.append(prompt)
        completions = [Completion(prompt_ids=prompt_ids) for _ in range(n)]
        if sampler.max_tokens == 0:
            return completions
        if len(self.replies) < n:
            raise ModelUnavailable(
                f"The script has {len(self.replies)} replies left and {n} were asked for.",
                "Give ScriptedModel more replies.",
            )
        live = {
            i: [*self.tokenize((Segment(self.replies.popleft()),)), _END][: sampler.max_tokens]
            for i in range(n)
        }
        generators = [np.random.default_rng([sampler.seed, i]) for i in range(n)]
        while live:
            for i, waiting in list(live.items()):
                completion = completions[i]
                if cancel is not None and cancel.is_set():
                    completion.finish = "cancelled"
                    del live[i]
                    continue
                token = self._token(waiting.pop(0), sampler, generators[i])
                completion.tokens.append(token)
                stopped = on_token is not None and on_token(i, completion.tokens)
                if stopped or token.id == _END:
                    completion.finish = "stop"
                if completion.finish == "stop" or not waiting:
                    del live[i]
        return completions

    def _token(self, token: int, sampler: Sampler, rng: np.random.Generator) -> Token:
        piece = self._pieces[token].encode()
        if sampler.temperature <= 0.0:
            return Token(token, piece, 0.0, (token,), 1.0)
        logprob = -float(rng.exponential(0.7))
        if sampler.min_p <= 0.0 and sampler.top_k == 0:
            return Token(token, piece, logprob, None, 1.0)
        support = tuple(sorted({token, *rng.integers(0, len(self._pieces), size=3).tolist()}))
        return Token(token, piece, logprob, support, float(rng.uniform(0.6, 1.0)))

    def use_adapter(self, path: str | None) -> None:
        """Remember `path` as the adapter id."""
        self.adapter_id = path

    def close(self) -> None:
        """Nothing to free."""
