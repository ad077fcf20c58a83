"""A Character Card file to its data: one flat mapping of the fields that all versions share.

V1 is a mapping of six texts. V2 and V3 wrap theirs: {"spec": "chara_card_v2" or "chara_card_v3",
"data": {...}}. A PNG carries the JSON, base64, in a text chunk called "ccv3" or "chara"; a CHARX is
a zip archive with a card.json.
"""

from __future__ import annotations

import base64
import binascii
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from game.errors import WorldError

MAX_FILE = 50_000_000
MAX_CARD = 4_000_000
#: What reading a damaged archive may raise.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = ("description", "personality", "scenario", "first_mes", "mes_example")


class Card(NamedTuple):
    """`version` is 1, 2 or 3; `data` has the card's fields, `around` what stood beside them."""

    version: int
    data: dict[str, Any]
    around: dict[str, Any]


def read_card(file: Path) -> Card:
    """Read a card. Raises WorldError that says what is wrong with it."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise WorldError(f"Cannot read {file}: {error.strerror or error}.") from error
    if len(raw) > MAX_FILE:
        raise _wrong(file, f"is larger than {MAX_FILE:,} bytes")
    if raw.startswith(_PNG):
        raw = _from_png(file, raw)
    elif raw.startswith(b"PK"):
        raw = _from_archive(file)
    if len(raw) > MAX_CARD:
        raise _wrong(file, f"holds a card larger than {MAX_CARD:,} bytes")
    try:
        card = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _wrong(file, "is not JSON, nor a PNG or CHARX with a card in it") from error
    return _unwrapped(file, card)


def _wrong(file: Path, what: str) -> WorldError:
    return WorldError(f"{file.name} {what}.", "A Character Card is a .json, .png or .charx file.")


def _unwrapped(file: Path, card: Any) -> Card:
    if not isinstance(card, dict):
        raise _wrong(file, "is not a card: expected a mapping")
    spec = card.get("spec")
    around: dict[str, Any]
    if spec is None and "data" not in card:
        version, around = 1, {}
    elif spec in ("chara_card_v2", "chara_card_v3") or spec is None:
        version = 3 if spec == "chara_card_v3" else 2
        # Some writers repeat the V1 fields beside `data` for older readers.
        around = {k: v for k, v in card.items() if k not in ("data", "name", *_TEXTS)}
    else:
        raise _wrong(file, f"is a card of an unknown kind: {str(spec)[:40]!r}")
    data = card if version == 1 else card.get("data")
    if not isinstance(data, dict):
        raise _wrong(file, "is a card without `data`")
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        raise _wrong(file, "is a card without a name")
    for field in _TEXTS:
        if not isinstance(data.get(field, ""), str | None):
            raise _wrong(file, f"is a card whose {field} is no text")
    return Card(version, data, around)


def _from_png(file: Path, raw: bytes) -> bytes:
    """The card in a PNG's text chunks, the newer kind first."""
    found: dict[str, bytes] = {}
    at = len(_PNG)
    while at + 12 <= len(raw):
        length = int.from_bytes(raw[at : at + 4], "big")
        kind, body = raw[at + 4 : at + 8], raw[at + 8 : at + 8 + length]
        at += 12 + length
        if len(body) < length:
            break  # cut short: what came before may be enough
        key, _, rest = body.partition(b"\0")
        if kind == b"tEXt":
            text = rest
        elif kind == b"zTXt":
            text = _inflated(rest[1:])
        elif kind == b"iTXt" and len(rest) > 2:
            compressed, packed = rest[0] == 1, rest[2:].split(b"\0", 2)[-1]
            text = _inflated(packed) if compressed else packed
        else:
            continue
        found.setdefault(key.decode("latin-1").lower(), text)
    for name in ("ccv3", "chara"):
        if name in found:
            try:
                return base64.b64decode(found[name], validate=False)
            except (binascii.Error, ValueError) as error:
                raise _wrong(file, f"has a {name} chunk that is not base64") from error
    raise _wrong(file, "is a picture without a card in it")


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, 2 * MAX_CARD)
    except zlib.error:
        return b""


def _from_archive(file: Path) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive, archive.open("card.json") as stream:
            return stream.read(MAX_CARD + 1)
    except KeyError as error:
        raise _wrong(file, "is an archive without a card.json") from error
    except _ZIP_ERRORS as error:
        raise _wrong(file, "is a damaged archive") from error
