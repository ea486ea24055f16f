"""How many calls at once: few at first, more while that brings more, fewer where it is refused. Knows no clock."""

from __future__ import annotations

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


class Width:
    """``now`` calls at once, ``most`` at most. ``here``: instances share this machine's cores, and are not started
    for calls that are over at once. ``fixed``: a person said how many, and only a refusal makes it fewer."""

    def __init__(self, most: int, *, first: int = 0, here: bool = False, fixed: bool = False) -> None:
        self.most, self._here, self._fixed = most, here, fixed
        self._better = BETTER_HERE if here else BETTER_THERE
        self._first = self.now = most if fixed else min(first or most, most)
        self._best, self._best_rate = self.now, 0.0
        self._wait, self._not_before, self._since = AGAIN_S, 0.0, 0.0
        self._took: list[float] = []
        self._worked: list[float] = []
        self._cold_s = COLD_S
        #: calls that are still to be made, if that is known
        self.left: int | None = None

    def came(self, began: float, now: float, ms: float, cold_ms: float) -> None:
        """A call was answered ``now`` that had begun then; ``ms`` of it its instance worked, which took
        ``cold_ms`` to start."""
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

    def refused(self, began: float, now: float) -> None:
        """There is no room for so many. Refusals of calls that were sent together count once."""
        if began < self._since:
            return
        self.now = max(1, self.now // 2)
        self._best, self._best_rate, self._took, self._worked = self.now, 0.0, [], []
        self._since = now
        self._not_before = now + self._wait
