"""The head of a GGUF file, read without llama.cpp: what a model is, and whether the file is whole.

The layout is that of the GGUF specification, versions 2 and 3: magic, version, counts, key-value
pairs, then one entry for every tensor, then the tensors at aligned offsets.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from game.errors import ModelUnavailable
from game.llm.native import check_gguf

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q",
            12: "d"}  # fmt: skip
_STRING, _ARRAY = 8, 9
_WANTED = ("general.architecture", "general.type", "general.file_type", "general.alignment")


@dataclass(frozen=True, slots=True)
class Header:
    """`context` is the length in tokens it was trained for (0: unsaid), `file_type` llama.cpp's
    number for how weights are stored (-1: unsaid)."""

    architecture: str
    context: int
    file_type: int

    @property
    def quantisation(self) -> str:
        """The field's word for the file type, such as "Q4_1"; "?" when unsaid or unknown."""
        from gguf import LlamaFileType

        try:
            word = LlamaFileType(self.file_type).name
        except ValueError:
            return "?"
        return word.removeprefix("MOSTLY_").removeprefix("ALL_")


def read_header(path: Path) -> Header:
    """The header of the model at `path`. Raises ModelUnavailable for a file that is missing, no
    GGUF, cut short, or not a model (an adapter, say)."""
    check_gguf(path, "model")
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            header, end = _Reader(data).read()
            size = len(data)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, OverflowError) as error:
        raise _damaged(path, "its head cannot be read") from error
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if end > size:
        raise _damaged(path, f"it is cut short by {(end - size) / 1e6:.1f} MB")
    return header


def _damaged(path: Path, why: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"{path} is not a whole model file: {why}.", "Fetch it again, or choose another model."
    )


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 4

    def read(self) -> tuple[Header, int]:
        """The header, and where the last tensor begins (the least size of a whole file)."""
        version, tensors, pairs = self._take("I"), self._take("Q"), self._take("Q")
        if version not in (2, 3):
            raise ValueError(f"GGUF version {version} is not known here")
        found: dict[str, Any] = {}
        for _ in range(pairs):
            key, kind = self._text(), self._take("I")
            if key in _WANTED or key.endswith(".context_length"):
                found[key] = self._value(kind)
            else:
                self._skip(kind)
        if found.get("general.type", "model") != "model":
            raise ValueError(f"it holds a {found['general.type']}")
        architecture = str(found["general.architecture"])
        last = self._last_tensor(tensors)
        alignment = int(found.get("general.alignment", 32))
        start = -(-self._at // alignment) * alignment
        return (
            Header(
                architecture,
                int(found.get(f"{architecture}.context_length", 0)),
                int(found.get("general.file_type", -1)),
            ),
            start + last + 1,
        )

    def _last_tensor(self, count: int) -> int:
        last = 0
        for _ in range(count):
            self._text()
            dimensions = self._take("I")
            self._at += 8 * dimensions + 4  # its shape and type
            last = max(last, self._take("Q"))
        return last

    def _take(self, code: str) -> Any:
        (value,) = struct.unpack_from(f"<{code}", self._data, self._at)
        self._at += struct.calcsize(f"<{code}")
        return value

    def _text(self) -> str:
        length = self._take("Q")
        text = self._data[self._at : self._at + length]
        if len(text) < length:
            raise IndexError("a text beyond the end of the file")
        self._at += length
        return text.decode("utf-8")

    def _value(self, kind: int) -> Any:
        return self._text() if kind == _STRING else self._take(_SCALARS[kind])

    def _skip(self, kind: int) -> None:
        if kind == _STRING:
            length = self._take("Q")
            self._at += length
        elif kind == _ARRAY:
            inner, count = self._take("I"), self._take("Q")
            if inner in _SCALARS:
                self._at += count * struct.calcsize(f"<{_SCALARS[inner]}")
            else:
                for _ in range(count):
                    self._skip(inner)
        else:
            self._at += struct.calcsize(f"<{_SCALARS[kind]}")
