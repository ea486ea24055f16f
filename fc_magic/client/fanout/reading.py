"""Answers are read while the next event is made.

What makes the events is somebody else's: it runs in the thread that asked for them, where its interrupts, its context
and its event loop are. So it is the reading that another thread does meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from fc_magic.client.fanout.job import Job

if TYPE_CHECKING:
    from fc_magic.client.fanout.lanes import Lanes

#: seconds of one look of the thread; it is woken when the event is there
LOOK_S = 1.0
#: seconds that an event takes in the mean from which on the thread is called for each; it is not worth it for less
SLOW_S = 0.0001
#: seconds between its looks at the others: one of them may take longer
TICK_S = 0.005


class Reading:
    """Of one :class:`Lanes`: a thread has them while an event is made."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._thread: threading.Thread | None = None
        #: held by who may use the lanes, and released to call the thread
        self._owned, self._called = threading.Lock(), threading.Lock()
        self._owned.acquire()
        self._called.acquire()
        #: events that were made, of them those for which the lanes were lent, and the seconds of all
        self._made, self._lent, self._spent = 0, 0, 0.0
        #: whether an event is being made, the thread has the lanes, it looks no more until it is called, it ends
        self._at_work = self._reads = self._parked = self._over = False

    def meanwhile(self, make: Callable[[], Job | None]) -> Job | None:
        is_lent = self._lanes.is_busy  # else there is nothing to read
        began = time.perf_counter()
        if is_lent:
            self._lend()
        try:
            return make()
        finally:
            if is_lent:
                self._take_back()
            self._made += 1
            self._spent += time.perf_counter() - began

    def _lend(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="fc-magic answers", daemon=True)
            self._thread.start()
        self._at_work = True
        self._lent += 1
        self._owned.release()
        if self._parked or self._spent > self._made * SLOW_S:
            self._call()

    def _take_back(self) -> None:
        self._at_work = False
        if self._reads:
            self._lanes.wake()
        self._owned.acquire()

    def _call(self) -> None:
        if self._called.locked():
            self._called.release()

    def close(self) -> None:
        """Before that of the lanes."""
        self._over = True
        if self._thread:
            self._lanes.wake()
            self._call()
            self._thread.join()

    # ------------------------------------------------------------ the thread

    def _look(self) -> None:
        seen = -1
        while not self._over:
            self._parked = (
                seen == self._lent
            )  # nothing was lent since the last look: a stream may rest for hours
            # who lends counts first and looks then whether this is parked; so one of the two sees the other
            rests = self._parked and seen == self._lent and not self._over
            seen = self._lent
            self._called.acquire(timeout=-1 if rests else TICK_S)
            self._parked = False
            if self._at_work:
                self._read()

    def _read(self) -> None:
        if not self._owned.acquire(blocking=False):  # it was taken back by now
            return
        try:
            self._reads = True
            while self._at_work and not self._over:
                self._lanes.read(LOOK_S)
        finally:
            self._reads = False
            self._owned.release()
