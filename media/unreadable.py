"""What is raised when nothing can be made of a file, and when it only could not be tried."""


class UnreadableMedia(Exception):
    """The bytes are no sound photo or recording that may be opened; trying again changes nothing.

    `reason` is for people, Chinese first.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LookingInterrupted(Exception):
    """The process that looked was stopped from outside; the file may be sound. Try again."""
