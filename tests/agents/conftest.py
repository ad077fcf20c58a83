"""Tiny models and adapters for the tests of what learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.tiny import write_tiny_model


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama model file."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf", "llama")


@pytest.fixture(scope="session")
def other_tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another model file of the same shape."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "other.gguf", "llama", seed=1)
