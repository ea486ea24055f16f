"""Who may do what without a signature: what the acl of an object, else of its bucket, lets everybody do."""

from __future__ import annotations

from fc_magic.server.grants import Grant
from fc_magic.server.objects import names
from fc_magic.server.objects.call import Call
from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.store import Store


def check_grant(grant: Grant, asked: Call) -> None:
    """Raises Refused unless a key that was granted for one object is used for that."""
    copies = "x-oss-copy-source" in asked.headers
    if not grant.allows(asked.method, asked.sub, asked.bucket, asked.key, copies):
        raise Refused("AccessDenied", "These credentials are for another object, or another operation.")


_LETS = {"reader": ("public-read", "public-read-write"), "writer": ("public-read-write",)}


def allow(who: str, asked: Call, store: Store) -> None:
    """Raises Refused unless everybody may. ``x-oss-copy-source`` reads with rights that nobody has."""
    lets = _LETS.get(who, ())
    if lets and asked.bucket and "x-oss-copy-source" not in asked.headers:
        names.check_bucket(asked.bucket)
        with store.db:
            acl = store.bucket(asked.bucket).acl
            found = store.find(asked.bucket, asked.key) if asked.key else None
        if found and found.meta.acl != "default":
            acl = found.meta.acl
        if acl in lets:
            return
    text = "Anonymous access is forbidden for this operation." if not lets else ""
    raise Refused("AccessDenied", text, BucketName=asked.bucket)
