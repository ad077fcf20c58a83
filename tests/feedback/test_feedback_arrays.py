"""Packed arrays give back what was put in, in the documented bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.feedback.arrays import (
    pack_floats,
    pack_ints,
    pack_support,
    unpack_floats,
    unpack_ints,
    unpack_support,
)

tokens = st.lists(st.integers(-(2**31), 2**31 - 1)).map(tuple)


@given(tokens)
def test_ints_round_trip(values: tuple[int, ...]) -> None:
    assert unpack_ints(pack_ints(values)) == values


@given(st.lists(st.floats(width=32, allow_nan=False)).map(tuple))
def test_float32_round_trips_exactly(values: tuple[float, ...]) -> None:
    assert unpack_floats(pack_floats(values)) == values


@given(st.none() | st.lists(st.none() | tokens).map(tuple))
def test_ragged_support_round_trips(support: tuple[tuple[int, ...] | None, ...] | None) -> None:
    assert unpack_support(*pack_support(support)) == support


def test_the_bytes_are_little_endian_and_four_each() -> None:
    assert pack_ints([1, -2]) == b"\x01\x00\x00\x00\xfe\xff\xff\xff"
    assert pack_floats([-0.5]) == struct.pack("<f", -0.5)
    assert pack_support([(7,), None, ()]) == (
        struct.pack("<3i", 1, -1, 0),
        struct.pack("<i", 7),
    )


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bits"):
        pack_ints([2**31])
    with pytest.raises(ValueError, match="32 bits"):
        pack_floats([1e300])
