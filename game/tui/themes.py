"""The app's own colour themes. Every text in every one of them has a contrast of 4.5:1 or more."""

from __future__ import annotations

from textual.theme import Theme

EVENING = Theme(
    name="evening",
    primary="#c6d57e",
    secondary="#8fb8c9",
    accent="#e0bd84",
    foreground="#d8d3c6",
    background="#15171c",
    surface="#1c1f26",
    panel="#23272f",
    success="#9ccc78",
    warning="#e5a86b",
    error="#e8908c",
    dark=True,
    variables={"quiet": "#a09c93", "faint": "#918e86", "mark": "#74726c", "select": "#2d323c"},
)
MATINEE = Theme(
    name="matinee",
    primary="#4d5c0e",
    secondary="#2a5a72",
    accent="#7a4e0e",
    foreground="#2c2a26",
    background="#f6f3ea",
    surface="#ebe6d8",
    panel="#e0dac9",
    success="#2f661a",
    warning="#8a4f10",
    error="#9c2f2f",
    dark=False,
    variables={"quiet": "#57534b", "faint": "#625e55", "mark": "#7d776a", "select": "#d3ccb8"},
)
BLACKOUT = Theme(
    name="blackout",
    primary="#ffff00",
    secondary="#7fdfff",
    accent="#ffd479",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    success="#7dff7d",
    warning="#ffb86b",
    error="#ff9d9d",
    dark=True,
    variables={"quiet": "#e0e0e0", "faint": "#d0d0d0", "mark": "#b0b0b0", "select": "#003a5c"},
)
PROGRAMME = Theme(
    name="programme",
    primary="#00309c",
    secondary="#004a63",
    accent="#5c3000",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ececec",
    success="#004d00",
    warning="#6b3600",
    error="#8c0000",
    dark=False,
    variables={"quiet": "#262626", "faint": "#333333", "mark": "#595959", "select": "#cfe3ff"},
)
THEMES = {theme.name: theme for theme in (EVENING, MATINEE, BLACKOUT, PROGRAMME)}
