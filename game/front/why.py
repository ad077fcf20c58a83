"""What is behind a telling: the events, what was sampled and judged, and a character's reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from game.engine.rules import canonical
from game.narrator.names import spoken_words

if TYPE_CHECKING:
    from game.acting.explanation import Explanation
    from game.engine.model import World
    from game.front.tellings import Told
    from game.narrator.context import Context

#: A titled part of a page: the title and its lines, each a sign ("✓", "✗" or "") and a text.
Section = tuple[str, list[tuple[str, str]]]


def why(told: Told, world: World) -> dict[str, Any]:
    """Everything behind the take that is shown, as plain JSON data.

    `sentences` holds every one that was sampled, in order, with the guard's verdict; `explanation`
    what a character's policy says of its decision (null for others).
    """
    telling = told.take.telling
    beat, cue = told.occasion.beat, told.occasion.cue
    explained = beat.why() if beat is not None and beat.why is not None else None
    sampler = None if telling.sampler is None else asdict(telling.sampler)
    if sampler is not None:
        sampler["seed"] = telling.seed
    return {
        "kind": told.kind,
        "speaker": telling.speaker,
        "turn": told.occasion.turn,
        "take": told.shown + 1,
        "takes": len(told.takes),
        "plain": telling.plain,
        "heard": spoken_words(world, cue.heard) if cue is not None else None,
        "events": [event.as_dict() for event in beat.events] if beat is not None else [],
        "source": telling.source,
        "sampled": telling.sampled,
        "edit": told.take.edit,
        "generation": telling.generation,
        "adapter": telling.adapter,
        "sampler": sampler,
        "seconds": round(telling.seconds, 3),
        "sentences": [judged.as_dict() for judged in telling.judged],
        "explanation": None if explained is None else _explanation(explained, world),
    }


def _explanation(explained: Explanation, world: World) -> dict[str, Any]:
    return {
        "policy": explained.policy,
        "role": explained.role,
        "aims": explained.aims,
        "options": [
            {
                "action": canonical(world, option.action),
                "probability": round(option.probability, 4),
                "reason": option.reason,
                "reward": None if option.reward is None else round(option.reward, 3),
            }
            for option in explained.options
        ],
        "mix": {role: round(weight, 4) for role, weight in explained.mix.items()},
        "attention": {role: round(share, 4) for role, share in explained.attention.items()},
        "hope": None if explained.hope is None else round(explained.hope, 3),
    }


def why_sections(data: dict[str, Any]) -> Iterator[Section]:
    """The page of `why` for a reader."""
    facts = [("", line) for line in data["plain"].splitlines() if line.strip()]
    if data["heard"]:
        facts.insert(0, ("", f"You said: {data['heard']}"))
    yield "What happened", facts + [("", f"= {_event(event)}") for event in data["events"]]
    if data["explanation"]:
        yield "Why it was done", list(_reasons(data["explanation"]))
    yield "How it was told", [("", line) for line in _origin(data)]
    if data["sentences"]:
        yield (
            "What the guard said",
            [("✓" if s["ok"] else "✗", s["text"] + _verdict(s)) for s in data["sentences"]],
        )


def _event(event: dict[str, Any]) -> str:
    rest = (f"{name} {value}" for name, value in event.items() if name != "type")
    return " · ".join([event["type"], *rest])


def _reasons(explanation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    role = explanation["role"]
    if role:
        yield "", f"Role {role}: {explanation['aims']}".rstrip(": ")
    for option in explanation["options"]:
        reward = option["reward"]
        hope = "" if not reward else f", hoping for {reward:g}"
        yield "", f"{option['probability']:6.1%}  {option['action']}  ({option['reason']}{hope})"
    if len(explanation["mix"]) > 1:
        yield "", f"The mix: {_shares(explanation['mix'])}"
        yield "", f"Who speaks for the likeliest: {_shares(explanation['attention'])}"
    if explanation["hope"] is not None:
        yield "", f"Reward hoped for from here on: {explanation['hope']:g}"
    yield "", f"Policy: {explanation['policy']}"


def _shares(roles: dict[str, float]) -> str:
    return ", ".join(f"{share:.0%} {role}" for role, share in roles.items())


def _origin(data: dict[str, Any]) -> Iterator[str]:
    if data["takes"] > 1:
        yield f"Telling {data['take']} of {data['takes']}"
    if data["source"] == "plain":
        tried = " (nothing that was sampled passed)" if data["sentences"] else ""
        yield f"By the plain teller{tried}"
    else:
        yield f"By the model in {data['seconds']:.2f} s, adapter {data['adapter'] or 'none'}"
    sampler = data["sampler"]
    if sampler is not None:
        yield "Sampler: " + ", ".join(f"{name} {value}" for name, value in sampler.items())
    if data["edit"] is not None:
        yield f"The model's words: {data['sampled']}"
        yield f"Your words: {data['edit']}"
    if data["generation"] is not None:
        yield f"Generation {data['generation']} in feedback.db"


def _verdict(sentence: dict[str, Any]) -> str:
    if sentence["used"]:
        return "  (used)"
    if sentence["ok"]:
        return "  (passed, another was better)"
    return f"  ({sentence['rule']}: {sentence['detail']})"


def context_data(context: Context) -> dict[str, Any]:
    """The context as plain JSON data."""
    return {
        "window": context.window,
        "tokens": context.tokens,
        "parts": [asdict(part) for part in context.parts],
    }


def bar(share: float, width: int) -> str:
    """A bar `width` cells long of which `share` (0 to 1) is filled, in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width)


def context_lines(context: Context, width: int = 20) -> Iterator[str]:
    """A line a part: its name, its tokens as a bar and a number, its share of the window."""
    most = max((part.tokens for part in context.parts), default=1)
    for part in context.parts:
        share = part.tokens / context.window
        kept = "  kept" if part.kept else ""
        filled = bar(part.tokens / most, width)
        yield f"{part.name:<11} {filled} {part.tokens:>5}  {share:6.1%}{kept}"
    share = context.tokens / context.window
    yield f"{'together':<11} {'':<{width}} {context.tokens:>5}  {share:6.1%} of {context.window}"
