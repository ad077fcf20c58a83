"""What a player types, and what they perceive, to an Action, a Question or a Misunderstanding.

The grammar is the verbs' own (`Verb.words`, `grammar`, `phrases`); this module knows no verb. A
line is read by every pattern that fits; the best reading is one that the rules allow. Whatever a
line leaves open is assumed and announced when there is one possibility, and asked for when there
are several.
"""

from __future__ import annotations

from collections.abc import Iterator

from game.engine.events import Action
from game.engine.model import State
from game.engine.parsing import replies
from game.engine.parsing.lost import Lost
from game.engine.parsing.memory import ParserMemory, Pending
from game.engine.parsing.names import labels, listed
from game.engine.parsing.nearest import (
    complete,
)
from game.engine.parsing.nouns import NounReader, narrow
from game.engine.parsing.parsed import Command, Misunderstanding, Parsed, Question
from game.engine.parsing.reading import ASKS, DOES, REFUSED, UNKNOWN, Reader, Reading, unquoted
from game.engine.parsing.rewording import Rewording, rewordings, steps, way_back
from game.engine.parsing.steps import first_step
from game.engine.parsing.words import (
    EVERYTHING,
    FLUFF_AFTER,
    FLUFF_BEFORE,
    LONGEST_LINE,
    PEOPLE,
    SEPARATORS,
    STOPS,
    YES,
    Token,
    tokens_of,
)
from game.engine.rules import canonical
from game.engine.scope import Scope, scope_of
from game.engine.verbs import DECLINED, VERBS

__all__ = [
    "Command", "Misunderstanding", "Parsed", "ParserMemory", "Question", "complete", "parse",
]  # fmt: skip

#: Places at which a line of several commands is tried to be divided.
MOST_DIVISIONS = 12
_ASKING = frozenset(DECLINED["question"].words)
#: Words of a question that is put to whoever is here.
_COMPANY = frozenset(("you", "your", "yours", *PEOPLE))


def parse(state: State, actor: str, text: str, *, memory: ParserMemory | None = None) -> Parsed:
    """What `text` means to `actor` here and now. Never raises, whatever the text; never acts."""
    memory = ParserMemory() if memory is None else memory
    line = _Line(scope_of(state, actor), text, memory)
    memory.arrive(line.scope.room)
    pending, memory.pending = memory.pending, None
    suggestion, memory.suggestion = memory.suggestion, ""
    words = line.words
    if not words:
        memory.pending = pending
        return Misunderstanding(replies.SAY_SOMETHING)
    if suggestion and len(words) == 1 and words[0] in YES:
        return parse(state, actor, suggestion, memory=memory)
    parsed = line.answered(pending) if pending else None
    if parsed is None:
        parsed = line.understood()
        if pending and isinstance(parsed, Misunderstanding) and pending.before:
            whole = _Line(line.scope, f"{pending.before} {text} {pending.after}", memory)
            completed = whole.parsed()
            if not isinstance(completed, Misunderstanding):
                parsed = completed
    if isinstance(parsed, Command):
        memory.notice(line.scope, parsed.action)
    elif isinstance(parsed, Misunderstanding):
        memory.suggestion = parsed.suggestion
    return parsed


class _Line:
    """One line being parsed."""

    def __init__(self, scope: Scope, text: str, memory: ParserMemory) -> None:
        self.scope = scope
        self.memory = memory
        self.text = text[:LONGEST_LINE]
        self.tokens: list[Token] = tokens_of(self.text)
        self.reader = Reader(scope, NounReader(scope, self.tokens, memory), self.text)

    @property
    def words(self) -> list[str]:
        return [t.word for t in self.tokens if t.is_word]

    def understood(self) -> Parsed:
        """What the line means; put another way if it means nothing as it stands."""
        walked = steps(self.tokens)
        back = way_back(self.scope, self.tokens, self.memory.before)
        if walked:
            return self._reworded(Rewording(". ".join(walked)))
        if back is not None:
            return self._reworded(Rewording(back)) if back else Misunderstanding(replies.NO_BACK)
        parsed = self.parsed()
        if not isinstance(parsed, Misunderstanding) and not self._asks_somebody(parsed):
            return parsed
        if isinstance(parsed, Command):
            return self._reworded(Rewording(f"say {self.text.strip()}"))
        for rewording in rewordings(self.reader.nouns, self.text):
            other = self._reworded(rewording)
            if not isinstance(other, Misunderstanding):
                return other
        return parsed

    def _asks_somebody(self, parsed: Parsed) -> bool:
        """Whether the line is a question to whoever is here."""
        if not isinstance(parsed, Command) or self.words[0] not in _ASKING:
            return False
        if parsed.action.verb != "question" and parsed.action != Action(
            "examine", self.scope.actor
        ):
            return False
        return bool(self.scope.here) and not _COMPANY.isdisjoint(self.words)

    def _reworded(self, rewording: Rewording) -> Parsed:
        parsed = _Line(self.scope, rewording.line, self.memory).parsed()
        if isinstance(parsed, Command):
            again = (canonical(self.scope.world, parsed.action),) * (rewording.times - 1)
            assumed = parsed.assumed or rewording.announced
            return Command(parsed.action, assumed, (*again, *parsed.then))
        return parsed

    def parsed(self) -> Parsed:
        end = len(self.tokens)
        reading, failed = self._read(0, end)
        if reading is not None:
            return self._outcome(reading)
        # "take this and that then go" ends at "then", unless what is before it is no command.
        places = [n for n in range(1, end) if self.tokens[n].word in SEPARATORS]
        divisions = sorted(places, key=lambda n: (self.tokens[n].word not in STOPS, n))
        for n in divisions[:MOST_DIVISIONS]:
            reading, _ = self._read(0, n)
            if reading is not None and not reading.pattern.verb.speech:
                rest = self.text[self.tokens[n].end :].strip()
                return self._outcome(reading, (rest,) if tokens_of(rest) else ())
        return self._lost(failed)

    def _read(self, start: int, end: int) -> tuple[Reading | None, Reading | None]:
        """The best reading with or without polite words around it, and the best failure."""
        failed = None
        for a, b in self._trims(start, end):
            reading = self.reader.best(a, b)
            if reading is not None and reading.kind != UNKNOWN:
                return reading, None
            if reading is not None and not reading.pattern.headless:
                failed = failed or reading
        return None, failed

    def _trims(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The range as it is, then without what is merely polite before it, after it, and both."""
        yield start, end
        words = [t.word for t in self.tokens]
        while end > start and not self.tokens[end - 1].is_word:
            end -= 1
        first, last = start, end
        for _ in range(4):
            gone = next(
                (p for p in FLUFF_BEFORE if tuple(words[first : first + len(p)]) == p), None
            )
            if gone is None or first + len(gone) >= end:
                break
            first += len(gone)
            if words[first] == ",":
                first += 1
            yield first, end
        for _ in range(2):
            gone = next((p for p in FLUFF_AFTER if tuple(words[last - len(p) : last]) == p), None)
            if gone is None or last - len(gone) <= first:
                break
            last -= len(gone)
            while last > first and not self.tokens[last - 1].is_word:
                last -= 1
            if last == first:
                break
            yield first, last

    # -- what a reading comes to --------------------------------------------------------------

    def _outcome(self, reading: Reading, rest: tuple[str, ...] = ()) -> Parsed:
        if reading.kind == ASKS:
            return self._question(reading, rest)
        if not reading.actions:
            return Misunderstanding(f"There is nothing here to {reading.pattern.said}.")
        scope = self.scope
        action, *more = reading.actions
        several = dict.fromkeys(a.noun for a in reading.actions if a.noun in scope.world.items)
        then = (*(canonical(scope.world, a) for a in more), *rest)
        if len(several) > 1:
            self.memory.them = " ".join(str(id) for id in several)
        if reading.kind == DOES:
            return Command(action, replies.assumed(self.scope, reading), then)
        reason = reading.reason
        step = first_step(self.scope, action, reason) if reason else None
        if step is not None:
            first, announcement = step
            return Command(first, announcement, (canonical(scope.world, action), *then))
        if reason is not None and reason.code == "no_noun":
            return Misunderstanding(f"There is nothing here to {reading.pattern.said}.")
        return Command(action, "", then)

    def _question(self, reading: Reading, rest: tuple[str, ...]) -> Question:
        if reading.slot == "text":
            return self._what_to_say(reading.actions[0], rest)
        ids = replies.slot_ids(reading)
        index = 1 if reading.slot == "noun" else 2
        said, before, after = "", f"{reading.pattern.said}", ""
        if reading.slot in reading.cut:
            start, end = reading.cut[reading.slot]
            said = " ".join(self.reader.nouns.read(start, end).said)
            before = self.text[: self.tokens[start].start].strip()
            after = self.text[self.tokens[end - 1].end :].strip()
        elif reading.slot == "second" and reading.actions[0].noun:
            noun = replies.choice_name(self.scope, reading.actions[0].noun)
            before = f"{before} {noun} {replies.joint(self.scope, reading.actions[0])}"
        choices = {id: next(a for a in reading.actions if a[index] == id) for id in ids}
        self.memory.pending = Pending(choices, reading.slot, before, after, rest)
        return Question(
            replies.question(self.scope, reading, said),
            tuple(replies.choice_name(self.scope, id) for id in ids),
        )

    # -- answers ------------------------------------------------------------------------------

    def answered(self, pending: Pending) -> Parsed | None:
        """The line as an answer; None when it is none, and so a new command."""
        if pending.slot == "text":
            if self._is_command():
                return None
            action = pending.choices[""]
            said = unquoted(self.text.strip()) or self.text.strip()
            return Command(action._replace(text=said), "", pending.then)
        words = tuple(self.words)
        ids = [id for id in pending.choices if self._is_present(id)]
        found = ids if words[0] in EVERYTHING and len(words) == 1 else []
        found = found or narrow(self.reader.nouns, words, ids)
        actions = [pending.choices[id] for id in found]
        if len(found) == 1 or (found and found == ids and words[0] in EVERYTHING):
            if VERBS[actions[0].verb].speech and not actions[0].text:
                return self._what_to_say(actions[0], pending.then)
            more = (canonical(self.scope.world, a) for a in actions[1:])
            return Command(actions[0], "", (*more, *pending.then))
        if len(found) > 1 and self.reader.best(0, len(self.tokens)) is None:
            names = labels(self.scope, found)
            self.memory.pending = Pending(
                {id: pending.choices[id] for id in found},
                pending.slot,
                pending.before,
                pending.after,
                pending.then,
            )
            choices = tuple(replies.choice_name(self.scope, id) for id in found)
            return Question(f"Which, {listed(names)}?", choices)
        return None

    def _is_command(self) -> bool:
        """Whether words that may be speech are a command nevertheless: more than a greeting."""
        reading = self.reader.best(0, len(self.tokens))
        if reading is None or self.tokens[-1].word == "?":
            return False
        pattern = reading.pattern
        if pattern.spoken and not pattern.headless:  # "ask about the ring"
            return reading.kind in (ASKS, DOES)
        by_name = self.tokens[0].word == tokens_of(pattern.said)[0].word
        commands = by_name or not pattern.verb.speech or "noun" in reading.cut
        return commands and reading.kind == DOES

    def _what_to_say(self, action: Action, then: tuple[str, ...]) -> Question:
        self.memory.pending = Pending({"": action}, "text", then=then)
        return Question(replies.say_what(self.scope, action, VERBS[action.verb].words[0]))

    def _is_present(self, id: str) -> bool:
        return id in self.reader.nouns.seen or any(e.id == id for e in self.scope.exits)

    # -- misunderstandings --------------------------------------------------------------------

    def _lost(self, failed: Reading | None) -> Misunderstanding:
        return Lost(self.scope, self.text, self.tokens, self.reader, self._works).because(failed)

    def _works(self, words: list[str]) -> str:
        """The command that the words are, in its own words; "" when it would not work."""
        corrected = _Line(self.scope, " ".join(words), self.memory)
        reading, _ = corrected._read(0, len(corrected.tokens))
        if reading is None or reading.kind == REFUSED:
            return ""
        if reading.kind == ASKS or len(reading.actions) > 1:
            return corrected.text
        return canonical(self.scope.world, reading.actions[0])
