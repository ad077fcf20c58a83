"""Thumbs on what characters did, as training data: decisions of thespians that can be taken up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agents.narrator.dataset import VANISHED, Votes, cross_fitted
from agents.thespian.encode import Encoder, Sample
from agents.thespian.features import Lexicon
from agents.thespian.scripts import of_script
from game import paths
from game.acting.kin import playable
from game.authoring.load import load_world
from game.engine.roles import part_of, role_line
from game.errors import GameError
from game.feedback.rows import PLAYER, DecisionRow

if TYPE_CHECKING:
    from game.engine.model import World
    from game.feedback.reader import FeedbackReader

# Why a vote cannot be used.
NOT_DONE = "on a telling, which is not what a character did"
NOT_ACTED = "on what the heuristic did, which does not learn"
OTHER_WORLD = "in a world that has changed since or is not here"
UNKNOWN = "in a role that the cast does not know"


@dataclass(frozen=True, slots=True)
class Example:
    """One thumbed decision: `sample` is what was seen and offered, `slot` the place of what was
    chosen among the actions offered, `part` what was played, as a state would have it.

    `kind` is the leading word of the action, `policy` who decided. `logged` holds the one log-prob
    that the choice was drawn with. `advantage` is filled in by `with_advantages`, `reference` (as
    `logged`, under the policy that training starts from) by the trainer.
    """

    vote: int
    value: int
    source: str
    session: str
    at: str
    turn: int
    world: str
    kind: str
    character: str
    policy: str
    part: str
    sample: Sample
    slot: int
    logged: tuple[float, ...]
    advantage: float = 0.0
    reference: tuple[float, ...] = ()


class Scripts:
    """Decisions of the store as samples of one lexicon."""

    def __init__(self, reader: FeedbackReader, lexicon: Lexicon) -> None:
        self._hashes = {s.id: (s.world, s.world_hash) for s in reader.sessions()}
        self._lexicon = lexicon
        self._encoders: dict[tuple[str, str], Encoder | None] = {}

    def sample(self, row: DecisionRow) -> tuple[Sample, int] | str:
        """What the policy saw, and the place of its choice; or why that cannot be had."""
        script: dict[str, Any] | None = json.loads(row.observation).get("script")
        if script is None or row.logprob is None or not row.role:
            return NOT_ACTED
        key = self._hashes[row.session]
        if key not in self._encoders:
            world = _world(*key)
            self._encoders[key] = None if world is None else Encoder(world, self._lexicon)
        encoder = self._encoders[key]
        try:
            if encoder is not None:
                return of_script(script, encoder), int(script["chosen"])
        except KeyError:
            pass
        return OTHER_WORLD

    def part(self, row: DecisionRow, known: Collection[str]) -> str | None:
        """What a thespian that knows these roles plays for the row's role, as a line of a state;
        None for a role that it cannot play. For rows that `sample` brings back."""
        encoder = self._encoders[self._hashes[row.session]]
        assert encoder is not None
        part = playable(encoder.world, row.role, known)
        if part == part_of(row.role):
            return row.role
        return role_line(part) if part else None


def _world(name: str, hash: str) -> World | None:
    """The world of that name, if it is still the one with that hash."""
    try:
        world = load_world(paths.find_world(name), cache=paths.home() / "worlds-cache")
    except GameError:
        return None
    return world if world.hash == hash else None


def collect(
    reader: FeedbackReader, lexicon: Lexicon, roles: Iterable[str], source: str = PLAYER
) -> Votes[Example]:
    """The standing votes whose source matches the pattern `source`, on decisions that a thespian
    took in one of `roles` or a blend of them."""
    votes: Votes[Example] = Votes()
    scripts, known = Scripts(reader, lexicon), set(roles)
    targets = {voted.vote.id: voted for voted in reader.iter_voted()}
    for vote in reader.current_votes():
        if not fnmatchcase(vote.source, source):
            continue
        voted = targets.get(vote.id)
        row = voted.target if voted else None
        if not isinstance(row, DecisionRow) or voted is None:
            votes.unused[VANISHED if voted is None else NOT_DONE] += 1
            continue
        found = scripts.sample(row)
        if isinstance(found, str):
            votes.unused[found] += 1
        elif not (part := scripts.part(row, known)):
            votes.unused[UNKNOWN] += 1
        else:
            assert row.logprob is not None
            sample, slot = found
            votes.examples.append(
                Example(
                    vote.id,
                    vote.value,
                    vote.source,
                    row.session,
                    row.at,
                    row.turn,
                    voted.world,
                    row.chosen.split()[0],
                    row.character,
                    row.policy_id,
                    part,
                    sample,
                    slot,
                    (row.logprob,),
                )  # fmt: skip
            )
    return votes


def with_advantages(examples: Sequence[Example], seed: int = 0) -> list[Example]:
    """Each example with its advantage: its vote less what votes on such moments usually are."""
    votes = np.array([e.value for e in examples], dtype=np.float64)
    found = cross_fitted(votes, state_features(examples), seed=seed)
    return [replace(e, advantage=float(a)) for e, a in zip(examples, found, strict=True)]


def state_features(examples: Sequence[Example]) -> npt.NDArray[np.float64]:
    """[N, F]: who it was in which part, how much there was to choose from, how late in the game."""
    columns = []
    for of in ("character", "part"):
        names = Counter(getattr(e, of) for e in examples).most_common(12)
        columns += [[float(getattr(e, of) == n) for e in examples] for n, k in names if k > 3]
    for numbers in ([len(e.sample.template) for e in examples], [e.turn for e in examples]):
        values = np.log1p(np.array(numbers, dtype=np.float64))
        columns.append(list((values - values.mean()) / (values.std() or 1.0)))
    return np.array(columns, dtype=np.float64).T
