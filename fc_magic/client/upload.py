"""Code that is too big for a request, as an object of OSS while it is deployed.

It gets there in parts, several at once. What broke off goes on with the parts that are there, in this deployment or
in a later one: the object's key names the content, and OSS itself tells which of its parts it has.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta, timezone
from typing import Any

from fc_magic.client import oss
from fc_magic.client.session import Session
from fc_magic.errors import AccessDenied, ApiError, BadResponse, ConnectionFailed, FcError, UsageError
from fc_magic.wire import source
from fc_magic.wire.checksum import crc64
from fc_magic.wire.source import InFile, Oss

#: bytes of a part: of those that are under way only these are held a second time
PART = 8 << 20
AT_ONCE = 3
#: after which nobody comes back for an upload that broke off
ABANDONED = timedelta(days=1)
_AGAIN = "deploy it again: it goes on with what is there"


@contextlib.contextmanager
def passing(session: Session, place: str, raw: bytes | InFile) -> Iterator[Oss]:
    """The ZIP as an object as long as that takes. ``place``: whose it is, such as ``functions/NAME``.

    It is left there if what is done with it may not be over: repeating it finds the object and uploads nothing.
    """
    session.about_to_write(f"put code of {_mb(len(raw))} into a bucket of OSS")
    store = oss.Store(session)
    try:
        upload = _Upload(session, store, _bucket(session, store), place, raw)
        upload.run()
        try:
            yield Oss(oss_bucket=upload.bucket, oss_object_key=upload.key)
        except FcError as error:
            if not _is_final(error):
                raise _added(error, f"The code stays in the bucket {upload.bucket}", _AGAIN) from None
            upload.clear()
            raise
        upload.clear()
    finally:
        store.close()


def _is_final(error: FcError) -> bool:
    """Whether nothing is going on with the object, and the same again would come to the same."""
    if not isinstance(error, ApiError):
        return not isinstance(error, ConnectionFailed)
    return error.status < 500 and error.status not in (408, 429) and not isinstance(error, BadResponse)


# ---------------------------------------------------------------- the bucket


def _bucket(session: Session, store: oss.Store) -> str:
    """The one that is set, or one that is made for the account and region."""
    if session.settings.code_bucket:
        return session.settings.code_bucket
    account, region = session.target.account_id, session.target.region
    if not account:
        what = "code that is too big for a request goes through a bucket, and none has a name without the account id"
        raise UsageError(what, hint="set code_bucket, or account_id")
    name = f"fc-magic-{account}-{region}"
    try:
        owner = store.do("get_bucket_info", bucket=name).bucket_info.owner
    except ApiError as error:
        if error.code != "NoSuchBucket":
            raise _unusable(error, name) from None
        _make(store, name)
        return name
    # whoever guesses the name could make it first, and read what comes in
    if owner is not None and owner.id != account:
        what = f"the bucket {name} is there, and of another account"
        raise AccessDenied(what, hint="set code_bucket to a bucket of yours")
    return name


def _make(store: oss.Store, name: str) -> None:
    try:
        store.do("put_bucket", bucket=name, acl="private")
    except ApiError as error:
        raise _unusable(error, name) from None


def _unusable(error: ApiError, name: str) -> ApiError:
    error.message += f" (the bucket {name} for code that is too big for a request)"
    error.args = (error.message,)
    error.hint = error.hint or "set code_bucket to a bucket that you may write to"
    return error


# ---------------------------------------------------------------- the object


class _Upload:
    def __init__(
        self, session: Session, store: oss.Store, bucket: str, place: str, raw: bytes | InFile
    ) -> None:
        self._session, self._store, self._raw, self._place = session, store, raw, place
        self._checksum = crc64(raw)
        self.bucket, self.key = bucket, source.passing_key(place, self._checksum)

    def _do(self, operation: str, **fields: Any) -> Any:
        return self._store.do(operation, bucket=self.bucket, key=self.key, **fields)

    def run(self) -> None:
        """Raises ApiError or ConnectionFailed; what is there by then stays there."""
        if self._is_there():
            return
        upload, there = self._begun()
        with self._session.progress(self._place.rpartition("/")[2], len(self._raw)) as told:
            self._send(upload, there, told)
        self._complete(upload, there)

    def _is_there(self) -> bool:
        try:
            found = self._do("head_object")
        except ApiError as error:
            if error.status != 404:
                raise self._said(error) from None
            return False
        return bool(found.hash_crc64 == self._checksum and found.content_length == len(self._raw))

    def _begun(self) -> tuple[str, dict[int, str]]:
        """The upload that got farthest before it broke off, and its parts; else a new one."""
        begun = [(self._parts(id_), id_) for key, id_, _ in self._unfinished(self.key) if key == self.key]
        if begun:
            parts, id_ = max(begun, key=lambda one: len(one[0]))
            return id_, parts
        return str(self._do("initiate_multipart_upload").upload_id), {}

    def _unfinished(self, prefix: str) -> list[tuple[str, str, datetime]]:
        try:
            found = self._store.do("list_multipart_uploads", bucket=self.bucket, prefix=prefix).uploads
        except ApiError as error:
            raise self._said(error) from None
        return [(one.key, one.upload_id, one.initiated) for one in found or ()]

    def _parts(self, upload: str) -> dict[int, str]:
        """Those that are there whole: number -> ETag, which is their MD5."""
        found = self._do("list_parts", upload_id=upload).parts or ()
        return {part.part_number: part.etag for part in found if self._is_whole(part.part_number, part.etag)}

    def _is_whole(self, number: int, etag: str) -> bool:
        digest = hashlib.md5(self._part(number), usedforsecurity=False).hexdigest()
        return etag.strip('"').lower() == digest

    def _part(self, number: int) -> bytes:
        return self._raw[(number - 1) * PART : number * PART]

    def _send(self, upload: str, there: dict[int, str], told: Callable[[int], None]) -> None:
        """The parts that are missing."""
        count = -(-len(self._raw) // PART)
        missing = [number for number in range(1, count + 1) if number not in there]
        told(self._size(there))
        pool = ThreadPoolExecutor(AT_ONCE, "upload")
        try:
            sent = {pool.submit(self._put, upload, number, there): number for number in missing}
            for one in as_completed(sent):
                one.result()
                told(self._size(there))
        except FcError as error:
            pool.shutdown(cancel_futures=True)  # what is under way arrives
            got = f"{_mb(self._size(there))} of {_mb(len(self._raw))} of the code are in the bucket {self.bucket}"
            raise _added(error, got, _AGAIN) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _size(self, numbers: Iterable[int]) -> int:
        return sum(min(PART, len(self._raw) - (number - 1) * PART) for number in list(numbers))

    def _put(self, upload: str, number: int, there: dict[int, str]) -> None:
        part = self._part(number)
        for _ in range(self._session.settings.retries + 1):
            sent = self._do("upload_part", upload_id=upload, part_number=number, body=part)
            if sent.hash_crc64 in (None, crc64(part)):
                there[number] = str(sent.etag)
                return
        raise BadResponse(f"part {number} of {self.key} did not arrive as it was sent")

    def _complete(self, upload: str, there: dict[int, str]) -> None:
        models = oss.sdk()
        parts = [models.UploadPart(part_number=number, etag=etag) for number, etag in sorted(there.items())]
        asked = models.CompleteMultipartUpload(parts=parts)
        try:
            found = self._do("complete_multipart_upload", upload_id=upload, complete_multipart_upload=asked)
        except ApiError as error:
            # an earlier try arrived after all, or somebody else sends the same
            if error.status == 404 and self._is_there():
                return
            raise self._said(error) from None
        if found.hash_crc64 not in (None, self._checksum):
            self.clear()
            raise BadResponse(
                f"the code did not arrive whole: the object has CRC-64 {found.hash_crc64}, not {self._checksum}",
                hint="deploy it again",
            )

    def _said(self, error: ApiError) -> ApiError:
        return _unusable(error, self.bucket) if error.status in (403, 404) else error

    def clear(self) -> None:
        """The object is removed, and what nobody comes back for."""
        try:
            self._do("delete_object")
            old = datetime.now(timezone.utc) - ABANDONED
            for key, id_, begun in self._unfinished(source.passing_key(self._place, "").removesuffix(".zip")):
                if key == self.key or begun < old:
                    self._store.do("abort_multipart_upload", bucket=self.bucket, key=key, upload_id=id_)
        except FcError as error:
            why = error.message.rstrip(".")
            self._session.warn(
                f"what was uploaded may still be in the bucket {self.bucket}, {self.key}: {why}"
            )


def _added(error: FcError, text: str, hint: str) -> FcError:
    error.message = f"{error.message.rstrip('.')}. {text}"
    error.args = (error.message,)
    error.hint = hint if isinstance(error, ConnectionFailed) else error.hint or hint
    return error


def _mb(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB"
