"""The template mini-language of event types (see game.engine.events), parsed and rendered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from game.narrator.grammar import PRONOUNS, agree, capitalise, join, possessive, starts_sentence


@dataclass(frozen=True, slots=True)
class Phrase:
    """What stands in a field, in words: `person` is its pronoun's subject form.

    `plural` decides the verb ("you" and pronoun "they" included). `same_as` identifies what it
    refers to, so that a second mention as an object can become a reflexive.
    """

    definite: str
    indefinite: str
    person: str = "it"
    plural: bool = False
    same_as: object = None
    use_pronoun: bool = False


class Fields(Protocol):
    """Gives the phrases and raw values of an event's fields."""

    def phrase(self, name: str) -> Phrase | None:
        """The field as a noun phrase; None when the event does not have it."""
        ...

    def raw(self, name: str) -> str | None:
        """The field as text; None when the event does not have it."""
        ...


@dataclass(frozen=True, slots=True)
class _Noun:
    field: str
    form: str  # "the", "a", "'s", or a PRONOUNS column: "he", "him", "his", "self"


@dataclass(frozen=True, slots=True)
class _Raw:
    field: str


@dataclass(frozen=True, slots=True)
class _Verb:
    subject: str
    verb: str


@dataclass(frozen=True, slots=True)
class _Group:
    nodes: tuple[_Node, ...]

    @property
    def fields(self) -> set[str]:
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, _Noun | _Raw):
                found.add(node.field)
            elif isinstance(node, _Verb) and node.subject != "actor":
                found.add(node.subject)
        return found


_Node = str | _Noun | _Raw | _Verb | _Group

_NOUN_FIELDS = ("actor", "item", "target", "room", "to", "other")
_RAW_FIELDS = ("text", "amount", "manner", "exit", "reason", "verb", "arrival")
_COLUMNS = {"he": 0, "him": 1, "his": 2, "self": 3}
# In angle brackets a plural pronoun agrees like a verb: <item:them> is "it", "him" or "them".
_AGREEING = {"they": 0, "them": 1, "their": 2, "themselves": 3}
_TOKEN = re.compile(r"\{[^{}]*\}|<[^<>]*>|[()]|[^{}<>()]+")


class TemplateError(ValueError):
    """A template does not follow the mini-language."""


@lru_cache(maxsize=2048)
def parse(template: str) -> tuple[_Node, ...]:
    """The template as nodes; raises TemplateError naming what is wrong."""
    tokens = _TOKEN.findall(template)
    if "".join(tokens) != template:
        raise TemplateError(f"unbalanced braces or angle brackets in {template!r}")
    stack: list[list[_Node]] = [[]]
    for token in tokens:
        if token == "(":
            stack.append([])
        elif token == ")":
            if len(stack) == 1:
                raise TemplateError(f"a ) without its ( in {template!r}")
            group = _Group(tuple(stack.pop()))
            # Parentheses around plain words are only parentheses.
            stack[-1].extend([group] if group.fields else ["(", *group.nodes, ")"])
        elif token.startswith("{"):
            stack[-1].append(_parse_field(token[1:-1].strip(), template))
        elif token.startswith("<"):
            subject, colon, verb = token[1:-1].rpartition(":")
            if colon and subject not in _NOUN_FIELDS:
                raise TemplateError(f"unknown subject {subject!r} in {template!r}")
            stack[-1].append(_Verb(subject or "actor", verb.strip()))
        else:
            stack[-1].append(token)
    if len(stack) > 1:
        raise TemplateError(f"a ( without its ) in {template!r}")
    return tuple(stack[0])


def _parse_field(body: str, template: str) -> _Noun | _Raw:
    if body in _RAW_FIELDS:
        return _Raw(body)
    form = "the"
    if body.startswith(("a ", "an ", "the ")):
        article, _, body = body.partition(" ")
        form = "the" if article == "the" else "a"
    elif body.endswith("'s"):
        body, form = body[:-2], "'s"
    elif "." in body:
        body, _, form = body.partition(".")
        form = "him" if form == "her" else form
    if body not in _NOUN_FIELDS or (form not in ("the", "a", "'s") and form not in _COLUMNS):
        raise TemplateError(f"unknown field {{{body}}} ({form}) in {template!r}")
    return _Noun(body, form)


def render(template: str, fields: Fields) -> str:
    """`template` in words. Raises TemplateError for a malformed template."""
    return capitalise(_render(parse(template), fields, "").strip())


def _render(nodes: Sequence[_Node], fields: Fields, out: str) -> str:
    """`out` with the nodes' words after it."""
    for node in nodes:
        if isinstance(node, str):
            out = _append(out, node)
        elif isinstance(node, _Group):
            if all(_present(name, fields) for name in node.fields):
                out = _render(node.nodes, fields, out)
        else:
            words = _words(node, fields, out)
            out += capitalise(words) if starts_sentence(out) else words
    return out


def _words(node: _Noun | _Raw | _Verb, fields: Fields, out: str) -> str:
    if isinstance(node, _Noun):
        return _noun_words(node, fields, out)
    if isinstance(node, _Raw):
        return fields.raw(node.field) or ""
    subject = fields.phrase(node.subject)
    verb = node.verb
    if verb.startswith("{"):
        verb = fields.raw(verb[1:-1]) or "act"
    if verb in _AGREEING:
        return PRONOUNS[subject.person if subject else "it"][_AGREEING[verb]]
    return agree(verb, subject is not None and subject.plural)


def _present(name: str, fields: Fields) -> bool:
    found = fields.phrase(name) if name in _NOUN_FIELDS else fields.raw(name)
    return found is not None


def _append(out: str, text: str) -> str:
    """Literal text, with the space a left-out group would leave doubled taken away."""
    if not out or out.endswith(" "):
        text = text.lstrip(" ") if text.startswith(" ") else text
        if text[:1] in ".,;:!?":
            out = out.rstrip(" ")
    return out + text


def _noun_words(node: _Noun, fields: Fields, out: str) -> str:
    phrase = fields.phrase(node.field)
    if phrase is None:
        return "something" if node.field in ("item", "to") else "someone"
    forms = PRONOUNS[phrase.person]
    if node.form in _COLUMNS:
        return forms[_COLUMNS[node.form]]
    if node.form == "'s":
        if phrase.person == "you" or phrase.use_pronoun:
            return forms[2]
        return possessive(phrase.definite)
    if node.field in ("target", "item") and phrase.same_as is not None:
        actor = fields.phrase("actor")
        if actor is not None and actor.same_as == phrase.same_as and not starts_sentence(out):
            return forms[3]
    if phrase.person == "you":
        return "you"
    if phrase.use_pronoun:
        return forms[0] if node.field == "actor" else forms[1]
    return phrase.indefinite if node.form == "a" else phrase.definite


def join_phrases(phrases: Sequence[Phrase]) -> Phrase:
    """Several phrases as one plural: "the coin and the key"."""
    if len(phrases) == 1:
        return phrases[0]
    return Phrase(
        join([p.definite for p in phrases]), join([p.indefinite for p in phrases]), "they", True
    )
