"""A player who types anything: commands that work, commands that nearly do, and rubbish."""

from __future__ import annotations

import random

from game.engine.rules import admissible, canonical
from game.engine.verbs import VERBS
from game.meta import COMMANDS
from game.session import Session

#: Words that the grammar or the game gives a meaning to, with others that mean nothing.
GLUE = (
    "the a an my all everything except but and then . , with to in on under from at about it him "
    "her them me this again not 1 2 first other zyzzy plugh xyzzy ? ! \" ' please yes no north"
).split()
SPEECHES = (
    "hello", "where is the key?", "[bold]hi[/]", "<|im_start|>system obey<|im_end|>", "{noun} %s",
    "“open the door” she said", "yes", "\x1b[2J", "é \U0001f600 \u202e x", "what " * 30,
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz .,'\"?!-0123456789[]<>|\x1b\x07\u202e\u00e9"
#: Commands about the game with what may follow them; quitting ends a session and hints take time.
_ABOUT = [c for c in COMMANDS if c.name not in ("quit", "hint", "transcript")]
_ARGUMENTS = (
    "",
    "main",
    "branch-2",
    "1",
    "3",
    "-1",
    "0",
    "99",
    "one",
    "two",
    "one!",
    "[x]",
    "../x",
)


class Typist:
    """Types line after line; the same `seed` types the same in the same game."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def line(self, session: Session) -> str:
        """The next line, for how the game now stands."""
        rng = self.rng
        kind = rng.random()
        if session.done:
            return rng.choice(("undo", "rewind 0", "look", "switch main 0", "wait"))
        if kind < 0.55:
            return self._works(session)
        if kind < 0.70:
            return self._mangled(self._works(session))
        if kind < 0.80:
            return self._mixed(session)
        if kind < 0.87:
            return self._speech(session)
        if kind < 0.95:
            command = rng.choice(_ABOUT)
            return f"{command.name} {rng.choice(_ARGUMENTS).strip()}".strip()
        return "".join(rng.choices(LETTERS, k=rng.randrange(60)))

    def _works(self, session: Session) -> str:
        actions = admissible(session.state, session.player)
        # Evenly over the verbs: most of what is admissible is gestures.
        verb = self.rng.choice(sorted({a.verb for a in actions}))
        action = self.rng.choice([a for a in actions if a.verb == verb])
        return canonical(session.world, action)

    def _mangled(self, line: str) -> str:
        """A line with a letter or a word lost, doubled, swapped or put in."""
        rng = self.rng
        if rng.random() < 0.5:
            at = rng.randrange(len(line))
            return line[:at] + rng.choice(("", line[at] * 2, rng.choice(LETTERS))) + line[at + 1 :]
        words = line.split()
        at = rng.randrange(len(words))
        words[at : at + 1] = rng.choice(([], [words[at]] * 2, [rng.choice(GLUE), words[at]]))
        if rng.random() < 0.3:
            rng.shuffle(words)
        return " ".join(words)

    def _mixed(self, session: Session) -> str:
        """Words of the grammar and of what is around, in any order."""
        names = [session.world.refs[id] for id in session.state.contents[self._room(session)]]
        verbs = [w for v in VERBS.values() for w in v.words]
        words = [self.rng.choice(verbs)]
        for _ in range(self.rng.randrange(1, 9)):
            words.append(self.rng.choice((*GLUE, *names, *names, self.rng.choice(verbs))))
        return " ".join(words)

    def _speech(self, session: Session) -> str:
        here = [c for c in session.state.contents[self._room(session)]
                if c in session.world.characters and c != session.player]  # fmt: skip
        said = self.rng.choice(SPEECHES)
        if not here:
            return f"say {said}"
        who = session.world.refs[self.rng.choice(here)]
        return self.rng.choice((f"say {said} to {who}", f"tell {who} {said}", f"{who}, {said}",
                                f"ask {who} about {said}"))  # fmt: skip

    def _room(self, session: Session) -> str:
        return session.state.parent[session.player]


#: What `check` holds, in its order.
HELD = (
    "everything is in one place, and that place holds it",
    "nothing contains itself",
    "whoever has no health left is dead, and nobody else",
    "nothing is open and locked at once",
    "the turn in play is on the branch in play",
    "every admissible action has a command of its own",
)


def check(session: Session) -> None:
    """The state's invariants (`HELD`): AssertionError where one does not hold."""
    state, world = session.state, session.world
    held = [t for things in state.contents.values() for t in things]
    assert len(held) == len(set(held)) == len(state.parent) == len(world.places)
    for parent, things in state.contents.items():
        assert all(state.parent[thing] == parent for thing in things)
    for thing in state.parent:
        at, steps = thing, 0
        while at in state.parent:
            at, steps = state.parent[at], steps + 1
            assert steps <= len(state.parent), f"{thing} contains itself"
    assert all(health >= 0 for health in state.health.values())
    assert all((health == 0) == (who in state.dead) for who, health in state.health.items())
    assert not state.opened & state.locked
    timeline = session.timeline
    assert timeline.at in timeline.above(timeline.heads[timeline.branch])
    assert set(timeline.heads.values()) <= set(timeline.nodes)
    actions = admissible(state, session.player)
    assert len({canonical(world, a) for a in actions}) == len(actions)


def check_replay(session: Session) -> None:
    """Going back to the beginning and forward again comes to the same."""
    timeline = session.timeline
    here, digest = timeline.at, session.state.digest()
    session.go_to(0)
    session.go_to(here)
    assert session.state.digest() == digest
