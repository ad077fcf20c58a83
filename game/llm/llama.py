"""A GGUF model run by llama.cpp with a decode loop of our own, so that what is logged is exact."""

from __future__ import annotations

import ctypes
import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from game.errors import ModelUnavailable
from game.llm import native
from game.llm.base import Completion, OnToken, Prompt, Sampler, Segment, SoftPrefix, Token
from game.llm.prefix_cache import PrefixCache, PrefixKey, PrefixState
from game.llm.sampling import draw, generator
from game.llm.vocabulary import Vocabulary

MAX_CANDIDATES = 16
# Tokens handed to one llama_decode: cancel is looked at between chunks, and the compute buffers
# grow with it.
_CHUNK = 128
_PREFIX_BYTES = 64 << 20  # about five prefixes of 500 tokens of the bundled model
_PROMPT = 0  # the sequence that holds the prompt; candidate i uses sequence i + 1

_BYTES = ctypes.POINTER(ctypes.c_uint8)

Logits = npt.NDArray[np.float32]


@dataclass(slots=True)
class _Resident:
    """What the prompt sequence holds now, and the logits after it."""

    key: PrefixKey
    prefix_logits: Logits | None
    body: tuple[int, ...]
    logits: Logits | None


class _Cancelled(Exception):
    pass


class LlamaModel:
    """A `LanguageModel` over llama.cpp. One thread at a time; not re-entrant.

    `context` is the number of cells in the KV cache: prompt and all candidates of a call share it.
    Results depend only on weights, adapter, prompt, sampler, `forced` and `n`, not on earlier
    calls: prefix, body and forced ids are evaluated as separate runs whether or not they are
    already cached, because the rounding of a matrix product depends on its number of rows.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, context: int = 2048, threads: int | None = None
    ) -> None:
        """Load the GGUF file at `path`; `threads` defaults to the cores this process may use.

        Raises ModelUnavailable when llama.cpp or the file is missing, or the file is not a
        complete GGUF model that llama.cpp knows.
        """
        self.path = Path(path)
        self.context = context
        self.adapter_id: str | None = None
        self._model = native.load_model(self.path)
        self._llama = llama = native.library()
        self.model_hash = weights_hash(self.path)
        self.parameters: int | None = llama.llama_model_n_params(self._model)
        self._vocabulary = Vocabulary(llama, llama.llama_model_get_vocab(self._model))
        self.n_embd: int = llama.llama_model_n_embd(self._model)
        self._context = self._new_context(threads or native.usable_cores())
        self._memory = llama.llama_get_memory(self._context)
        self._adapter: object | None = None
        self._batch = native.Batch(llama, _CHUNK)
        self._prefixes = PrefixCache(_PREFIX_BYTES)
        self._resident: _Resident | None = None
        self._closed = False

    def _new_context(self, threads: int) -> object:
        params = self._llama.llama_context_default_params()
        params.n_ctx = self.context
        params.n_batch = params.n_ubatch = _CHUNK
        params.n_seq_max = params.n_outputs_max = MAX_CANDIDATES + 1
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = True  # candidates share the prompt's cells instead of copying them
        params.no_perf = True
        context = self._llama.llama_init_from_model(self._model, params)
        if not context:
            self._llama.llama_model_free(self._model)
            raise ModelUnavailable(
                f"There is not enough memory for a context of {self.context} tokens.",
                "Choose a smaller context or a smaller model.",
            )
        return context

    def tokenize(self, segments: Sequence[Segment], *, start: bool = False) -> list[int]:
        """Ids of the segments; special tokens come only from inside a trusted segment."""
        ids = self._vocabulary.tokenize(segments)
        return self._vocabulary.start + ids if start else ids

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of `ids`; special tokens have none."""
        return b"".join(map(self._vocabulary.piece, ids)).decode("utf-8", errors="ignore")

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
        """Sample `n` (1 to 16) continuations of `prompt` + `forced`, decoded side by side.

        `cancel` is looked at before every token and every 128 prompt tokens. A candidate ends with
        "length" also when its equal share of the cells left in the context is used up. With
        `max_tokens` 0 the call only prepares the prompt, which makes the next one fast. Raises
        ValueError for a prompt that is empty or leaves no room, ModelUnavailable when llama.cpp
        fails.
        """
        if not 1 <= n <= MAX_CANDIDATES:
            raise ValueError(f"n must be between 1 and {MAX_CANDIDATES}, not {n}")
        key, body = self._read(prompt)
        start = key.length + len(body)
        length = start + len(forced)
        room = (self.context - length) // n
        if length == 0:
            raise ValueError("the prompt is empty")
        if room < 1:
            raise ValueError(f"{length} prompt tokens leave no room in a context of {self.context}")

        completions = [Completion(prompt_ids=(*key.ids, *body, *forced)) for _ in range(n)]
        cancel = cancel or threading.Event()
        max_tokens = min(sampler.max_tokens, room)
        try:
            logits = self._enter_prompt(key, body, cancel)
            if forced:
                logits = self._prefill(forced, start, cancel)
            self._generate(completions, logits, length, sampler, max_tokens, on_token, cancel)
        except _Cancelled:
            for completion in completions:
                completion.finish = "cancelled"
        finally:
            self._leave(n)
        return completions

    def next_logits(self, prompt: Prompt) -> Logits:
        """The logits [n_vocab] of the token after `prompt`, for measuring one model by another."""
        key, body = self._read(prompt)
        if not 0 < key.length + len(body) < self.context:
            raise ValueError(f"the prompt is empty or longer than the context of {self.context}")
        try:
            return self._enter_prompt(key, body, threading.Event()).copy()
        finally:
            self._leave(0)

    def _read(self, prompt: Prompt) -> tuple[PrefixKey, tuple[int, ...]]:
        """Tokenise `prompt` into what its kept state depends on and the ids of its body."""
        if self._closed:
            raise ModelUnavailable("The model is closed.", "Open it again.")
        soft = prompt.soft
        if soft is not None and (soft.vectors.ndim != 2 or soft.vectors.shape[1] != self.n_embd):
            raise ValueError(f"a soft prefix must be [k, {self.n_embd}], not {soft.vectors.shape}")
        prefix = self.tokenize(prompt.prefix, start=True)
        return PrefixKey(self.adapter_id, soft, tuple(prefix)), tuple(self.tokenize(prompt.body))

    def _enter_prompt(
        self, key: PrefixKey, body: tuple[int, ...], cancel: threading.Event
    ) -> Logits:
        """Make the prompt sequence hold `key` and `body`; return the logits after them."""
        resident = self._resident
        if resident is None or resident.key != key:
            self._resident = None
            resident = self._enter_prefix(key, cancel)
            self._resident = resident
        if resident.logits is None or resident.body != body:
            self._remove(_PROMPT, resident.key.length)
            resident.body, resident.logits = (), resident.prefix_logits
            if body:
                resident.logits = None
                resident.logits = self._prefill(body, resident.key.length, cancel).copy()
                resident.body = body
        assert resident.logits is not None
        return resident.logits

    def _enter_prefix(self, key: PrefixKey, cancel: threading.Event) -> _Resident:
        """Fill the empty prompt sequence with `key`'s prefix: restored if kept, else computed."""
        llama = self._llama
        llama.llama_memory_clear(self._memory, False)
        if key.length == 0:
            return _Resident(key, None, (), None)
        state = self._prefixes.get(key)
        if state is None:
            if key.soft is not None:
                logits = self._prefill_soft(key.soft)
            if key.ids:
                logits = self._prefill(key.ids, key.length - len(key.ids), cancel)
            state = PrefixState(self._save(), logits.copy())
            self._prefixes.put(key, state)
        else:
            pointer = state.data.ctypes.data_as(_BYTES)
            if not llama.llama_state_seq_set_data(
                self._context, pointer, state.data.nbytes, _PROMPT
            ):
                raise ModelUnavailable("llama.cpp could not restore a prompt.", "Start again.")
        return _Resident(key, state.logits, (), state.logits)

    def _save(self) -> npt.NDArray[np.uint8]:
        """The prompt sequence's KV state in llama.cpp's own serialisation."""
        size = self._llama.llama_state_seq_get_size(self._context, _PROMPT)
        data = np.empty(size, dtype=np.uint8)
        pointer = data.ctypes.data_as(_BYTES)
        written = self._llama.llama_state_seq_get_data(self._context, pointer, size, _PROMPT)
        return data[:written]

    def _prefill(self, ids: Sequence[int], position: int, cancel: threading.Event) -> Logits:
        """Run `ids` from `position` in the prompt sequence; a view of the last one's logits."""
        for start in range(0, len(ids), _CHUNK):
            if cancel.is_set():
                raise _Cancelled
            chunk = ids[start : start + _CHUNK]
            first = position + start
            self._batch.set_tokens(chunk)
            last = [len(chunk) - 1] if start + len(chunk) == len(ids) else []
            self._batch.fill(range(first, first + len(chunk)), [_PROMPT] * len(chunk), last)
            self._decode(self._batch)
        return self._logits(len(chunk) - 1)

    def _prefill_soft(self, soft: SoftPrefix) -> Logits:
        """Run the soft vectors from position 0; a view of the last one's logits."""
        vectors = soft.vectors
        batch = native.Batch(self._llama, _CHUNK, self.n_embd)
        try:
            for start in range(0, len(vectors), _CHUNK):
                chunk = vectors[start : start + _CHUNK]
                batch.set_embeddings(chunk)
                positions = range(start, start + len(chunk))
                batch.fill(positions, [_PROMPT] * len(chunk), [len(chunk) - 1])
                self._decode(batch)
        finally:
            batch.free()
        return self._logits(len(chunk) - 1)

    def _generate(
        self,
        completions: list[Completion],
        logits: Logits,
        length: int,
        sampler: Sampler,
        max_tokens: int,
        on_token: OnToken | None,
        cancel: threading.Event,
    ) -> None:
        """Sample into `completions`, whose prompt of `length` positions is in the KV cache."""
        generators = [generator(sampler.seed, i) for i in range(len(completions))]
        rows = dict.fromkeys(range(len(completions)), logits)
        for sequence in range(1, len(completions) + 1):
            self._llama.llama_memory_seq_cp(self._memory, _PROMPT, sequence, -1, -1)
        for step in range(max_tokens):
            live: list[int] = []
            for i, row in rows.items():
                completion = completions[i]
                if cancel.is_set():
                    completion.finish = "cancelled"
                    continue
                drawn = draw(row, sampler, generators[i])
                completion.tokens.append(
                    Token(
                        drawn.id,
                        self._vocabulary.piece(drawn.id),
                        drawn.logprob,
                        drawn.support,
                        drawn.kept_mass,
                    )
                )
                stopped = on_token is not None and on_token(i, completion.tokens)
                if stopped or self._vocabulary.is_end(drawn.id):
                    completion.finish = "stop"
                else:
                    live.append(i)
            if not live or step + 1 == max_tokens:
                return
            self._batch.set_tokens([completions[i].tokens[-1].id for i in live])
            self._batch.fill([length + step] * len(live), [i + 1 for i in live], range(len(live)))
            self._decode(self._batch)
            rows = {i: self._logits(row) for row, i in enumerate(live)}

    def _decode(self, batch: native.Batch) -> None:
        status = self._llama.llama_decode(self._context, batch.native)
        if status != 0:
            self._resident = None
            raise ModelUnavailable(
                f"llama.cpp failed to run the model (status {status}).", "Start the game again."
            )

    def _logits(self, row: int) -> Logits:
        """A view [n_vocab], valid until the next decode, of the logits of batch entry `row`."""
        pointer = self._llama.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, shape=(self._vocabulary.size,))

    def _remove(self, sequence: int, position: int) -> None:
        """Forget `sequence` from `position` on."""
        self._llama.llama_memory_seq_rm(self._memory, sequence, position, -1)

    def _leave(self, n: int) -> None:
        """Keep of a call only its prompt, so that every call finds the cells laid out alike."""
        for sequence in range(1, n + 1):
            self._remove(sequence, 0)
        if self._resident is None:
            self._llama.llama_memory_clear(self._memory, False)
        else:
            self._remove(_PROMPT, self._resident.key.length + len(self._resident.body))

    def use_adapter(self, path: str | None) -> None:
        """Switch to the LoRA adapter in the GGUF file at `path`, or to none.

        `adapter_id` becomes a hash of the file. On ModelUnavailable (no such file, made for
        another model) the adapter in use stays. Kept prefixes of either adapter stay valid.
        """
        adapter = None if path is None else native.load_adapter(self._model, Path(path))
        self._set_adapter(adapter)
        if self._adapter is not None:
            self._llama.llama_adapter_lora_free(self._adapter)
        self._adapter = adapter
        self.adapter_id = None if path is None else weights_hash(Path(path))

    def _set_adapter(self, adapter: object | None) -> None:
        count = 0 if adapter is None else 1
        handles = (self._llama.llama_adapter_lora_p_ctypes * count)(*[adapter][:count])
        scales = (ctypes.c_float * count)(*[1.0][:count])
        self._llama.llama_set_adapters_lora(self._context, handles, count, scales)

    def close(self) -> None:
        """Free the model; calling it again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._batch.free()
        self._llama.llama_free(self._context)
        if self._adapter is not None:
            self._llama.llama_adapter_lora_free(self._adapter)
        self._llama.llama_model_free(self._model)


def weights_hash(path: Path) -> str:
    """16 hex digits that identify a weights file: SHA-256 of its size and of 129 blocks of it.

    Blocks of 16 KiB, spread evenly from the first byte to the last, stand for the whole, because
    hashing 98 MB would cost start-up a quarter of a second and two trainings of one model differ
    in every block of weights.
    """
    block, count = 16 << 10, 129
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for index in range(count):
            file.seek(max(0, size - block) * index // (count - 1))
            digest.update(file.read(block))
    return digest.hexdigest()[:16]
