"""What can be seen of a function's instances, in the words of the wire."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from fc_magic.server.worker.pool import Pool, Seen
from fc_magic.wire.results import Instance, Instances


def seen(pool: Pool, name: str) -> Instances:
    """As they are now, the oldest first."""
    found = Instances(_instance(name, instance) for instance in pool.seen(name))
    found.function = name
    return found


def _instance(name: str, seen: Seen) -> Instance:
    age_s = time.monotonic() - seen.born
    created = datetime.now(timezone.utc) - timedelta(seconds=age_s)
    return Instance(
        function=name,
        instance_id=seen.instance_id,
        state=seen.state,
        version=seen.version.rpartition("/")[2],
        created_time=created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        age_s=round(age_s, 3),
        calls=seen.calls,
        memory_mb=round(seen.memory_mb, 1),
    )
