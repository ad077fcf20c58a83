"""One command's words to the action they mean: every pattern is tried, the best reading wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from game.engine.events import Action, Reason
from game.engine.parsing.lexicon import ADJECTIVE, HEAD, lexicon
from game.engine.parsing.names import the
from game.engine.parsing.nouns import Grades, NounReader, Phrase
from game.engine.parsing.patterns import Cut, Pattern, grammar
from game.engine.parsing.steps import first_step
from game.engine.parsing.words import ARTICLES, Token, words_of
from game.engine.scope import Scope
from game.engine.verbs.base import Verb

#: Pairs of noun and second that are tried for one reading.
MOST_PAIRS = 400

#: What a reading comes to: nothing it names is perceived; the rules refuse it; the parser must ask;
#: it can be done.
UNKNOWN, REFUSED, ASKS, DOES = 0, 1, 2, 3

Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the words.

    `actions` is the action, or several to be done in turn, or the ones to choose between when
    `kind` is ASKS and `slot` says which part is open. `filled` names the slots that the player left
    open and the parser chose. `unknown` is the range of tokens that names nothing perceived, and
    `reason` why the rules refuse.
    """

    kind: int
    pattern: Pattern
    cut: Cut
    actions: tuple[Action, ...] = ()
    slot: str = ""
    filled: frozenset[str] = frozenset()
    unknown: tuple[int, int] | None = None
    reason: Reason | None = None
    grade: int = 0

    @property
    def rank(self) -> tuple[int, ...]:
        """How good the reading is: what it comes to, then how exactly it follows the words."""
        nouns = sum(end - start for slot, (start, end) in self.cut.items() if slot != "text")
        return (
            self.kind >= ASKS,
            self.kind > UNKNOWN,
            # Of failures, one that begins with a verb; of the others, a whole command.
            not (self.pattern.cut_short if self.kind > UNKNOWN else self.pattern.headless),
            self.kind,
            self.pattern.weight,
            nouns if self.kind > UNKNOWN else -nouns,
            self.grade,
        )


@dataclass(slots=True)
class Reader:
    """Reads commands for one actor in one state."""

    scope: Scope
    nouns: NounReader
    line: str
    tokens: Sequence[Token] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.nouns.tokens

    def best(self, start: int, end: int) -> Reading | None:
        """The best reading of the tokens from `start` up to `end`; None when no verb fits."""
        tokens = self.tokens[start:end]
        if not tokens:
            return None
        best: Reading | None = None
        for pattern in grammar().patterns(tokens[0].word):
            for cut in pattern.cuts(tokens):
                moved = {slot: (a + start, b + start) for slot, (a, b) in cut.items()}
                reading = self._read(pattern, moved, end)
                if reading is not None and (best is None or reading.rank > best.rank):
                    best = reading
        return best

    def _with_article(self, said: str) -> str:
        """ "the key" for "key", if that is a thing of the world; anything else as it is."""
        words = words_of(said)
        matches = lexicon(self.scope.world).matches(words)
        things = any(id in self.scope.world.items for id in matches)
        return f"the {said}" if things and words[0] not in ARTICLES else said

    def _read(self, pattern: Pattern, cut: Cut, end: int) -> Reading | None:
        verb = pattern.verb
        text = None
        if "text" in cut:
            text = self._speech(*cut["text"], end)
            if not text:
                return None
            if pattern.spoken:
                said = text.rstrip(" .?!")
                text = pattern.spoken.replace("{text}", said)
                text = text.replace("{thing}", self._with_article(said))
        elif verb.speech:
            text = None if pattern.cut_short else pattern.spoken or verb.default_text or None
        phrases: dict[str, Phrase] = {}
        for slot, kind in (("noun", verb.noun_kind), ("second", verb.second_kind)):
            if slot in cut:
                ways, things = kind in ("exit", "any"), kind != "exit"
                phrase = self.nouns.read(*cut[slot], ways=ways, things=things)
                if not phrase.groups:
                    return Reading(UNKNOWN, pattern, cut, unknown=cut[slot])
                phrases[slot] = phrase
        second = phrases.get("second")
        if second is not None and len(second.groups) > 1:
            return None
        if verb.speech and not text and not ("noun" in verb_slots(verb) and "noun" not in phrases):
            return self._speechless(pattern, cut, phrases.get("noun"))
        seconds = second.one if second else None
        noun = phrases.get("noun")
        if noun is not None and (noun.every or len(noun.groups) > 1):
            return self._several(pattern, cut, noun, seconds, text)
        return self._one(pattern, cut, noun.one if noun else None, seconds, text)

    def _speech(self, start: int, stop: int, end: int) -> str:
        """The words spoken, as typed: without the quotation marks around them."""
        first = self.tokens[start - 1].end if start else 0
        last = self.tokens[stop].start if stop < len(self.tokens) else len(self.line)
        text = self.line[first:last].strip()
        if text[:1] in (",", ":") and text[1:2].isspace():
            text = text[1:].strip()
        inner = unquoted(text)
        if inner is None and stop < end:
            return ""
        if inner is None:
            return text[1:].strip() if text[:1] in ('"', "“") else text
        return inner

    def _speechless(self, pattern: Pattern, cut: Cut, noun: Phrase | None) -> Reading:
        """Somebody to speak to, or nobody, and nothing said yet."""
        listeners = list(noun.one) if noun else [None]
        if not listeners:  # "whisper everything"
            return Reading(UNKNOWN, pattern, cut, unknown=cut["noun"])
        check = pattern.verb.check
        able = [who for who in listeners if check(self.scope, who, None) is None]
        if not able:
            reason = check(self.scope, listeners[0], None)
            action = Action(pattern.verb.name, listeners[0])
            return Reading(REFUSED, pattern, cut, (action,), reason=reason)
        actions = tuple(Action(pattern.verb.name, who) for who in able)
        return Reading(ASKS, pattern, cut, actions, "noun" if len(able) > 1 else "text")

    # -- one action ---------------------------------------------------------------------------

    def _one(
        self,
        pattern: Pattern,
        cut: Cut,
        nouns: Grades | None,
        seconds: Grades | None,
        text: str | None,
    ) -> Reading:
        verb, scope = pattern.verb, self.scope

        def grade(pair: Pair) -> int:
            n, s = pair
            first = nouns[n] if nouns and n is not None else 0
            return first + (seconds[s] if seconds and s is not None else 0)

        product = ((n, s) for n in (nouns or (None,)) for s in (seconds or (None,)))
        pairs: list[Pair] = list(islice(product, MOST_PAIRS))
        allowed = [p for p in pairs if verb.check(scope, *p) is None]
        fills: list[Pair] = []
        if nouns is None or seconds is None:
            # Each thing the verb cannot be done to alone may be done with or from something.
            done = {n if nouns is not None else s for n, s in allowed}
            fills = [
                p
                for p in verb.candidates(scope)
                if _fits(p, nouns, seconds) and (p[0] if nouns is not None else p[1]) not in done
            ]
            if not (nouns is None and allowed):
                allowed += [p for p in fills if verb.check(scope, *p) is None]
        if allowed:
            best = self._best(allowed, grade)
            filled = frozenset(
                slot
                for slot, given, value in zip(
                    ("noun", "second"), (nouns, seconds), best[0], strict=True
                )
                if value is not None and (given is None or self._narrowed(given))
            )
            actions = tuple(Action(verb.name, n, s, text) for n, s in best)
            if len(best) > 1:
                return _which(pattern, cut, actions, filled, grade(best[0]))
            if verb.speech and not text:
                return Reading(ASKS, pattern, cut, actions, "text")
            return Reading(DOES, pattern, cut, actions, "", filled, grade=grade(best[0]))
        if nouns is None and not fills and verb_slots(verb) and "noun" not in cut:
            # Nothing to do it to, as far as the words go: the slot is asked for, without choices.
            if pattern.cut_short and seconds is not None:
                return Reading(UNKNOWN, pattern, cut, unknown=cut["second"])
            reason = verb.check(scope, None, next(iter(seconds or (None,))))
            kind = ASKS if pattern.cut_short and reason and reason.code == "no_noun" else REFUSED
            action = Action(verb.name, None, next(iter(seconds or (None,))), text)
            return Reading(kind, pattern, cut, (action,), "noun", reason=reason)
        return self._refused(pattern, cut, fills or pairs, grade, text)

    def _narrowed(self, given: Grades) -> bool:
        """Whether the words fit things of different names equally well, and the rules decided."""
        top = max(given.values())
        return len({the(self.scope, id) for id, grade in given.items() if grade == top}) > 1

    def _refused(
        self,
        pattern: Pattern,
        cut: Cut,
        pairs: Sequence[Pair],
        grade: Callable[[Pair], int],
        text: str | None,
    ) -> Reading:
        """The likeliest of the things that cannot be done, so that the rules say why."""
        verb, scope = pattern.verb, self.scope
        suits = [p for p in pairs if self._suits(verb.noun_kind, p[0])] or list(pairs)
        best = self._best(suits, grade)
        refused = [(Action(verb.name, *p, text), verb.check(scope, *p)) for p in best]
        mendable = [(a, r) for a, r in refused if r is not None and first_step(scope, a, r)]
        if len(mendable) > 1:
            actions = tuple(a for a, _ in mendable)
            return _which(pattern, cut, actions, frozenset(), grade(best[0]))
        action, reason = (mendable or refused)[0]
        return Reading(REFUSED, pattern, cut, (action,), reason=reason, grade=grade(best[0]))

    def _suits(self, kind: str, id: str | None) -> bool:
        if kind == "held":
            return id in self.scope.carried
        if kind == "person":
            return id in self.scope.world.characters
        return True

    def _best(self, pairs: Sequence[Pair], grade: Callable[[Pair], int]) -> list[Pair]:
        """The pairs between which the player's words do not decide."""
        top = max(grade(p) for p in pairs)
        return self._told_apart([p for p in pairs if grade(p) == top])

    def _told_apart(self, pairs: Sequence[Pair]) -> list[Pair]:
        """One of each that a player could tell apart: not two like scrolls in one place."""
        world, parent = self.scope.world, self.scope.state.parent
        kept: dict[tuple[object, ...], Pair] = {}
        for pair in pairs:
            key: list[tuple[str | None, str | None]] = []
            for id in pair:
                if id in world.exits:
                    key.append(("way", world.exits[str(id)].to))
                elif id in world.items:
                    key.append((world.items[str(id)].name, parent.get(str(id))))
                else:
                    key.append((id, None))
            kept.setdefault(tuple(key), pair)
        return list(kept.values())

    # -- several actions ----------------------------------------------------------------------

    def _several(
        self,
        pattern: Pattern,
        cut: Cut,
        noun: Phrase,
        seconds: Grades | None,
        text: str | None,
    ) -> Reading | None:
        if pattern.verb.speech or pattern.verb.noun_kind == "exit":
            return Reading(UNKNOWN, pattern, cut, unknown=cut["noun"])
        done: list[Action] = []
        refused: list[Reading] = []
        if noun.every:
            ids = self._all(pattern.verb, noun, seconds)
            groups: Iterable[Grades] = ({id: HEAD} for id in ids)
        else:
            groups = noun.groups
        for group in groups:
            one = self._one(pattern, cut, group, seconds, text)
            if one.kind == ASKS:
                return one
            if one.kind == DOES:
                done += one.actions
            elif not (noun.every and noun.anything):
                refused.append(one)
        if noun.count is not None:
            done = done[: noun.count]
        if not done and noun.one:
            return self._one(pattern, cut, noun.one, seconds, text)
        if not done:
            return refused[0] if refused else replace(_nothing(pattern, cut), slot="noun")
        # What can be done comes first: a refusal ends the rest of a line.
        if not noun.every:
            done += [a for r in refused for a in r.actions]
        return Reading(DOES, pattern, cut, tuple(dict.fromkeys(done)), grade=ADJECTIVE)

    def _all(self, verb: Verb, noun: Phrase, seconds: Grades | None) -> list[str]:
        """What "all" means to a verb: all it could be done to now, inside one's own bags aside."""
        scope = self.scope
        found: dict[str, None] = {}
        own = set() if seconds else set(scope.inner)
        wanted = noun.one if noun.one else None
        for n, s in verb.candidates(scope):
            if (
                n is None
                or n in noun.besides
                or n in own
                or (wanted is not None and n not in wanted)
            ):
                continue
            if (seconds is None or s in seconds) and verb.check(scope, n, s) is None:
                found[n] = None
        parent = scope.state.parent
        return [n for n in found if parent.get(n) not in found]


def _which(
    pattern: Pattern, cut: Cut, actions: tuple[Action, ...], filled: frozenset[str], grade: int
) -> Reading:
    slot = "noun" if len({a.noun for a in actions}) > 1 else "second"
    return Reading(ASKS, pattern, cut, actions, slot, filled, grade=grade)


def _nothing(pattern: Pattern, cut: Cut) -> Reading:
    return Reading(REFUSED, pattern, cut, ())


def _fits(pair: Pair, nouns: Grades | None, seconds: Grades | None) -> bool:
    return (nouns is None or pair[0] in nouns) and (seconds is None or pair[1] in seconds)


def verb_slots(verb: Verb) -> frozenset[str]:
    """Which of "noun", "second" and "text" the verb's grammar has."""
    return frozenset(s for s in ("noun", "second", "text") if any(s in g for g in verb.grammar))


def unquoted(text: str) -> str | None:
    """The text without one pair of quotation marks around it; None when marks are left open."""
    for opening, closing in (
        ('"', '"'),
        ("“", "”"),
        ("«", "»"),
        ("„", "“"),
        ("'", "'"),
        ("‘", "’"),
    ):
        if text.startswith(opening):
            inner = text[1:]
            if inner.endswith(closing):
                inner = inner[:-1]
                if closing not in inner:
                    return inner.strip()
            elif closing not in inner and opening != "'":
                return None
    marks = text.count('"')
    return None if marks % 2 else text
