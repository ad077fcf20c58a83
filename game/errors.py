"""The one error tree: every failure a user can cause, what to do about it, and its exit code."""


class GameError(Exception):
    """A failure the user can understand and mend.

    `message` says what is wrong and `hint` what to do about it; `exit_code` is what the
    `game` command returns (0 ok, 1 findings or a failed gate, 2 usage, 3 model unavailable,
    4 not enough feedback, 130 interrupted).
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(GameError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class WorldError(GameError):
    """A world file cannot be played as it is."""


class SaveError(GameError):
    """A saved game cannot be written or read."""


class FeedbackError(GameError):
    """The feedback database cannot be read or written."""


class SettingsError(GameError):
    """The settings file cannot be understood."""


class ModelUnavailable(GameError):
    """The language model is missing, corrupt or not one we can run."""

    exit_code = 3


class NotEnoughFeedback(GameError):
    """There are too few votes to learn from."""

    exit_code = 4
