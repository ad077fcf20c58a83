"""Number lists as little-endian BLOBs: int32 token ids, float32 log-probs, ragged int32 lists.

Every element takes four bytes, so any reader gets a column back with
`numpy.frombuffer(blob, "<i4")` or `"<f4"`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

Support = tuple[tuple[int, ...] | None, ...]

_UNCUT = -1  # the count stored for a token whose support is None: nothing was cut


def pack_ints(values: Sequence[int]) -> bytes:
    """int32 little-endian; raises ValueError for what does not fit in 32 bits."""
    return _pack("i", values)


def unpack_ints(blob: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(blob) // 4}i", blob)


def pack_floats(values: Sequence[float]) -> bytes:
    """float32 little-endian: values are rounded to about seven significant digits."""
    return _pack("f", values)


def unpack_floats(blob: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(blob) // 4}f", blob)


def pack_support(support: Support | None) -> tuple[bytes | None, bytes | None]:
    """A ragged array as (counts, ids): one count per token, all ids end to end.

    A count of -1 stands for None (the whole vocabulary was kept for that token); (None, None)
    stands for no support at all.
    """
    if support is None:
        return None, None
    counts = [_UNCUT if kept is None else len(kept) for kept in support]
    ids = [token for kept in support if kept is not None for token in kept]
    return pack_ints(counts), pack_ints(ids)


def unpack_support(counts: bytes | None, ids: bytes | None) -> Support | None:
    if counts is None or ids is None:
        return None
    flat = unpack_ints(ids)
    rows: list[tuple[int, ...] | None] = []
    start = 0
    for count in unpack_ints(counts):
        if count == _UNCUT:
            rows.append(None)
            continue
        rows.append(flat[start : start + count])
        start += count
    return tuple(rows)


def _pack(code: str, values: Sequence[float]) -> bytes:
    try:
        return struct.pack(f"<{len(values)}{code}", *values)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"cannot be stored in 32 bits each: {error}") from error
