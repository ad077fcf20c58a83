"""LoRA adapters between peft's format and the GGUF file that llama.cpp loads."""

from __future__ import annotations

import ctypes
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt

from game.atomic import replacing
from game.errors import ModelUnavailable
from game.llm import native
from game.llm.llama import weights_hash

Array = npt.NDArray[np.float32]

#: Metadata key of the base model's `weights_hash`.
BASE_HASH = "limelight.base_model_hash"

# GGUF's name of an architecture to the modules of one block: GGUF leaf name to peft's path.
_SPLIT_QKV = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_GPT2 = {
    "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj",
    "ffn_up": "mlp.c_fc",
    "ffn_down": "mlp.c_proj",
}
_MODULES = {
    "llama": ("model.layers", _SPLIT_QKV),
    "qwen2": ("model.layers", _SPLIT_QKV),
    "qwen3": ("model.layers", _SPLIT_QKV),
    "gemma3": ("model.layers", _SPLIT_QKV),
    "gpt2": ("transformer.h", _GPT2),
}
_PEFT = "base_model.model"  # what peft puts before the name of every module
_SUFFIX = {"lora_a": "lora_A", "lora_b": "lora_B"}


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA in memory: W' = W + alpha / rank * B A.

    `tensors` holds float32 arrays under peft's names: `….lora_A.weight` [rank, in] and
    `….lora_B.weight` [out, rank].
    """

    rank: int
    alpha: float
    tensors: dict[str, Array]


@dataclass(frozen=True, slots=True)
class _Base:
    """What a base model's header says about where adapter tensors belong."""

    architecture: str
    blocks: int
    heads: int
    kv_heads: int

    @property
    def names(self) -> dict[str, str]:
        """Every adaptable weight: GGUF tensor name to peft module name."""
        stem, modules = _MODULES[self.architecture]
        return {
            f"blk.{block}.{leaf}.weight": f"{_PEFT}.{stem}.{block}.{module}"
            for block in range(self.blocks)
            for leaf, module in modules.items()
        }

    def heads_of(self, tensor: str) -> int | None:
        """How many heads' rows llama.cpp stores interleaved in `tensor`; None: rows are in order.

        The conversion of Llama weights turns each head's two rotary halves into adjacent pairs;
        other architectures rotate halves in llama.cpp too.
        """
        if self.architecture != "llama":
            return None
        return {"attn_q": self.heads, "attn_k": self.kv_heads}.get(tensor.split(".")[2])


def write_adapter(
    lora: Lora, target: Path, base: Path, *, name: str = "", half: bool = True
) -> Path:
    """Write `lora`, trained on the GGUF model at `base`, as a GGUF adapter to `target`.

    `half` stores float16 instead of float32 (half the size). The file appears under its name only
    when it is complete. Raises ModelUnavailable when `base` is no model of a known architecture or
    the LoRA was made for another, OSError when the file cannot be written.
    """
    header = _read_base(base)
    arrays = _to_gguf(lora, header, base)
    with replacing(target) as part:
        writer = gguf.GGUFWriter(part, header.architecture)
        writer.add_type(gguf.GGUFType.ADAPTER)
        if name:
            writer.add_name(name)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, lora.alpha)
        writer.add_string(BASE_HASH, weights_hash(base))
        for tensor, array in arrays.items():
            writer.add_tensor(tensor, array.astype(np.float16) if half else array)
        try:
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
    return target


def read_adapter(path: Path, base: Path) -> Lora:
    """The LoRA in the GGUF adapter at `path`, which was made for the model at `base`.

    Raises ModelUnavailable when the file is missing, damaged or made for another architecture.
    """
    native.check_gguf(path, "adapter")
    header = _read_base(base)
    try:
        reader = gguf.GGUFReader(str(path))
        alpha = float(reader.fields[gguf.Keys.Adapter.LORA_ALPHA].contents())
        arrays = {
            tensor.name: np.asarray(tensor.data).astype(np.float32) for tensor in reader.tensors
        }
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise ModelUnavailable(
            f"The adapter {path} is damaged ({error}).", "Train it again or import it again."
        ) from error
    names = header.names
    tensors: dict[str, Array] = {}
    rank = 0
    for name, array in arrays.items():
        weight, _, part = name.rpartition(".")
        if weight not in names or part not in _SUFFIX:
            raise _misfit(path, name, header)
        if part == "lora_b" and (heads := header.heads_of(weight)):
            array = _pairs_to_halves(array, heads)
        elif part == "lora_a":
            rank = len(array)
        tensors[f"{names[weight]}.{_SUFFIX[part]}.weight"] = np.ascontiguousarray(array)
    return Lora(rank, alpha, tensors)


def read_peft(folder: Path) -> Lora:
    """The LoRA that peft saved in `folder` (adapter_config.json, adapter_model.safetensors).

    Raises ModelUnavailable when it is missing, damaged, or of a kind that a GGUF adapter cannot
    express (DoRA, rank-stabilised scaling, ranks by layer, trained biases).
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "adapter_model.safetensors")
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ModelUnavailable(
            f"{folder} holds no readable peft adapter ({error}).", "Train it again."
        ) from error
    refused = ("use_dora", "use_rslora", "lora_bias", "rank_pattern", "alpha_pattern",
               "modules_to_save")  # fmt: skip
    if found := [option for option in refused if config.get(option)]:
        raise ModelUnavailable(
            f"The adapter in {folder} uses {', '.join(found)}, which GGUF adapters cannot hold.",
            "Train a plain LoRA.",
        )
    return Lora(rank, alpha, {name: array.astype(np.float32) for name, array in tensors.items()})


def base_hash(path: Path) -> str | None:
    """The `weights_hash` of the model that the adapter at `path` names as its base, if it does.

    Raises ModelUnavailable when the file is missing or damaged.
    """
    native.check_gguf(path, "adapter")
    try:
        field = gguf.GGUFReader(str(path)).fields.get(BASE_HASH)
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise ModelUnavailable(f"The adapter {path} is damaged ({error}).") from error
    return None if field is None else str(field.contents())


def _to_gguf(lora: Lora, header: _Base, base: Path) -> dict[str, Array]:
    """The tensors of `lora` under GGUF names and in llama.cpp's order of rows."""
    weights = {module: weight for weight, module in header.names.items()}
    arrays: dict[str, Array] = {}
    for name, array in sorted(lora.tensors.items()):
        match = re.fullmatch(r"(.+)\.lora_([AB])\.weight", name)
        weight = weights.get(match[1]) if match else None
        if match is None or weight is None:
            raise _misfit(base, name, header)
        if match[2] == "B" and (heads := header.heads_of(weight)):
            array = _halves_to_pairs(array, heads)
        arrays[f"{weight}.lora_{match[2].lower()}"] = np.ascontiguousarray(array)
    return arrays


def _halves_to_pairs(rows: Array, heads: int) -> Array:
    """[out, rank] with each head's rows reordered as GGUF stores Llama's q and k weights."""
    out, rank = rows.shape
    return rows.reshape(heads, 2, out // heads // 2, rank).swapaxes(1, 2).reshape(out, rank)


def _pairs_to_halves(rows: Array, heads: int) -> Array:
    """The inverse of `_halves_to_pairs`."""
    out, rank = rows.shape
    return rows.reshape(heads, out // heads // 2, 2, rank).swapaxes(1, 2).reshape(out, rank)


def _misfit(path: Path, tensor: str, header: _Base) -> ModelUnavailable:
    return ModelUnavailable(
        f"{path.name}: the adapter's tensor {tensor} has no place in a {header.architecture} model"
        f" of {header.blocks} blocks.",
        "Adapters belong to the model they were trained on.",
    )


def _read_base(path: Path) -> _Base:
    """The header of the GGUF model at `path`, read by llama.cpp, which skips the weights."""
    model = native.load_model(path, weights=False)
    llama = native.library()
    try:
        architecture = _metadata(llama, model, "general.architecture")
        if architecture not in _MODULES:
            raise ModelUnavailable(
                f"Adapters for the architecture {architecture!r} of {path.name} cannot be written.",
                f"Choose a model of one of these: {', '.join(sorted(_MODULES))}.",
            )
        heads = int(_metadata(llama, model, f"{architecture}.attention.head_count"))
        kv_heads = _metadata(llama, model, f"{architecture}.attention.head_count_kv")
        return _Base(
            architecture,
            int(_metadata(llama, model, f"{architecture}.block_count")),
            heads,
            int(kv_heads or heads),
        )
    finally:
        llama.llama_model_free(model)


def _metadata(llama: Any, model: Any, key: str) -> str:
    """A value of the model's header as text; empty when there is none."""
    buffer = ctypes.create_string_buffer(128)
    size = llama.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode() if size >= 0 else ""
