"""The GGUF file that plays, as a torch model: exact log-probs, LoRA, soft prompts."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from agents.gguf import read_adapter, read_peft
from agents.support import Ids, Support, check_rows, in_play, log_normaliser, temperatures
from game.errors import ModelUnavailable
from game.llm import native
from game.llm.base import Segment
from game.llm.llama import weights_hash
from game.llm.vocabulary import Vocabulary

Dtype = Literal["bf16", "fp32"]

_DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
_ADAPTER = "default"  # peft's name for the one adapter a model carries here


class Tokenizer:
    """llama.cpp's own tokeniser for a GGUF file, so that learner and player see the same ids."""

    def __init__(self, path: Path) -> None:
        """Reads only the vocabulary. Raises ModelUnavailable when the file is no model."""
        self._model = native.load_model(path, weights=False)
        llama = native.library()
        self._free = llama.llama_model_free
        self._vocabulary = Vocabulary(llama, llama.llama_model_get_vocab(self._model))

    def __del__(self) -> None:
        if free := getattr(self, "_free", None):
            free(self._model)

    def tokenize(self, segments: Sequence[Segment], *, start: bool = False) -> list[int]:
        """Ids of the segments, as `LanguageModel.tokenize` gives them."""
        ids = self._vocabulary.tokenize(segments)
        return self._vocabulary.start + ids if start else ids

    def detokenize(self, ids: Ids) -> str:
        """The text of `ids`; special tokens have none."""
        return b"".join(map(self._vocabulary.piece, ids)).decode("utf-8", errors="ignore")

    def is_end(self, token: int) -> bool:
        """Whether `token` ends a generation."""
        return self._vocabulary.is_end(token)


@dataclass(frozen=True, slots=True)
class LogProbs:
    """Log-probs of a batch of completions.

    `values` float32 [B, T] (T: the longest completion), 0 where `mask` bool [B, T] is False, that
    is past a completion's end.
    """

    values: Tensor
    mask: Tensor

    def sums(self) -> Tensor:
        """The log-prob of each whole completion: float32 [B]."""
        return self.values.sum(dim=1)

    def rows(self) -> list[list[float]]:
        """One list of numbers a completion, without padding or gradient."""
        values, mask = self.values.detach().cpu(), self.mask.cpu()
        return [row[kept].tolist() for row, kept in zip(values, mask, strict=True)]


class TorchLM(nn.Module):
    """A causal language model read from the GGUF file that llama.cpp plays.

    Weights are what the file's blocks decode to, so the two runtimes differ only by rounding:
    llama.cpp also rounds activations to 8 bits before a product. All base weights are frozen;
    what trains is a LoRA or a soft prompt. There is no dropout anywhere, so scoring is a function
    of the weights alone. `forward` is `completion_logprobs`, so that the module can be wrapped for
    distributed training.
    """

    def __init__(self, path: Path, causal: Any, tokenizer: Tokenizer) -> None:
        """`load` makes one; `causal` is the transformers model of the file at `path`."""
        super().__init__()
        self.path = path
        self.model_hash = weights_hash(path)
        self.tokenizer = tokenizer
        self.causal = causal
        self._peft: list[Any] = []  # in a list, lest the same weights be registered twice

    @property
    def device(self) -> torch.device:
        found: torch.device = self.causal.device
        return found

    @property
    def n_embd(self) -> int:
        """Width of a token embedding, and so of a soft prompt."""
        width: int = self.causal.get_input_embeddings().embedding_dim
        return width

    def embed(self, ids: Ids) -> Tensor:
        """The embeddings [len(ids), n_embd] of `ids`, for starting a soft prompt from words."""
        with torch.no_grad():
            vectors: Tensor = self.causal.get_input_embeddings()(
                torch.tensor(list(ids), device=self.device)
            )
        return vectors

    # ---- scoring

    def forward(
        self,
        prompts: Sequence[Ids],
        completions: Sequence[Ids],
        supports: Sequence[Support | None] | None = None,
        temperature: float | Sequence[float] = 1.0,
        soft: Tensor | None = None,
    ) -> LogProbs:
        """See `completion_logprobs`."""
        return self.completion_logprobs(prompts, completions, supports, temperature, soft)

    def completion_logprobs(
        self,
        prompts: Sequence[Ids],
        completions: Sequence[Ids],
        supports: Sequence[Support | None] | None = None,
        temperature: float | Sequence[float] = 1.0,
        soft: Tensor | None = None,
    ) -> LogProbs:
        """Log-probs of `completions` after `prompts` under the sampler's distribution.

        That distribution is the softmax of logits / `temperature` (one for all rows, or one each),
        renormalised over the kept ids of `supports` (None: for all rows, for one row or for one
        token, the whole vocabulary). `soft` [k, n_embd] comes before every prompt. Differentiable
        in the adapter and in `soft`; wrap in `torch.no_grad()` to only score.

        Rows are padded on the right, where a causal model never looks. Raises ValueError for an
        empty row, a temperature that is not positive (greedy text carries no information on the
        policy) or a token outside its support.
        """
        check_rows(prompts, completions, supports, soft is not None)
        hidden = self._hidden(prompts, completions, soft)
        shift = 0 if soft is None else soft.shape[0]
        rows = [b for b, row in enumerate(completions) for _ in row]
        positions = [
            shift + len(prompt) - 1 + t
            for prompt, row in zip(prompts, completions, strict=True)
            for t in range(len(row))
        ]
        device = self.device
        scales = temperatures(temperature, len(completions)).to(device)
        ids = in_play(completions, supports)
        if ids is not None:
            ids = ids.to(device)
        logits = self._logits(hidden[rows, positions], ids) / scales[rows, None]
        targets = torch.tensor([token for row in completions for token in row], device=device)
        columns = targets if ids is None else torch.searchsorted(ids, targets)
        chosen = logits.gather(1, columns[:, None])[:, 0]
        flat = chosen - log_normaliser(logits, completions, supports, ids)

        longest = max(len(row) for row in completions)
        mask = torch.zeros(len(completions), longest, dtype=torch.bool)
        for b, row in enumerate(completions):
            mask[b, : len(row)] = True
        mask = mask.to(device)
        values = torch.zeros(mask.shape, device=device).masked_scatter(mask, flat)
        return LogProbs(values, mask)

    def score(
        self,
        prompts: Sequence[Ids],
        completions: Sequence[Ids],
        supports: Sequence[Support | None] | None = None,
        temperature: float | Sequence[float] = 1.0,
        soft: Tensor | None = None,
        *,
        batch_tokens: int = 4096,
    ) -> list[list[float]]:
        """`completion_logprobs` of any number of rows without gradient, in batches by length.

        A batch takes at most `batch_tokens` tokens, padding included (one row may take more).
        """
        each = temperatures(temperature, len(completions)).tolist()
        lengths = [len(p) + len(c) for p, c in zip(prompts, completions, strict=True)]
        scored: list[list[float]] = [[] for _ in lengths]
        for batch in batches_by_length(lengths, batch_tokens):
            with torch.no_grad():
                found = self.completion_logprobs(
                    [prompts[i] for i in batch],
                    [completions[i] for i in batch],
                    None if supports is None else [supports[i] for i in batch],
                    [each[i] for i in batch],
                    soft,
                )
            for i, row in zip(batch, found.rows(), strict=True):
                scored[i] = row
        return scored

    def next_logits(self, ids: Ids, soft: Tensor | None = None) -> Tensor:
        """Logits float32 [n_vocab] of the token after `ids`, without gradient."""
        with torch.no_grad():
            return self._logits(self._hidden([ids], [()], soft)[0, -1:])[0]

    def _hidden(
        self, prompts: Sequence[Ids], completions: Sequence[Ids], soft: Tensor | None
    ) -> Tensor:
        """The decoder's last hidden states [B, k + L, width] of the rows padded on the right.

        What all prompts begin with is computed once for the batch, gradient and all: the rules at
        the top of a prompt are often half of it.
        """
        rows = [[*prompt, *row] for prompt, row in zip(prompts, completions, strict=True)]
        shared = len(os.path.commonprefix([tuple(prompt) for prompt in prompts]))
        if soft is None and len(rows) > 1 and shared:
            return self._hidden_after(rows, shared)
        longest = max(map(len, rows))
        padded = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        padded = padded.to(self.device)
        if soft is None:
            inputs = {"input_ids": padded}
        else:
            words: Tensor = self.causal.get_input_embeddings()(padded)
            prefix = soft.to(words.dtype).expand(len(rows), -1, -1)
            inputs = {"inputs_embeds": torch.cat([prefix, words], dim=1)}
        hidden: Tensor = self.causal.base_model(**inputs, use_cache=False).last_hidden_state
        return hidden

    def _hidden_after(self, rows: Sequence[Ids], shared: int) -> Tensor:
        """`_hidden` of rows that all begin with the same `shared` ids and have more."""
        from transformers import DynamicCache

        decoder = self.causal.base_model
        cache = DynamicCache(config=self.causal.config)
        begun = {"past_key_values": cache, "use_cache": True}
        first = torch.tensor([rows[0][:shared]], device=self.device)
        head: Tensor = decoder(input_ids=first, **begun).last_hidden_state
        cache.batch_repeat_interleave(len(rows))
        longest = max(map(len, rows))
        padded = torch.tensor([[*row[shared:], *[0] * (longest - len(row))] for row in rows])
        rest: Tensor = decoder(input_ids=padded.to(self.device), **begun).last_hidden_state
        return torch.cat([head.expand(len(rows), -1, -1), rest], dim=1)

    def _logits(self, hidden: Tensor, ids: Tensor | None = None) -> Tensor:
        """Logits float32 [N, n_vocab] of hidden states [N, width]; or [N, K], of `ids` [K] alone.

        The vocabulary is a fifth of the small model's work, and few of its words are in play.
        """
        head = self.causal.get_output_embeddings()
        if ids is None:
            logits: Tensor = head(hidden).float()
        else:
            bias = None if head.bias is None else head.bias[ids]
            logits = nn.functional.linear(hidden, head.weight[ids], bias).float()
        cap = getattr(self.causal.config, "final_logit_softcapping", None)
        return logits if cap is None else torch.tanh(logits / cap) * cap

    # ---- LoRA

    def attach_lora(self, *, rank: int = 8, alpha: int = 16, seed: int = 0) -> None:
        """Put a fresh LoRA (Hu et al., arXiv 2106.09685) on every linear layer but the output head.

        It starts as the identity. The head is left alone because its weights are usually the
        embeddings too.
        """
        import peft

        if self._peft:
            raise ValueError("the model carries an adapter already")
        config = peft.LoraConfig(
            r=rank,
            lora_alpha=alpha,
            lora_dropout=0.0,
            bias="none",
            target_modules="all-linear",
            fan_in_fan_out=self.causal.config.model_type == "gpt2",  # its layers are transposed
            task_type=peft.TaskType.CAUSAL_LM,
        )
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            # peft calls what transformers is about to rename.
            warnings.simplefilter("ignore", FutureWarning)
            torch.manual_seed(seed)
            self._peft.append(peft.get_peft_model(self.causal, config, adapter_name=_ADAPTER))
        self.eval()

    def load_lora(self, source: Path) -> None:
        """Put on the trained LoRA at `source`: a peft folder, or a GGUF adapter for this model.

        Raises ModelUnavailable when it is missing, damaged or made for another model.
        """
        found = read_peft(source) if source.is_dir() else read_adapter(source, self.path)
        self.attach_lora(rank=found.rank, alpha=int(found.alpha))
        parameters = dict(self._peft[0].named_parameters())
        named = {name.replace(f".{_ADAPTER}.", "."): p for name, p in parameters.items()}
        wanted = {name for name in named if ".lora_" in name}
        if wanted != set(found.tensors) or any(
            named[name].shape != array.shape for name, array in found.tensors.items()
        ):
            raise ModelUnavailable(
                f"The adapter {source} does not fit {self.path.name}.",
                "Adapters belong to the model they were trained on.",
            )
        with torch.no_grad():
            for name, array in found.tensors.items():
                named[name].copy_(torch.from_numpy(array))

    def save_lora(self, folder: Path) -> None:
        """Write the LoRA to `folder` in peft's format (adapter_config.json, safetensors).

        OSError when the folder cannot be written.
        """
        from safetensors import SafetensorError

        try:
            self._one_peft().save_pretrained(str(folder), save_embedding_layers=False)
        except SafetensorError as error:  # which is what it makes of a full disk
            raise OSError(str(error)) from error
        (folder / "README.md").unlink(missing_ok=True)  # peft's empty model card

    def lora_parameters(self) -> list[nn.Parameter]:
        """What an optimiser has to change: the LoRA's float32 matrices."""
        return [p for p in self._one_peft().parameters() if p.requires_grad]

    @contextlib.contextmanager
    def without_lora(self) -> Iterator[None]:
        """Score as the bare base model inside the block."""
        if not self._peft:
            yield
            return
        with self._peft[0].disable_adapter():
            yield

    def _one_peft(self) -> Any:
        if not self._peft:
            raise ValueError("the model carries no adapter")
        return self._peft[0]


def load(
    path: str | os.PathLike[str], *, dtype: Dtype = "bf16", device: str | torch.device = "cpu"
) -> TorchLM:
    """The GGUF file at `path` as a frozen torch model. Reads nothing from any network.

    "bf16" trains about twice as fast as "fp32" on processors that have it and needs half the
    memory; "fp32" is nearer to llama.cpp. Raises ModelUnavailable when the file is missing,
    damaged, or of an architecture that transformers cannot read from GGUF.
    """
    source = Path(path).resolve()
    native.check_gguf(source, "model")
    tokenizer = Tokenizer(source)
    # Read when huggingface_hub is first imported: a local file must never cause a request.
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(variable, "1")
    import transformers

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        # Its progress bars would draw over ours.
        with contextlib.redirect_stderr(io.StringIO()):
            loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
                source.parent,
                gguf_file=source.name,
                dtype=_DTYPES[dtype],
                quantization_config=transformers.GgufConfig(dequantize=True),
                local_files_only=True,
                output_loading_info=True,
            )
    except (ValueError, KeyError, NotImplementedError, RuntimeError) as error:
        raise _unreadable(source, str(error)) from error
    causal, report = loaded
    if missing := sorted(report["missing_keys"]):
        # transformers fills these with noise and goes on.
        raise _unreadable(source, f"it lacks {missing[0]}")
    causal.requires_grad_(False)
    # peft saves this beside the LoRA, where a path of this machine would be wrong on any other.
    causal.name_or_path = source.name
    model = TorchLM(source, causal.to(device), tokenizer)
    return model.eval()


def _unreadable(path: Path, reason: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"transformers cannot read {path.name} for training: {reason}.",
        "It can be played; to train, choose a Llama, Qwen, Gemma 3 or GPT-2 model.",
    )


def batches_by_length(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices into `lengths`, shortest first, in batches of at most `batch_tokens` once padded."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batch and (len(batch) + 1) * lengths[i] > batch_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
