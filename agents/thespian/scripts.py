"""Decisions as plain JSON data: what the network saw, with ids in place of rows of the lexicon.

Rows are numbered as a game happens to load its worlds; ids stay, as long as the world's hash does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.thespian.encode import Encoder, Sample

#: Fields of a Sample that hold rows of the lexicon.
_ROWS = ("things", "rooms", "held", "heard", "last")
_FLOATS = ("about", "about_rooms", "near", "about_actions", "scalars")


def as_script(sample: Sample, choices: list[int], encoder: Encoder) -> dict[str, Any]:
    """A sample of `encoder` as JSON data; `choices` are the places of its actions among the
    admissible ones."""
    names = {row: f"={word}" for word, row in encoder.words.items()}
    names |= {row: id for id, row in encoder.rows.items()}
    data: dict[str, Any] = {"choices": choices, "here": sample.here}
    for field in Sample._fields:
        values: Any = getattr(sample, field)
        if field in _ROWS:
            data[field] = [names[row] for row in values.tolist()]
        elif field != "here":
            data[field] = np.round(values, 6).tolist()
    return data


def of_script(data: Mapping[str, Any], encoder: Encoder) -> Sample:
    """The sample that `as_script` wrote. Raises KeyError for what the world has no more."""
    fields: dict[str, Any] = {"here": data["here"]}
    for field in Sample._fields:
        if field in _ROWS:
            rows = [
                encoder.words[name[1:]] if name.startswith("=") else encoder.rows[name]
                for name in data[field]
            ]
            fields[field] = np.array(rows, np.int32)
        elif field in _FLOATS:
            fields[field] = np.array(data[field], np.float32)
        elif field != "here":
            fields[field] = np.array(data[field], np.int32)
    # Of an empty list the second dimension is lost.
    fields["near"] = fields["near"].reshape(len(fields["exits"]), len(fields["rooms"]))
    return Sample(**fields)
