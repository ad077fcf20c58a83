"""LIGHT's node ids: the name in small letters and a number ("dusty rag_12")."""

from __future__ import annotations

import re


def derived_id(id: str, name: str) -> str | None:
    """The node id that the number in our id and LIGHT's name tell; None without a number."""
    number = re.search(r"_(\d+)$", id)
    return f"{name.lower()}_{number[1]}" if number else None
