"""Breaking text into lines by terminal cells, keeping track of where each line came from."""

from __future__ import annotations

from rich.cells import cell_len, get_character_cell_size


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """The (start, end) offsets of each line of `text` at `width` cells.

    Lines break at spaces (which are dropped there) and at newlines; a longer word is cut. An empty
    paragraph is an empty line. `width` below 1 counts as 1.
    """
    width = max(1, width)
    lines: list[tuple[int, int]] = []
    start = 0
    for paragraph in text.split("\n"):
        lines.extend((start + a, start + b) for a, b in _wrap_paragraph(paragraph, width))
        start += len(paragraph) + 1
    return lines


def _wrap_paragraph(text: str, width: int) -> list[tuple[int, int]]:
    lines = []
    start = 0
    while cell_len(text[start:]) > width:
        end = _fitting(text, start, width)
        space = text.rfind(" ", start, end + 1)
        # Indentation is no place to break: the word after it would never come to fit.
        if space > start and text[start:space].strip():
            end = space
        lines.append((start, start + len(text[start:end].rstrip(" "))))
        start = end
        while start < len(text) and text[start] == " ":
            start += 1
    if start < len(text) or not lines:
        lines.append((start, len(text)))
    return lines


def _fitting(text: str, start: int, width: int) -> int:
    """The largest end for which text[start:end] fits in `width` cells; at least one character."""
    if text.isascii():
        return start + width
    used = 0
    for end in range(start, len(text)):
        used += get_character_cell_size(text[end])
        if used > width:
            return max(end, start + 1)
    return len(text)
