"""One-time preparation of a model file: requantised to the kind that runs fastest here."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from game.atomic import replacing
from game.llm import native
from game.llm.base import Prompt, Sampler, Segment
from game.llm.llama import LlamaModel, weights_hash

Progress = Callable[[str], None]

# llama.cpp multiplies Q4_1 matrices slowly. Q8_0 says the same (KL 0.004) and reads a prompt up to
# twice as fast where its cores are free; Q4_0 is faster still, but rounds four bits to four others,
# which costs a KL of 0.26 and changes every third likeliest token (`python -m benchmarks.llm`).
TARGET = "Q8_0"
_SLOW_KIND = "Q4_1"


def prepared_model(home: Path, source: Path, progress: Progress | None = None) -> Path:
    """The file to run instead of `source`: a faster copy in `home`/models, made on first use.

    A file that gains nothing is returned as it is. Calls `progress` with a line of text when there
    is work to do. Raises ModelUnavailable when `source` is no model; when only the copy fails (a
    full disk), says so through `progress` and returns `source`, which plays all the same.
    """
    native.check_gguf(source, "model")
    target = prepared_path(home, source)
    if target.exists():
        return target
    if native.file_type(source) != _file_type(_SLOW_KIND):
        return source
    note = progress or (lambda _line: None)
    note(f"Preparing the language model ({source.stat().st_size >> 20} MB, once) ...")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_checked(source, target)
    except OSError as error:
        note(f"The faster copy of the model cannot be kept ({error}); using the original.")
        return source
    note(f"Prepared {target.name}.")
    return target


def prepared_path(home: Path, source: Path) -> Path:
    """Where the faster copy of the file `source` lies once it is made."""
    return home / "models" / f"{source.stem}.{TARGET}.{weights_hash(source)}.gguf"


def _write_checked(source: Path, target: Path) -> None:
    """Requantise beside `target`, try the result, and only then give it its name."""
    with replacing(target) as part:
        requantise(source, part, TARGET)
        model = LlamaModel(part, context=64)
        try:
            model.complete(Prompt((), (Segment("You"),)), Sampler(max_tokens=2))
        finally:
            model.close()


def requantise(source: Path, target: Path, kind: str) -> None:
    """Write `source` to `target` with its weight matrices as `kind`: a llama.cpp name, "Q4_0".

    Raises ModelUnavailable when `source` is no model and OSError when `target` cannot be written.
    """
    llama = native.library()
    params = llama.llama_model_quantize_default_params()
    params.ftype = _file_type(kind)
    params.allow_requantize = True
    status = llama.llama_model_quantize(
        str(source).encode(), str(target).encode(), ctypes.byref(params)
    )
    if status != 0:
        native.load_model(source)  # names the cause when it is the source
        raise OSError(f"llama.cpp could not write {target}: {' '.join(native.log_lines()[-1:])}")


def _file_type(kind: str) -> int:
    """llama.cpp's number for files whose weights are `kind`: "Q8_0", or "F32" for all of them."""
    constants = vars(native.library())
    name = f"LLAMA_FTYPE_MOSTLY_{kind}"
    number: int = constants[name if name in constants else f"LLAMA_FTYPE_ALL_{kind}"]
    return number
