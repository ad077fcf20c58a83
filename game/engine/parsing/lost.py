"""Why nothing can be made of a line, and the nearest thing that would work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from game.engine.parsing import replies
from game.engine.parsing.names import the
from game.engine.parsing.nearest import is_known, mentioned, nearest_command, respelt
from game.engine.parsing.parsed import Misunderstanding
from game.engine.parsing.patterns import grammar
from game.engine.parsing.reading import DOES, REFUSED, Reader, Reading
from game.engine.parsing.words import EVERYTHING, ORDINARY, PEOPLE, PRONOUNS, WAYS, Token
from game.engine.rules import canonical
from game.engine.scope import Scope

#: The longest beginning, in tokens, that is tried as a command when the whole line is none.
LONGEST_START = 12


class Lost:
    """A line that means nothing to `reader`; `works` gives the command that words would be."""

    def __init__(
        self,
        scope: Scope,
        text: str,
        tokens: Sequence[Token],
        reader: Reader,
        works: Callable[[list[str]], str],
    ) -> None:
        self.scope = scope
        self.text = text
        self.tokens = tokens
        self.reader = reader
        self.nouns = reader.nouns
        self.works = works

    @property
    def words(self) -> list[str]:
        return [t.word for t in self.tokens if t.is_word]

    def because(self, failed: Reading | None) -> Misunderstanding:
        """Why nothing can be made of the line, and the nearest thing that would work."""
        scope, tokens = self.scope, self.tokens
        first = next(n for n, t in enumerate(tokens) if t.is_word)
        if tuple(self.words) in WAYS:
            return Misunderstanding(replies.no_way(scope))
        if failed is not None and failed.unknown is not None:
            start, end = failed.unknown
            strange = self._strange(start, end)
            if strange is not None:
                return self._strange_word(strange, first)
            said = " ".join(t.word for t in self.tokens[start:end] if t.is_word)
            beyond = None if replies.is_name(scope, said) else self._too_much(first, named=True)
            return beyond or self._not_here(failed, start, end)
        if tokens[first].word not in grammar().by_word:
            named = replies.is_called(scope, tokens[first].word)
            if named and not self.nouns.read(first, first + 1).one:
                return Misunderstanding(replies.nobody(scope, (tokens[first].word,)))
            strange = self._strange(first, first + 1) or self._strange(first, len(tokens))
            if strange is not None:
                return self._strange_word(strange, first)
            thing = self.nouns.read(first, len(tokens)).one
            if thing:
                id = next(iter(thing))
                name = replies.choice_name(scope, id)
                return self._suggest(
                    f"What do you want to do with {the(scope, id)}?", f"examine {name}"
                )
            word = self._as_typed(first)
            return self._suggest(
                f'I don\'t know how to "{word}".', nearest_command(scope, self.text), word
            )
        beyond = self._too_much(first)
        if beyond is not None:
            return beyond
        strange = self._strange(first, len(tokens))
        if strange is not None:
            return self._strange_word(strange, first)
        word = self._as_typed(first)
        near = nearest_command(scope, self.text)
        return self._suggest(f'I don\'t understand that use of "{word}".', near, word)

    def _too_much(self, first: int, named: bool = False) -> Misunderstanding | None:
        """The line begins as a command (that names a thing, if `named`) and goes on as none."""
        scope = self.scope
        for n in range(min(len(self.tokens) - 1, first + LONGEST_START), first, -1):
            reading = self.reader.best(first, n)
            if reading is not None and reading.kind in (REFUSED, DOES) and reading.actions:
                action = reading.actions[0]
                if len(reading.actions) > 1 or (action.noun is None and reading.slot):
                    continue
                if named and (action.noun is None or reading.filled or not reading.cut):
                    continue
                rest = self.text[self.tokens[n].start :].strip(" .!?")
                done = canonical(scope.world, action)
                if reading.kind == DOES:
                    return self._suggest(f'I understood "{done}", but not "{rest}".', done)
                return Misunderstanding(f'I understood "{done}", but not "{rest}".')
        return None

    def _not_here(self, failed: Reading, start: int, end: int) -> Misunderstanding:
        scope, nouns = self.scope, self.nouns
        if failed.pattern.verb.noun_kind == "exit":
            said = tuple(t.word for t in self.tokens[start:end] if t.is_word)
            if nouns.is_here(said):
                return Misunderstanding("You are there already.")
            return Misunderstanding(replies.no_way(scope))
        said = tuple(t.word for t in self.tokens[start:end] if t.is_word)
        ways = [id for id in nouns.read(start, end, ways=True).one if id in scope.world.exits]
        if ways:
            return self._suggest(replies.ONLY_A_WAY, f"go {scope.world.exits[ways[0]].name}")
        if len(said) == 1 and said[0] in PRONOUNS:
            return Misunderstanding(replies.no_such_pronoun(said[0]))
        person = failed.pattern.verb.noun_kind == "person"
        if person and scope.here and said and said[0] in (*PEOPLE, *EVERYTHING):
            return Misunderstanding(replies.one_at_a_time(scope))
        if not scope.lit:
            return Misunderstanding(replies.TOO_DARK)
        told = replies.nobody(scope, said)
        scenery = self._scenery(start, end) if told == replies.NOBODY else None
        if scenery:
            return scenery
        if tuple(said) in WAYS:
            return Misunderstanding(replies.NOTHING_THAT_WAY)
        if told == replies.NOBODY and not person:
            told = replies.NOT_SEEN
        return self._suggest(told, self._corrected())

    def _strange(self, start: int, end: int) -> int | None:
        """The first token that is no word of the parser's or of the world's."""
        for n in range(start, min(end, len(self.tokens))):
            if self.tokens[n].is_word and not is_known(self.scope, self.tokens[n].word):
                return n
        return None

    def _strange_word(self, at: int, first: int) -> Misunderstanding:
        word = self._as_typed(at)
        scenery = self._scenery(at, len(self.tokens)) if at != first else None
        if scenery:
            return replace(scenery, word=word)
        near = self._corrected() or (nearest_command(self.scope, self.text) if at == first else "")
        return self._suggest(replies.unknown_word(word), near, word)

    def _scenery(self, start: int, end: int) -> Misunderstanding | None:
        """What to say of words that name nothing, but what the room's texts or every room has."""
        nouns = self.nouns
        words = [n for n in range(start, end) if self.tokens[n].is_word]
        words = [n for n in words if not nouns.read(n, n + 1).groups]
        seen = [n for n in words if mentioned(self.scope, self.tokens[n].word)]
        if seen:
            return Misunderstanding(replies.only_scenery(self._as_typed(seen[-1])))
        if words and self.tokens[words[-1]].word in ORDINARY and self.scope.lit:
            return Misunderstanding(replies.ordinary(self._as_typed(words[-1])))
        return None

    def _as_typed(self, at: int) -> str:
        return self.text[self.tokens[at].start : self.tokens[at].end][:40]

    def _suggest(self, text: str, near: str, word: str = "") -> Misunderstanding:
        if near:
            text += f' Did you mean "{near}"?' if word else f' Try "{near}".'
        return Misunderstanding(text, word, near)

    def _corrected(self) -> str:
        """The command that the line would be with its strange words spelt like known ones."""
        likeliest, second, changed = [], [], False
        first = next(n for n, t in enumerate(self.tokens) if t.is_word)
        for n, token in enumerate(self.tokens[:12]):
            near = []
            if token.is_word and not is_known(self.scope, token.word):
                near = respelt(self.scope, token.word, n == first)
            likeliest.append(near[0] if near else token.word)
            second.append(near[-1] if near else token.word)
            changed = changed or bool(near)
        if not changed:
            return ""
        return self.works(likeliest) or (self.works(second) if second != likeliest else "")
