"""The bundled model's token embeddings as a simple measure of what words mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.lm import TorchLM
from game.llm.base import Segment


class Embeddings:
    """The input embeddings of a model, less their common mean."""

    def __init__(self, lm: TorchLM) -> None:
        table = lm.causal.get_input_embeddings().weight.detach().double().numpy()
        self.tokenizer = lm.tokenizer
        self.table: NDArray[np.float64] = table - table.mean(0)

    @property
    def width(self) -> int:
        return self.table.shape[1]

    def of(self, text: str) -> NDArray[np.float64]:
        """The mean of the text's tokens [width], as they stand inside a sentence."""
        found: NDArray[np.float64] = self.table[self.tokenizer.tokenize([Segment(f" {text}")])]
        return np.asarray(found.mean(0))
