"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path`, in a folder that exists, for the block to write a file to.

    When the block ends that file is on the disk and has taken the place of `path`; when the block
    or the disk fails it is gone, and what was at `path` still is. OSError.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Make `text` all that the file at `path` holds, in UTF-8. OSError."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
