"""The bucket that code is uploaded to before it is deployed; what lies there for long is removed. Blocks."""

from __future__ import annotations

import contextlib

from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.store import Store

#: how long an upload is kept after it came
KEEP_S = 24 * 3600


def prepare(store: Store, bucket: str) -> None:
    """Makes the bucket, unless it is there, and removes old uploads, also those that nobody completed."""
    store.create_bucket(bucket)
    before, last, more = store.clock() - KEEP_S, "", True
    while more:
        page = store.list(bucket, after=last)
        for found in page.items:
            if found.modified < before:
                with contextlib.suppress(Refused):
                    store.delete(bucket, found.key)
        more, last = bool(page.next), page.next.decode()
    for begun in store.uploads.begun_before(bucket, before):
        with contextlib.suppress(Refused):  # completed meanwhile
            store.uploads.abort(begun)
