"""The bundled model, loaded once for each test file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from game.llm.base import Prompt, Segment
from game.llm.bundled import bundled_model_path
from game.llm.llama import LlamaModel

EXAMPLES = (
    "<|im_start|>user\nYou go north. You are in the forest. A wolf is here.<|im_end|>\n"
    "<|im_start|>assistant\nYou step under the trees. A wolf lifts its head.<|im_end|>\n"
)


@pytest.fixture(scope="module")
def model() -> Iterator[LlamaModel]:
    # One thread, because two that wait for each other crawl when tests run side by side.
    found = LlamaModel(bundled_model_path(), context=512, threads=1)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _without_adapter(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "model" in request.fixturenames:
        request.getfixturevalue("model").use_adapter(None)


@pytest.fixture(scope="session")
def bundled() -> Path:
    return bundled_model_path()


def turn(facts: str, prefix: str = EXAMPLES) -> Prompt:
    """A prompt as the game writes them: trusted marks around untrusted facts."""
    return Prompt(
        (Segment(prefix, trusted=True),),
        (
            Segment("<|im_start|>user\n", trusted=True),
            Segment(facts),
            Segment("<|im_end|>\n<|im_start|>assistant\n", trusted=True),
        ),
    )
