"""The llama.cpp library: imported late, kept quiet, its failures turned into ModelUnavailable."""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from game.errors import ModelUnavailable

_ERROR_LEVEL = 3  # GGML_LOG_LEVEL_ERROR
_REINSTALL = "Install it with a C++ compiler and cmake at hand: pip install llama-cpp-python"

_log: deque[str] = deque(maxlen=200)
_errors: deque[str] = deque(maxlen=20)
_log_callback: Any = None


def library() -> Any:
    """The `llama_cpp` module, its log output diverted from stderr to `log_lines()`.

    Imported on first use because it takes a tenth of a second that `game --help` must not pay.
    """
    global _log_callback
    try:
        with _short_waits():
            import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelUnavailable(
            f"llama-cpp-python cannot be loaded: {error}.", _REINSTALL
        ) from error
    if _log_callback is None:
        _log_callback = llama_cpp.llama_log_callback(_keep_log)
        llama_cpp.llama_log_set(_log_callback, ctypes.c_void_p(0))
    return llama_cpp


#: How OpenMP's threads wait for each other, unless the environment says. They meet hundreds of
#: times a token. Those that spin for long slow the model twentyfold where cores are shared with the
#: interface or other programs; those that sleep at once wait for the kernel to wake them, which on
#: a virtual machine at rest takes longer than the work. A short spin costs least in both.
_WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}


@contextmanager
def _short_waits() -> Iterator[None]:
    """Load OpenMP with `_WAITING`: it reads the variables once, when it is loaded. They are put
    back so that no other library inherits the choice."""
    chosen = {name: value for name, value in _WAITING.items() if name not in os.environ}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name in chosen:
            del os.environ[name]


def _keep_log(level: int, text: bytes, _data: object) -> None:
    line = text.decode("utf-8", errors="replace").strip()
    if line and line != ".":
        _log.append(line)
        if level == _ERROR_LEVEL:
            _errors.append(line)


def log_lines() -> list[str]:
    """The last lines that llama.cpp would have written to stderr."""
    return list(_log)


def redirect_native_stderr(log_file: Path) -> None:
    """Send file descriptor 2 to `log_file` for the rest of the process; Python's stderr stays.

    To be called once before a full-screen interface starts: native code that writes to the
    descriptor past any callback then cannot draw over it, while Textual, which draws through
    `sys.__stderr__`, keeps the terminal through a duplicate of the old descriptor.
    """
    sys.stderr.flush()
    log_file.parent.mkdir(parents=True, exist_ok=True)
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace", buffering=1)
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 2)
    os.close(log)
    if sys.stderr is sys.__stderr__:
        sys.stderr = terminal
    sys.__stderr__ = terminal  # type: ignore[misc]


def usable_cores() -> int:
    """The processor cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def file_type(path: Path) -> int:
    """llama.cpp's number for how the GGUF file at `path` stores its weights; -1 if unsaid."""
    model = load_model(path, weights=False)
    value = ctypes.create_string_buffer(16)
    length = library().llama_model_meta_val_str(model, b"general.file_type", value, len(value))
    library().llama_model_free(model)
    return int(value.value) if length > 0 else -1


def load_model(path: Path, *, weights: bool = True) -> Any:
    """A `llama_model` pointer for the GGUF file at `path`, without `weights` only its vocabulary.

    ModelUnavailable says what is wrong with the file.
    """
    check_gguf(path, "model")
    llama = library()
    llama.llama_backend_init()
    params = llama.llama_model_default_params()
    params.n_gpu_layers = 0
    params.vocab_only = not weights
    _errors.clear()
    model = llama.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ModelUnavailable(
            f"{path} cannot be loaded: {_last_error()}.",
            "The file may be cut short or of a kind this llama.cpp does not know; fetch it again.",
        )
    return model


def load_adapter(model: Any, path: Path) -> Any:
    """A `llama_adapter_lora` pointer for the GGUF adapter at `path`, fitted to `model`."""
    check_gguf(path, "adapter")
    llama = library()
    _errors.clear()
    adapter = llama.llama_adapter_lora_init(model, str(path).encode())
    if not adapter:
        raise ModelUnavailable(
            f"The adapter {path} does not fit this model: {_last_error()}.",
            "Adapters belong to the model they were trained on; choose that model or train again.",
        )
    return adapter


def check_gguf(path: Path, what: str) -> None:
    """Refuse a file that is missing, unreadable or not GGUF before llama.cpp sees it."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError as error:
        raise ModelUnavailable(
            f"There is no {what} file at {path}.", "Check the path, or leave it out."
        ) from error
    except OSError as error:
        raise ModelUnavailable(
            f"The {what} file {path} cannot be read: {error.strerror}.", "Check its permissions."
        ) from error
    if magic != b"GGUF":
        raise ModelUnavailable(
            f"{path} is not a GGUF file.", f"Give a {what} in llama.cpp's GGUF format."
        )


def _last_error() -> str:
    """The most telling of the error lines: the first names the cause, later ones only repeat it."""
    return _errors[0].split(": ", 1)[-1].rstrip(".") if _errors else "llama.cpp gave no reason"


class Batch:
    """A reusable `llama_batch` of at most `capacity` tokens, or of embeddings of width `n_embd`."""

    def __init__(self, llama: Any, capacity: int, n_embd: int = 0) -> None:
        self._llama = llama
        self._capacity = capacity
        self._n_embd = n_embd
        self.native = llama.llama_batch_init(capacity, n_embd, 1)

    def fill(
        self, positions: Sequence[int], sequences: Sequence[int], logits: Sequence[int]
    ) -> None:
        """Set positions, sequence ids and which entries (by index) give logits."""
        native = self.native
        native.n_tokens = len(positions)
        for index, (position, sequence) in enumerate(zip(positions, sequences, strict=True)):
            native.pos[index] = position
            native.n_seq_id[index] = 1
            native.seq_id[index][0] = sequence
            native.logits[index] = 0
        for index in logits:
            native.logits[index] = 1

    def set_tokens(self, ids: Sequence[int]) -> None:
        for index, token in enumerate(ids):
            self.native.token[index] = token

    def set_embeddings(self, vectors: npt.NDArray[np.float32]) -> None:
        """Copy `vectors` [k, n_embd], k at most the capacity, into the batch."""
        data = np.ascontiguousarray(vectors, dtype=np.float32)
        ctypes.memmove(self.native.embd, data.ctypes.data, data.nbytes)

    def free(self) -> None:
        self._llama.llama_batch_free(self.native)
