"""getUpdates: what waits for the bot, until it is confirmed or another poll takes its place."""
import threading
import time

from telegram_request import Refused

MAX_WAIT = 50
MAX_COUNT = 100


class Updates:
    """Guarded by `lock`, which is the server's: a poll gives it up while it waits."""

    def __init__(self, lock: threading.RLock):
        self.pending: list[dict] = []
        self.closed = False
        self._allowed: list[str] = []
        self._changed = threading.Condition(lock)
        self._next = 1001
        self._poll = 0

    def add(self, kind: str, content: dict) -> None:
        """What the bot did not ask for is not kept."""
        if self._allowed and kind not in self._allowed:
            return
        self.pending.append({"update_id": self._next, kind: content})
        self._next += 1
        self._changed.notify_all()

    def poll(self, offset: int, limit: int, timeout: int, allowed: list[str] | None) -> list[dict]:
        """A poll that still waits ends with a conflict as soon as the next one comes."""
        self._poll += 1
        mine = self._poll
        self._changed.notify_all()
        if allowed is not None:
            self._allowed = [kind.lower() for kind in allowed]
        self._confirm(offset)
        end = time.monotonic() + min(max(timeout, 0), MAX_WAIT)
        while not self.pending and not self.closed and (left := end - time.monotonic()) > 0:
            self._changed.wait(left)
            if mine != self._poll:
                raise Refused(409, "Conflict: terminated by other getUpdates request; make sure that only one bot "
                                   "instance is running")
        return self.pending[:min(max(limit, 1), MAX_COUNT)]

    def _confirm(self, offset: int) -> None:
        """All before it; a negative one counts from the end."""
        if offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]

    def close(self) -> None:
        self.closed = True
        self._changed.notify_all()
