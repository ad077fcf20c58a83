"""The models on this machine: what they are, and how fast they run here, measured once."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from game import atomic
from game.errors import ModelUnavailable
from game.llm.base import Prompt, Sampler, Segment
from game.llm.bundled import bundled_model_path
from game.llm.gguf_header import read_header
from game.llm.llama import LlamaModel, weights_hash
from game.llm.prepare import prepared_model, prepared_path

SPEEDS = "speeds.json"
_READ, _WRITTEN = 192, 32  # tokens that a measurement reads and writes


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second: `read` of a prompt, `write` of prose."""

    read: float
    write: float


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model file. `size` in bytes, `context` in tokens; `trouble` is why it cannot be played, and
    all else is then empty. `speed` None: not measured yet."""

    path: Path
    name: str
    size: int = 0
    quantisation: str = ""
    context: int = 0
    hash: str = ""
    speed: Speed | None = None
    bundled: bool = False
    trouble: str = ""


def known_models(home: Path, chosen: Path | None = None) -> list[KnownModel]:
    """The bundled model, the `chosen` one and those in `home`/models, in that order.

    The fast copies that `prepared_model` makes are no models of their own and not listed.
    """
    first: list[Path] = []
    # An installation without it can play the others all the same.
    with contextlib.suppress(ModelUnavailable):
        first.append(bundled_model_path())
    bundled = list(first)
    if chosen is not None:
        first.append(chosen)
    paths = list(dict.fromkeys([*first, *sorted((home / "models").glob("*.gguf"))]))
    copies = {prepared_path(home, path) for path in paths if path.is_file()}
    speeds = _speeds(home)
    return [_known(p, speeds, p in bundled) for p in paths if p not in copies]


def _known(path: Path, speeds: dict[str, Speed], bundled: bool) -> KnownModel:
    try:
        header = read_header(path)
        hash, size = weights_hash(path), path.stat().st_size
    except ModelUnavailable as error:
        return KnownModel(path, path.stem, bundled=bundled, trouble=str(error))
    return KnownModel(
        path, path.stem, size, header.quantisation, header.context, hash, speeds.get(hash), bundled,
    )  # fmt: skip


def measure(home: Path, path: Path) -> Speed:
    """Run the model at `path`, in the form that plays, for a moment; kept by its hash.

    Takes about a second for a small model. Raises ModelUnavailable when it cannot be run; a home
    that cannot be written only means that it is measured again another time.
    """
    model = LlamaModel(prepared_model(home, path), context=512)
    try:
        ids = model.tokenize((Segment("The lamp burns low and the door is open. " * 30),))[:_READ]
        text = Segment(model.detokenize(ids))
        start = time.monotonic()
        model.complete(Prompt((), (text,)), Sampler(max_tokens=0))
        read = time.monotonic()
        (told,) = model.complete(
            Prompt((), (text,)), Sampler(temperature=1.0, min_p=0.0, max_tokens=_WRITTEN)
        )
        done = time.monotonic()
    finally:
        model.close()
    speed = Speed(
        round(len(ids) / max(read - start, 1e-6), 1),
        round(len(told.tokens) / max(done - read, 1e-6), 1),
    )
    _keep(home, weights_hash(path), speed)
    return speed


def _speeds(home: Path) -> dict[str, Speed]:
    """The kept measurements; none where the file is missing or damaged."""
    try:
        table: dict[str, Any] = json.loads((home / "models" / SPEEDS).read_text("utf-8"))
        return {key: Speed(float(v["read"]), float(v["write"])) for key, v in table.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(home: Path, hash: str, speed: Speed) -> None:
    speeds = _speeds(home) | {hash: speed}
    text = json.dumps({key: {"read": s.read, "write": s.write} for key, s in speeds.items()})
    folder = home / "models"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.write_text(folder / SPEEDS, text)
    except OSError:
        return
