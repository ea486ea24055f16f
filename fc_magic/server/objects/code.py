"""The code of a deployment that is kept as an object; what is wrong with it is said in the deployment's own words."""

from __future__ import annotations

from fc_magic.errors import InvalidArgument
from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.store import Store
from fc_magic.wire import checks, sources
from fc_magic.wire.spec import Oss

#: bytes of a ZIP in OSS; FC's own limit
MAX_BYTES = 500 << 20


def read_zip(store: Store, code: Oss, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of the ZIP. Raises InvalidArgument about the field that is wrong. Blocks: call it in a thread."""
    try:
        with store.open(code.oss_bucket, code.oss_object_key) as (found, file):
            if found.size > max_bytes:
                what = f"is an object of {found.size} bytes; at most {max_bytes >> 20} MB are allowed"
                raise _refused("oss_object_key", what, code)
            raw = file.read(found.size)
    except Refused as refused:
        if refused.code == "NoSuchBucket":
            what = "names a bucket that does not exist in the object store"
            raise _refused("oss_bucket", what, code) from None
        raise _refused("oss_object_key", _why(refused, code), code) from None
    broken = sources.zip_problem(raw)
    if broken:
        raise _refused("oss_object_key", broken, code)
    return raw


def _why(refused: Refused, code: Oss) -> str:
    if refused.code == "NoSuchKey":
        return f"names an object that does not exist in the bucket {code.oss_bucket}"
    return f"names an object that cannot be read ({refused.code})"


def _refused(field: str, what: str, code: Oss) -> InvalidArgument:
    problem = checks.problem(field, what, getattr(code, field), hint=_HINTS[field])
    return InvalidArgument(f"the code was refused: {field} {what}", problems=[problem])


_HINTS = {
    "oss_bucket": "create the bucket first, and put the ZIP into it",
    "oss_object_key": "put the ZIP there first",
}


def missing(store: Store, buckets: set[str]) -> list[str]:
    """Those of the buckets that do not exist. Blocks."""
    return sorted(bucket for bucket in buckets if not _exists(store, bucket))


def _exists(store: Store, bucket: str) -> bool:
    try:
        store.bucket(bucket)
    except Refused:
        return False
    return True
