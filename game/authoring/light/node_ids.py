"""LIGHT's node ids: the name in small letters and a number ("dusty rag_12")."""

from __future__ import annotations

import re


def derived_id(id: str, name: str) -> str:
    """The node id that our id (its words and number) and LIGHT's name tell."""
    number = re.search(r"_(\d+)$", id)
    return f"{name.lower()}_{number[1]}" if number else name.lower()
