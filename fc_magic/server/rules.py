"""Which functions hear of a change of an object: their oss triggers, in memory, because every put asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fc_magic.errors import Problem
from fc_magic.wire import checks, oss
from fc_magic.wire.triggers import Oss, Trigger, item

#: native triggers of one bucket, those of all functions together
MAX_PER_BUCKET = 10

Owned = tuple[str, Oss]


class Rules:
    """The oss triggers of every function, by their bucket, in the ``region`` that buckets and functions share."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._by_bucket: dict[str, tuple[Owned, ...]] = {}

    def put(self, function: str, triggers: Iterable[Trigger]) -> None:
        """From now on ``function`` hears by these triggers, and by no other."""
        self.drop(function)
        self.add((function, trigger) for trigger in triggers if isinstance(trigger, Oss))

    def add(self, owned: Iterable[Owned]) -> None:
        for function, trigger in owned:
            there = self._by_bucket.get(trigger.bucket, ())
            self._by_bucket[trigger.bucket] = (*there, (function, trigger))

    def drop(self, function: str) -> None:
        for bucket, owned in list(self._by_bucket.items()):
            left = tuple(one for one in owned if one[0] != function)
            if left:
                self._by_bucket[bucket] = left
            else:
                del self._by_bucket[bucket]

    def wanting(self, bucket: str, event: str, key: str) -> Iterator[Owned]:
        """Who hears of ``event`` (``ObjectCreated:PutObject``) of this object: function and trigger."""
        return (one for one in self._by_bucket.get(bucket, ()) if one[1].wants(event, key))

    def problems(self, function: str, triggers: Mapping[int, Trigger]) -> list[Problem]:
        """What ``function`` cannot hear, by the place of its trigger. May run in a thread."""
        asked = {number: trigger for number, trigger in triggers.items() if isinstance(trigger, Oss)}
        return [
            checks.problem(f"triggers.{number}", what, item(trigger), hint=hint)
            for number, trigger in asked.items()
            for what, hint in self._refusals(function, number, asked)
        ]

    def _refusals(self, function: str, number: int, asked: Mapping[int, Oss]) -> Iterator[tuple[str, str]]:
        trigger = asked[number]
        region, account_id, bucket = oss.parts(trigger.source_arn)
        if region not in ("", self._region):
            what = f"sourceArn names the region {region}; a bucket and its functions are in one, here {self._region}"
            yield what, oss.arn(self._region, account_id, bucket)
        before = [n for n, other in asked.items() if n < number and other.bucket == bucket]
        others = [owner for owner, _ in self._by_bucket.get(bucket, ()) if owner != function]
        if len(before) + len(others) >= MAX_PER_BUCKET:
            owners = ", ".join(sorted(set(others))) or function
            yield (
                f"the bucket {bucket} has {MAX_PER_BUCKET} oss triggers already ({owners})",
                "another bucket",
            )
