"""How many calls at once: few at first, more while that brings more, fewer where it is refused. Knows no clock."""

from __future__ import annotations

from collections.abc import Callable

#: what twice as many calls at once must bring to be worth it. Here the cores are shared, and what computes
#: always gets a little more of them in more processes
BETTER_HERE, BETTER_THERE = 1.5, 1.2
#: calls that are compared, at least
FEW = 6
#: a call that takes its instance less than this is over before a second instance has started
SHORT_MS = 2.0
#: what an instance takes to start, while none has, and how many of these times there must be left for another
COLD_S, WORTH = 0.02, 3
#: seconds until wider is tried again where it brought nothing, twice as long each time
AGAIN_S = 1.0
#: seconds after which a width that a person asked for, and that was refused, is one more again
STEP_S = 0.1
#: seconds without an answer after which calls are taken to wait for something, and more of them are made: here if
#: cores are idle meanwhile. Before the first answer instances start, which takes longer
QUIET_S, QUIET_AT_FIRST_S, QUIET_THERE_S = 0.05, 0.15, 0.5


def never() -> bool:
    return False


class Width:
    """``now`` calls at once, ``most`` at most. ``here``: instances share this machine's cores, and are not started
    for calls that are over at once. ``fixed``: a person said how many, and only a refusal makes it fewer. ``idle``:
    whether a core was idle since it was asked before."""

    def __init__(
        self,
        most: int,
        *,
        first: int = 0,
        here: bool = False,
        fixed: bool = False,
        idle: Callable[[], bool] = never,
    ) -> None:
        self.most, self._here, self._fixed, self._idle = most, here, fixed, idle
        self._better = BETTER_HERE if here else BETTER_THERE
        self._first = self.now = most if fixed else min(first or most, most)
        self._best, self._best_rate = self.now, 0.0
        self._wait, self._not_before, self._since = AGAIN_S, 0.0, 0.0
        self._took: list[float] = []
        self._worked: list[float] = []
        self._cold_s, self._answered = COLD_S, False
        #: calls that are still to be made, if that is known
        self.left: int | None = None

    def came(self, began: float, now: float, ms: float, cold_ms: float) -> None:
        """A call was answered ``now`` that had begun then; ``ms`` of it its instance worked, which took
        ``cold_ms`` to start."""
        self._answered = True
        if cold_ms:
            self._cold_s = max(self._cold_s, cold_ms / 1000)
        if self._fixed:
            if self.now < self.most and now >= self._not_before:
                self.now, self._not_before = self.now + 1, now + STEP_S
            return
        if began < self._since or cold_ms:
            return
        if self.now >= self.most and self.now == self._best and self._best_rate:
            return
        self._took.append(now - began)
        self._worked.append(ms)
        if len(self._took) >= max(self.now, FEW):
            self._judge(now)

    @property
    def look_s(self) -> float | None:
        """Seconds after which it is worth a look whether nothing came, if it ever is."""
        if self._fixed or self.now >= self.most:
            return None
        if not self._here:
            return QUIET_THERE_S
        return min(max(QUIET_S, self._cold_s), QUIET_AT_FIRST_S) if self._answered else QUIET_AT_FIRST_S

    def quiet(self, heard: float, now: float) -> None:
        """All are under way, and nothing came since ``heard``."""
        wait = self.look_s
        if wait is None or now - max(heard, self._since) < wait * 0.9 or now < self._not_before:
            return
        if self._here and not self._idle():
            return
        # calls that are not like those before: what those brought says nothing
        self.now, self._since = min(self.now * 2, self.most), now
        self._best, self._best_rate, self._took, self._worked = self.now, 0.0, [], []

    def _judge(self, now: float) -> None:
        """Calls of the same kind take the same time while there is room for more of them, and longer when not."""
        # of the shorter ones: a busy machine only ever makes them longer
        took, shortest = sorted(self._took)[len(self._took) // 3], min(self._worked)
        rate = self.now / max(took, 1e-9)
        self._took, self._worked = [], []
        is_short = self._here and shortest < SHORT_MS
        if is_short and self.now > self._first:  # the first calls of a new instance took longer
            self.now = self._best = self._first
            self._since = now
            return
        if self.now != self._best and rate < self._better * self._best_rate:
            self.now, self._since = self._best, now
            self._not_before, self._wait = now + self._wait, self._wait * 2
            return
        self._best, self._best_rate = self.now, rate
        if self.now < self.most and now >= self._not_before and not is_short and self._is_worth_it(took):
            self.now, self._since = min(self.now * 2, self.most), now

    def _is_worth_it(self, took: float) -> bool:
        """Whether what is left takes longer than instances that share its cores take to start."""
        return not self._here or self.left is None or self.left * took / self.now > WORTH * self._cold_s

    def refused(self, sent: float, now: float) -> None:
        """There is no room for so many. Refusals of calls that were sent together count once."""
        if sent < self._since:
            return
        self.now = max(1, self.now // 2)
        self._best, self._best_rate, self._took, self._worked = self.now, 0.0, [], []
        self._since = now
        self._not_before = now + self._wait
