"""Whatever is wrong with a world file is said, with its place, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from game.authoring.load import load_world
from game.authoring.problems import WorldFileError

BASE = """\
format: 1
title: Test
player: {start: hall}
rooms:
  hall:
    exits: {north: cellar}
    items: {box: {container: true}}
  cellar: {exits: {south: hall}}
characters:
  cook: {in: hall, name: Cook}
"""
RULE = "reactions:\n  r: "


def problems(folder: Path, text: str) -> list[str]:
    (folder / "world.yaml").write_text(text)
    with pytest.raises(WorldFileError) as caught:
        load_world(folder)
    assert caught.value.exit_code == 1
    assert str(len(caught.value.problems)) in caught.value.hint
    return caught.value.message.split("\n")


def changed(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new)


# fmt: off
CASES = {
    "unknown field": (
        changed("name: Cook", "nmae: Cook"),
        "world.yaml:10:20 E012 unknown field 'nmae' in character 'cook' (did you mean "
        "'name'?)"),
    "wrong type": (
        changed("container: true", "size: big"),
        "world.yaml:7:19 E014 rooms.hall.items.box.size: expected a whole number; got "
        "'big'"),
    "neither of two types": (
        changed("container: true", "fixed: 3"),
        "world.yaml:7:19 E014 rooms.hall.items.box.fixed: expected true or false or "
        "text; got 3"),
    "number out of range": (
        changed("container: true", "size: -1"),
        "world.yaml:7:19 E016 rooms.hall.items.box.size: expected 0 or more; got -1"),
    "not one of the words": (
        changed("name: Cook", "pronoun: hee"),
        "world.yaml:10:20 E015 characters.cook.pronoun: expected 'he', 'she', 'it' or "
        "'they'; got 'hee' (did you mean 'he'?)"),
    "missing field": (
        changed("title: Test\n", ""),
        "world.yaml:1:1 E013 needs `title`"),
    "other format": (
        changed("format: 1", "format: 2"),
        "world.yaml:1:1 E015 format: expected 1; got 2"),
    "exit to nowhere": (
        changed("north: cellar", "north: celar"),
        "world.yaml:6:13 E020 rooms.hall.exits.north: there is no room 'celar' (did you "
        "mean 'cellar'?)"),
    "exit without to": (
        changed("north: cellar", "north: {label: x}"),
        "world.yaml:6:13 E013 rooms.hall.exits.north: needs `to`"),
    "exit of no kind": (
        changed("north: cellar", "north: 3"),
        "world.yaml:6:13 E014 rooms.hall.exits.north: expected text; got 3"),
    "no such door": (
        changed("north: cellar", "north: {to: cellar, door: oak}"),
        "world.yaml:6:33 E020 rooms.hall.exits.north.door: there is no door 'oak'"),
    "a door in no exit": (
        BASE + "doors: {oak: {}}\n",
        "world.yaml:11:9 E028 doors.oak: no exit has this door: name it as an exit's "
        "`door`"),
    "key twice": (
        changed("title: Test", "title: Test\ntitle: Again"),
        "world.yaml:3:1 E008 title: is already on line 2"),
    "id twice": (
        changed("cook: {in", "box: {in"),
        "world.yaml:10:3 E021 characters.box: the id 'box' is taken by "
        "rooms.hall.items.box"),
    "reserved id": (
        changed("cook: {in", "target: {in"),
        "world.yaml:10:3 E022 characters.target: 'target' has a meaning of its own: "
        "choose another id"),
    "id with capitals": (
        changed("cook: {in", "The Cook: {in"),
        "world.yaml:10:3 E017 characters.The Cook: a name like this must be lower-case "
        "letters, digits and _, such as oak_door"),
    "event type": (
        BASE + RULE + "{on: {event: tok}, do: {tell: x}}\n",
        "world.yaml:12:12 E025 reactions.r.on.event: there is no event type 'tok' (did "
        "you mean 'took'?)"),
    "event field": (
        BASE + RULE + "{on: {event: took, iten: box}, do: {tell: x}}\n",
        "world.yaml:12:25 E012 unknown field 'iten' in reaction 'r' (did you mean "
        "'item'?)"),
    "empty match": (
        BASE + RULE + "{on: {event: took, item: {}}, do: {tell: x}}\n",
        "world.yaml:12:25 E026 reactions.r.on.item: matches nothing: give an id, tag, "
        "contains, at_least or not"),
    "condition": (
        BASE + RULE + "{on: {event: took}, if: {haz: box}, do: {tell: x}}\n",
        "world.yaml:12:31 E012 unknown field 'haz' in reaction 'r' (did you mean 'has'?)"),
    "two conditions in one": (
        BASE + RULE + "{on: {event: took}, if: {has: box, alive: cook}, do: {tell: x}}\n",
        "world.yaml:12:26 E018 reactions.r.if: expected one condition, such as `has: "
        "...`; got 2"),
    "consequence": (
        BASE + RULE + "{on: {event: took}, do: [{tell: x}, {scor: 3}]}\n",
        "world.yaml:12:43 E012 unknown field 'scor' in reaction 'r' (did you mean "
        "'score'?)"),
    "consequence's argument": (
        BASE + RULE + "{on: {event: took}, do: [{score: lots}]}\n",
        "world.yaml:12:32 E014 reactions.r.do.0.score: expected a whole number; got "
        "'lots'"),
    "consequence without a value": (
        BASE + RULE + "{on: {event: took}, do: [{score: }]}\n",
        "world.yaml:12:31 E018 reactions.r.do.0: needs a value"),
    "nobody to say it": (
        BASE + RULE + "{on: {event: took}, do: [{say: {who: cok, text: x}}]}\n",
        "world.yaml:12:38 E020 reactions.r.do.0.say.who: there is no character 'cok' "
        "(did you mean 'cook'?)"),
    "a person is no thing": (
        BASE + RULE + "{on: {event: took}, if: {has: cook}, do: {tell: x}}\n",
        "world.yaml:12:31 E020 reactions.r.if.has: there is no thing 'cook'"),
    "no such flag": (
        BASE + RULE + "{on: {event: took}, do: {set: gone}}\n",
        "world.yaml:12:31 E020 reactions.r.do.set: there is no flag 'gone'"),
    "flag of another kind": (
        BASE + "flags: {n: 0}\n" + RULE + "{on: {event: took}, do: {set: n}}\n",
        "world.yaml:13:31 E027 reactions.r.do.set: the flag 'n' starts as 0: it cannot "
        "become True"),
    "no such role": (
        changed("name: Cook", "role: chef"),
        "world.yaml:10:20 E020 characters.cook.role: there is no role 'chef'"),
    "in no container": (
        BASE + "items:\n  a: {in: b}\n  b: {in: hall}\n",
        "world.yaml:12:7 E029 items.a.in: 'b' is neither container nor surface: give "
        "that item `container` or `surface`"),
    "nowhere said": (
        BASE + "items:\n  a: {}\n",
        "world.yaml:12:3 E023 items.a: says not where it is: give `in:` a place, or "
        "`nowhere`"),
    "too much for a box": (
        changed("container: true", "container: 1, items: {a: {}, b: {}}"),
        "world.yaml:7:48 E030 rooms.hall.items.box.items.b: does not fit: 'box' holds 1 "
        "in all"),
    "worn without being wearable": (
        changed("name: Cook", "wearing: {hat: {}}"),
        "world.yaml:10:30 E032 characters.cook.wearing.hat: is worn but cannot be: give "
        "it `wearable: body` (or another place)"),
    "not YAML": (
        changed("rooms:", "rooms: ["),
        "world.yaml:6:10 E004 is not YAML: expected ',' or ']', but got ':'"),
    "tab": (
        changed("  hall:", "\thall:"),
        "world.yaml:5:1 E004 is not YAML: found character '\\t' that cannot start any "
        "token"),
    "not a mapping": (
        "- a\n",
        "world.yaml:1:1 E005 is not a world: expected fields such as format:, title:, "
        "rooms:"),
    "empty": (
        "",
        "world.yaml:1:1 E005 is not a world: expected fields such as format:, title:, "
        "rooms:"),
    "tag": (
        changed("title: Test", "title: !!python/name:os.system x"),
        "world.yaml:2:8 E010 title: the tag python/name:os.system is not allowed"),
    "terminal control": (
        changed("title: Test", 'title: "a\\e[31m"'),
        "world.yaml:2:8 E009 title: has the control character U+001B"),
    "too deep": (
        "a: " + "[" * 40 + "]" * 40,
        "world.yaml:1:1 E006 is nested deeper than 30 levels"),
    "far too deep": (
        "a: " + "[" * 20_000,
        "world.yaml:1:1 E006 is nested deeper than 30 levels"),
    "inside itself": (
        "a: &a [*a]\n",
        "world.yaml:1:1 E006 is nested deeper than 30 levels"),
    "outside the folder": (
        BASE + "include: ../other.yaml\n",
        "world.yaml:11:1 E011 include.0: '../other.yaml' is not a YAML file inside the "
        "world's folder"),
    "no such file": (
        BASE + "include: [nope.yaml]\n",
        "world.yaml:11:11 E011 include.0: no such file"),
}
# fmt: on


@pytest.mark.parametrize("name", CASES)
def test_one_problem_is_said_exactly(name: str, tmp_path: Path) -> None:
    text, message = CASES[name]
    assert problems(tmp_path, text) == [message]


def test_the_base_of_the_cases_is_sound(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(BASE)
    assert load_world(tmp_path).title == "Test"


def test_all_problems_come_at_once_in_order(tmp_path: Path) -> None:
    text = BASE.replace("name: Cook", "nmae: Cook").replace("container: true", "size: big")
    assert problems(tmp_path, text.replace("title", "titel")) == [
        "world.yaml:1:1 E013 needs `title`",
        "world.yaml:2:1 E012 unknown field 'titel' in the world (did you mean 'title'?)",
        "world.yaml:7:19 E014 rooms.hall.items.box.size: expected a whole number; got 'big'",
        "world.yaml:10:20 E012 unknown field 'nmae' in character 'cook' (did you mean 'name'?)",
    ]


def test_things_cannot_be_inside_each_other(tmp_path: Path) -> None:
    text = BASE + "items:\n  a: {in: b, container: 1}\n  b: {in: a, container: 1}\n"
    assert problems(tmp_path, text) == [
        "world.yaml:12:7 E031 items.a.in: is inside itself: a in b in a",
        "world.yaml:13:7 E031 items.b.in: is inside itself: b in a in b",
    ]


def test_aliases_cannot_multiply_without_bound(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for n in range(1, 9):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]")
    assert problems(tmp_path, "\n".join(lines)) == [
        "world.yaml:1:1 E006 holds more than 100,000 values"
    ]


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    assert problems(tmp_path, "#" * 400_001) == [
        "world.yaml:1:1 E002 is larger than 400,000 bytes; split it with include:"
    ]


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorldFileError, match=r"world.yaml:1:1 E001 cannot be read: No such file"):
        load_world(tmp_path)
    (tmp_path / "bad.yaml").write_bytes(b"title: \xff\xfe")
    with pytest.raises(WorldFileError, match=r"bad.yaml:1:1 E003 is not UTF-8 text"):
        load_world(tmp_path / "bad.yaml")


def test_included_files_name_their_own_lines(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(
        "title: Other\nrooms:\n  hall: {}\n  attic: {exits: {down: hal}}\ninclude: x.yaml\n"
    )
    assert problems(tmp_path, BASE + "include: more.yaml\n") == [
        "more.yaml:1:1 E008 title: is already in world.yaml on line 2",
        "more.yaml:3:3 E008 rooms.hall: is already in world.yaml on line 5",
        "more.yaml:4:19 E020 rooms.attic.exits.down: there is no room 'hal' (did you mean 'hall'?)",
        "more.yaml:5:1 E011 include: only the main file may include others",
    ]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    world = tmp_path / "world"
    world.mkdir()
    (tmp_path / "secret.yaml").write_text("title: Secret\n")
    (world / "more.yaml").symlink_to(tmp_path / "secret.yaml")
    (message,) = problems(world, BASE + "include: more.yaml\n")
    assert message.endswith("is not a YAML file inside the world's folder")
