"""What came of a conversion: what went over, what was only kept, and what could not be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Summary:
    """`carried` counts fields that went over ("agent.persona"), by name.

    `kept` are those that the other side has no equivalent for and that wait in `extra`, `lost`
    those that are not in the result at all, both with why; `notes` are single remarks.
    """

    counts: dict[str, int] = field(default_factory=dict)
    carried: Counter[str] = field(default_factory=Counter)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            **self.counts,
            "carried": dict(sorted(self.carried.items())),
            "kept": _listed(self.kept),
            "lost": _listed(self.lost),
            "notes": self.notes,
        }

    def lines(self) -> list[str]:
        counts = ", ".join(f"{n} {what}" for what, n in self.counts.items())
        told = [f"{counts}."]
        if self.carried:
            told.append(f"Carried: {', '.join(sorted(self.carried))}.")
        for title, some in (
            ("Kept for export, without effect in play", self.kept),
            ("Not carried", self.lost),
        ):
            if some:
                told.append(f"{title}:")
                told += [f"  {name} ({n}): {why}" for (name, why), n in sorted(some.items())]
        if self.notes:
            told += ["Notes:", *(f"  {note}" for note in self.notes)]
        return told


def _listed(some: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"field": name, "count": n, "why": why} for (name, why), n in sorted(some.items())]
