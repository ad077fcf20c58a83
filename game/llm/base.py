"""The language-model contract: what every model here takes and gives."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of prompt text.

    `trusted` text is ours and may hold special tokens (ChatML marks); anything that came from a
    player or a world file is not, and is tokenised as plain characters. `part` names what it is to
    a reader ("" for the marks of the chat format); the model does not see it.
    """

    text: str
    trusted: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SoftPrefix:
    """A learned prompt: `vectors` is float32 [k, n_embd], read as k token embeddings.

    Two prefixes are the same only if they are the same object, so that their KV state is never
    found by token ids. Do not write into `vectors` after the first use.
    """

    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is given: a stable `prefix`, whose KV state is kept, then this call's `body`.

    `soft` comes before everything, the BOS token included, as in prompt tuning (Lester et al.,
    arXiv 2104.08691).
    """

    prefix: tuple[Segment, ...]
    body: tuple[Segment, ...]
    soft: SoftPrefix | None = None


@dataclass(frozen=True, slots=True)
class Sampler:
    """How tokens are drawn: softmax at `temperature`, cut by min-p and top-k, renormalised.

    `min_p` keeps tokens whose probability is at least that share of the likeliest one's; 0 keeps
    all. `top_k` 0 keeps all. Temperature 0 is greedy. The log-probs that are logged are those of
    this distribution, over the kept support.
    """

    temperature: float = 0.7
    min_p: float = 0.1
    top_k: int = 0
    max_tokens: int = 96
    seed: int = 0


#: The id of a token of a vocabulary that is not known here (a server's).
UNKNOWN_ID = -1


@dataclass(frozen=True, slots=True)
class Token:
    """One sampled token.

    `logprob` is under the renormalised distribution it was drawn from (nan: not known); `support`
    holds the kept token ids (None when nothing was cut); `kept_mass` is their probability before
    renormalising (after temperature).
    """

    id: int
    piece: bytes
    logprob: float
    support: tuple[int, ...] | None
    kept_mass: float

    @property
    def exact(self) -> bool:
        """Whether it is known which token was drawn and how likely it was."""
        return self.id != UNKNOWN_ID and not math.isnan(self.logprob)


@dataclass(slots=True)
class Completion:
    """One sampled continuation: its tokens (the end-of-text token included when it was drawn).

    `prompt_ids` are the ids it continues: prefix, body and forced (soft vectors have none).
    """

    tokens: list[Token] = field(default_factory=list)
    finish: str = "length"  # "stop": end token or stop rule; "length"; "cancelled"
    prompt_ids: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return b"".join(t.piece for t in self.tokens).decode("utf-8", errors="ignore")


# Called after every token with the candidate's number and its tokens so far; returning True stops
# that candidate (finish "stop").
OnToken = Callable[[int, Sequence[Token]], bool]


@runtime_checkable
class LanguageModel(Protocol):
    """A model that completes prompts. Owned by one thread at a time; not re-entrant.

    `model_hash` identifies the weights file, `adapter_id` the LoRA adapter in use (None: none),
    `context` the number of tokens prompt and completion may take together, `parameters` the number
    of weights (None: nobody says).
    """

    model_hash: str
    parameters: int | None
    adapter_id: str | None
    context: int

    def tokenize(self, segments: Sequence[Segment], *, start: bool = False) -> list[int]:
        """Token ids of the segments; `start` prepends the BOS token where the model wants one."""
        ...

    def detokenize(self, ids: Sequence[int]) -> str: ...

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
        """Sample `n` continuations of `prompt` + `forced` (ids taken as already said).

        Checks `cancel` before every token. Raises ModelUnavailable when the model cannot run and
        ValueError when the prompt does not fit the context.
        """
        ...

    def use_adapter(self, path: str | None) -> None:
        """Switch to the LoRA adapter in the GGUF file at `path`, or to none."""
        ...

    def close(self) -> None: ...
