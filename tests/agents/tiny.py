"""Tiny random GGUF models of several architectures, whose tokens are the 256 bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

WIDTH, CONTEXT = 64, 1024
TOKENS = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]


@dataclass(frozen=True)
class Shape:
    """The sizes of one architecture; some are what transformers assumes without being told."""

    head: int = 16
    heads: int = 4
    kv_heads: int = 2
    inner: int = 96
    blocks: int = 2


SHAPES = {
    "llama": Shape(),
    "qwen2": Shape(),
    "qwen3": Shape(head=128, heads=2, kv_heads=1),
    "gpt2": Shape(inner=4 * WIDTH),
    "gemma3": Shape(head=256, heads=2, kv_heads=1, blocks=6),  # every sixth block attends to all
}


def write_tiny_model(path: Path, architecture: str, seed: int = 0) -> Path:
    """A float32 model of `architecture` (a key of SHAPES) with random weights.

    The weights are large enough that the next byte depends sharply on all the bytes before.
    """
    shape = SHAPES[architecture]
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(shape.inner)
    writer.add_block_count(shape.blocks)
    writer.add_head_count(shape.heads)
    if architecture == "gpt2":
        writer.add_layer_norm_eps(1e-5)
    else:
        writer.add_head_count_kv(shape.kv_heads)
        writer.add_layer_norm_rms_eps(1e-6)
        writer.add_rope_freq_base(1e6 if architecture == "gemma3" else 1e4)
        writer.add_key_length(shape.head)
        writer.add_value_length(shape.head)
    if architecture == "llama":
        writer.add_rope_dimension_count(shape.head)
    if architecture == "gemma3":
        writer.add_sliding_window(CONTEXT)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(TOKENS)
    writer.add_token_scores([0.0] * len(TOKENS))
    kinds = gguf.TokenType
    writer.add_token_types(
        [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * (len(TOKENS) - 3)]
    )
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_space_prefix(False)
    rng = np.random.default_rng(seed)
    for name, size in _tensors(architecture).items():
        norm = "norm" in name and name.endswith("weight")
        values = rng.normal(1.0 if norm else 0.0, 0.1 if norm else 0.25, size)
        writer.add_tensor(name, values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(architecture: str) -> dict[str, tuple[int, ...]]:
    """GGUF tensor names to sizes [out, in]."""
    shape = SHAPES[architecture]
    q, kv, inner = shape.heads * shape.head, shape.kv_heads * shape.head, shape.inner
    sizes: dict[str, tuple[int, ...]] = {"token_embd.weight": (len(TOKENS), WIDTH)}
    norms = {"attn_norm": WIDTH, "ffn_norm": WIDTH}
    linear = {"attn_output": (WIDTH, q), "ffn_up": (inner, WIDTH), "ffn_down": (WIDTH, inner)}
    if architecture == "gpt2":
        linear |= {"attn_qkv": (3 * WIDTH, WIDTH)}
        biased = {*linear, *norms}
        sizes |= {"position_embd.weight": (CONTEXT, WIDTH), "output_norm.bias": (WIDTH,)}
    else:
        linear |= {"attn_q": (q, WIDTH), "attn_k": (kv, WIDTH), "attn_v": (kv, WIDTH)}
        linear |= {"ffn_gate": (inner, WIDTH)}
        biased = {"attn_q", "attn_k", "attn_v"} if architecture == "qwen2" else set()
    if architecture in ("qwen3", "gemma3"):
        norms |= {"attn_q_norm": shape.head, "attn_k_norm": shape.head}
    if architecture == "gemma3":
        norms |= {"post_attention_norm": WIDTH, "post_ffw_norm": WIDTH}
    else:
        sizes["output.weight"] = (len(TOKENS), WIDTH)
    sizes["output_norm.weight"] = (WIDTH,)
    for block in range(shape.blocks):
        for leaf, size in linear.items():
            sizes[f"blk.{block}.{leaf}.weight"] = size
        for leaf, width in norms.items():
            sizes[f"blk.{block}.{leaf}.weight"] = (width,)
        for leaf in sorted(biased):
            first = linear[leaf][0] if leaf in linear else norms[leaf]
            sizes[f"blk.{block}.{leaf}.bias"] = (first,)
    return sizes
