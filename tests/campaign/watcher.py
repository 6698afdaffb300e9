"""Ends a run in the middle, as a process ends that is killed."""

from __future__ import annotations


class Killed(BaseException):
    """The run ends here, as if its process were gone."""


class Watcher:
    """Ends the run after so many requests that may write; none with 0."""

    def __init__(self) -> None:
        self.left = 0

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        if self.left and method != "GET" and not path.endswith(("/oauth", "/login")):
            self.left -= 1
            if not self.left:
                self.left = 1
                raise Killed

    def hold(self, provider: str, seconds: float) -> None:
        """No limit is in force here."""

    def notice(self, message: str) -> None:
        """Nothing that counts."""
