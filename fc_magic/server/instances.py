"""What can be seen of a function's instances, in the words of the wire."""

from __future__ import annotations

import time
from collections.abc import Container
from datetime import datetime, timedelta, timezone

from fc_magic.server.worker.pool import Pool, Seen
from fc_magic.wire.results import LATEST, Instance, Instances


def seen(pool: Pool, name: str, qualifiers: Container[str] = ()) -> Instances:
    """As they are now, the oldest first; with qualifiers, LATEST or versions, only those of them."""
    every = (_instance(name, instance) for instance in pool.seen(name))
    found = Instances(one for one in every if not qualifiers or one.qualifier in qualifiers)
    found.function = name
    return found


def _instance(name: str, seen: Seen) -> Instance:
    age_s = time.monotonic() - seen.born
    created = datetime.now(timezone.utc) - timedelta(seconds=age_s)
    return Instance(
        function=name,
        instance_id=seen.instance_id,
        state=seen.state,
        version=seen.version,
        revision=int(seen.revision[1].rpartition("/")[2]),
        qualifier=seen.revision[0].partition("/")[2] or LATEST,
        created_time=created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        age_s=round(age_s, 3),
        calls=seen.calls,
        memory_mb=round(seen.memory_mb, 1),
    )
