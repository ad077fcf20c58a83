"""Small random LoRA adapters in GGUF, for tests."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np


def write_adapter(path: Path, seed: int, *, width: int = 576, rank: int = 4) -> Path:
    """A LoRA of `rank` on every ffn_down of the bundled model, large enough to change its words."""
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    for block in range(30):
        name = f"blk.{block}.ffn_down.weight"
        a = rng.normal(0, 0.02, (rank, 1536)).astype(np.float32)
        b = rng.normal(0, 0.05, (width, rank)).astype(np.float32)
        writer.add_tensor(f"{name}.lora_a", a)
        writer.add_tensor(f"{name}.lora_b", b)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
