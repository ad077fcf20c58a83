"""The mini-language of event templates, over every type that the engine defines."""

from __future__ import annotations

import pytest

import game.engine.rules  # noqa: F401  (registers every event type)
from game.engine.events import EVENT_TYPES
from game.narrator.templates import Phrase, TemplateError, join_phrases, parse, render


class Given:
    """Fields given by hand."""

    def __init__(self, **fields: Phrase | str) -> None:
        self.fields = fields

    def phrase(self, name: str) -> Phrase | None:
        found = self.fields.get(name)
        return found if isinstance(found, Phrase) else None

    def raw(self, name: str) -> str | None:
        found = self.fields.get(name)
        return found if isinstance(found, str) else None


YOU = Phrase("you", "you", "you", True, "player")
KEEPER = Phrase("the keeper", "a keeper", "she", False, "keeper")
BOOTS = Phrase("the boots", "some boots", "they", True, "boots")
KEY = Phrase("the key", "a key", "it", False, "key")


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_defined_template_is_well_formed(name: str) -> None:
    kind = EVENT_TYPES[name]
    for template in (kind.tell, kind.actor_tell, kind.target_tell):
        parse(template)


@pytest.mark.parametrize(
    ("template", "fields", "expected"),
    [
        ("{actor} <take> {item}.", {"actor": YOU, "item": KEY}, "You take the key."),
        ("{actor} <take> {item}.", {"actor": KEEPER, "item": BOOTS}, "The keeper takes the boots."),
        ("{a item} <item:appear>.", {"item": KEY}, "A key appears."),
        ("{a item} <item:appear>.", {"item": BOOTS}, "Some boots appear."),
        (
            "{actor} <take> {item}( from {target}).",
            {"actor": YOU, "item": KEY},
            "You take the key.",
        ),
        (
            "{actor} <take> {item}( from {target}).",
            {"actor": YOU, "item": KEY, "target": KEEPER},
            "You take the key from the keeper.",
        ),
        (
            "{actor} <hit> {target}.",
            {"actor": KEEPER, "target": KEEPER},
            "The keeper hits herself.",
        ),
        ("{actor} <hit> {target}.", {"actor": YOU, "target": YOU}, "You hit yourself."),
        ("{actor} <step> into {target's} way.", {"actor": KEEPER, "target": YOU},
         "The keeper steps into your way."),
        ("{actor} <step> into {target's} way.", {"actor": YOU, "target": KEEPER},
         "You step into the keeper's way."),
        ("{item} <item:are> shut. Open <item:them>.", {"item": BOOTS},
         "The boots are shut. Open them."),
        ("{item} <item:are> shut. {actor} <wait>.", {"item": KEY, "actor": KEEPER},
         "The key is shut. The keeper waits."),
        ("{actor} <{text}>( {manner})( {target}).", {"actor": KEEPER, "text": "cry"},
         "The keeper cries."),
        ("{actor} <{text}>( {manner})( {target}).",
         {"actor": KEEPER, "text": "wave", "manner": "at", "target": YOU},
         "The keeper waves at you."),
        ('{actor} <say>, "{text}"', {"actor": YOU, "text": "a {key} <b> (c)"},
         'You say, "a {key} <b> (c)"'),
        ("{actor} <look> at {actor.self}.", {"actor": KEEPER}, "The keeper looks at herself."),
        ("{actor} <ask> for {target.him}.", {"actor": YOU, "target": KEEPER}, "You ask for her."),
        ("{verb} what?", {"verb": "take"}, "Take what?"),
        ("[New quest: {text}]", {"text": "rats"}, "[New quest: rats]"),
        ("{item} (so they say) <item:are> old.", {"item": KEY}, "The key (so they say) is old."),
    ],
)  # fmt: skip
def test_rendering(template: str, fields: dict[str, Phrase | str], expected: str) -> None:
    assert render(template, Given(**fields)) == expected


def test_several_things_are_one_plural() -> None:
    both = join_phrases([KEY, BOOTS])
    assert render("{item} <item:vanish>.", Given(item=both)) == "The key and the boots vanish."
    assert render("{a item} <item:are> here.", Given(item=both)) == "A key and some boots are here."


@pytest.mark.parametrize("template", ["{nobody}", "<nobody:go>", "(", ")", "{actor", "{actor.it}"])
def test_malformed_templates_are_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        parse(template)
