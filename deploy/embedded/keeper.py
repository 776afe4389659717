"""Keep services running: one that dies is started again, at once and then with growing pauses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.server import NotReadyYet, Service

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# One that ran this long is healthy again: the next pause is the first.
HEALTHY_AFTER = 60.0
_TICK = 0.2


@dataclass
class _Kept:
    service: Service
    started: float
    ready: bool = True
    pause: float = FIRST_PAUSE
    due: float | None = None
    said: str = field(default="")


class Keeper:
    """Watches started services from a thread of its own, which lives until close().

    The thread must outlive what it starts: the kernel's death signal goes out when the starting *thread*
    ends. `say` gets one line for every death and every return.
    """

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._kept: list[_Kept] = []
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="keeper", daemon=True)
        self._thread.start()

    def keep(self, service: Service) -> None:
        """Keep a service that was started and is ready."""
        with self._guard:
            self._kept.append(_Kept(service, started=time.monotonic()))

    def release(self) -> None:
        """Restart nothing from now on. What was restarted runs on until it is stopped, before close()."""
        with self._guard:
            self._kept.clear()

    def close(self) -> None:
        """End the thread; call it after every service was stopped."""
        self.release()
        self._closing.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._closing.wait(_TICK):
            with self._guard:
                for kept in self._kept:
                    self._look_after(kept)

    def _look_after(self, kept: _Kept) -> None:
        now = time.monotonic()
        if kept.due is not None:
            if now >= kept.due:
                self._restart(kept)
        elif (code := kept.service.exit_code) is not None:
            if now - kept.started > HEALTHY_AFTER:
                kept.pause = FIRST_PAUSE
            self._put_off(kept, f"ended (code {code})")
        elif not kept.ready:
            self._look_for_answer(kept)

    def _put_off(self, kept: _Kept, what: str) -> None:
        kept.due = time.monotonic() + kept.pause
        service = kept.service
        self._say(f"{service.name}: {what}; starting again in {kept.pause:.1f} s (log: {service.place.log})")
        kept.pause = min(kept.pause * 2, LONGEST_PAUSE)

    def _restart(self, kept: _Kept) -> None:
        kept.due = None
        kept.ready = False
        kept.started = time.monotonic()
        try:
            kept.service.stop()
            kept.service.start()
        except (EmbeddedError, OSError) as error:
            self._put_off(kept, str(error))

    def _look_for_answer(self, kept: _Kept) -> None:
        try:
            kept.service.probe()
        except NotReadyYet:
            return
        kept.ready = True
        self._say(f"{kept.service.name}: ready again after {time.monotonic() - kept.started:.1f} s")
