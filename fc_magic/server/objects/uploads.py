"""Multipart uploads on disk: begun, their parts, completed or aborted."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from fc_magic.server.objects import listing, names, rows
from fc_magic.server.objects.files import Staged
from fc_magic.server.objects.listing import Page
from fc_magic.server.objects.model import Meta, Object, Part, Upload, Written
from fc_magic.server.objects.refusals import Refused

if TYPE_CHECKING:
    from fc_magic.server.objects.store import Store

MAX_PARTS = 10_000
#: every part but the last has at least so many bytes; OSS's limit
MIN_PART = 100 << 10


class Uploads:
    """The part of a store that knows uploads. Their parts are files that belong to no object yet."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, bucket: str, key: str, meta: Meta) -> Upload:
        names.check_key(key)
        store = self._store
        made = Upload(secrets.token_hex(16).upper(), bucket, key, store.clock(), meta)
        with store.db.transaction():
            store.bucket(bucket)
            store.db.run("INSERT INTO uploads VALUES (?,?,?,?,?)", *rows.from_upload(made))
        return made

    def get(self, bucket: str, key: str, upload_id: str) -> Upload:
        with self._store.db:
            self._store.bucket(bucket)
            row = self._store.db.row(f"SELECT {rows.UPLOAD} FROM uploads WHERE id=?", upload_id)  # noqa: S608
        found = rows.to_upload(row) if row else None
        if found is None or (found.bucket, found.key) != (bucket, key):
            raise Refused("NoSuchUpload", UploadId=upload_id)
        return found

    def keep_part(self, upload: Upload, number: int, staged: Staged) -> Part:
        """Gives what was staged its number; a part that had it is replaced."""
        store = self._store
        staged.close()
        part = Part(number, staged.id, staged.size, staged.etag, staged.crc, store.clock())
        with store.db.transaction():
            self.get(upload.bucket, upload.key, upload.id)
            before = store.db.rows("SELECT file FROM parts WHERE upload=? AND number=?", upload.id, number)
            store.db.run(
                "INSERT OR REPLACE INTO parts VALUES (?,?,?,?,?,?,?)", *rows.from_part(upload.id, part)
            )
        store.files.remove(file for (file,) in before)
        return part

    def parts(self, upload: Upload, after: int = 0, limit: int = MAX_PARTS) -> list[Part]:
        found = self._store.db.rows(
            f"SELECT {rows.PART} FROM parts WHERE upload=? AND number > ? ORDER BY number LIMIT ?",  # noqa: S608
            *(upload.id, after, limit),
        )
        return [rows.to_part(row) for row in found]

    def page(
        self,
        bucket: str,
        limit: int = 1000,
        prefix: str = "",
        delimiter: str = "",
        after: str = "",
        after_id: str = "",
    ) -> Page[Upload]:
        """In order of key, then id. ``after_id``: also those of the key ``after`` that come behind that id."""
        self._store.bucket(bucket)
        rest = self._of_key(bucket, after, after_id) if after_id and after.startswith(prefix) else iter(())

        def fetch(start: bytes, behind: bool, count: int) -> Sequence[tuple[bytes, Upload]]:
            more = (
                f"SELECT {rows.UPLOAD} FROM uploads WHERE bucket=? AND key {'>' if behind else '>='} ? "  # noqa: S608
                "ORDER BY key, id"
            )
            found = [*rest, *map(rows.to_upload, self._store.db.rows(more, bucket, start))]
            # all at once: several uploads may have one key, which a page of ``count`` could cut in two
            return [(upload.key.encode(), upload) for upload in found]

        return listing.page(fetch, limit, prefix.encode(), delimiter.encode(), after.encode())

    def begun_before(self, bucket: str, at: float) -> list[Upload]:
        asked = f"SELECT {rows.UPLOAD} FROM uploads WHERE bucket=? AND created < ?"  # noqa: S608
        return [rows.to_upload(row) for row in self._store.db.rows(asked, bucket, at)]

    def _of_key(self, bucket: str, key: str, after_id: str) -> Iterator[Upload]:
        found = self._store.db.rows(
            f"SELECT {rows.UPLOAD} FROM uploads WHERE bucket=? AND key=? AND id > ? ORDER BY id",  # noqa: S608
            bucket,
            key.encode(),
            after_id,
        )
        return map(rows.to_upload, found)

    def abort(self, upload: Upload) -> None:
        with self._store.db.transaction():
            self.get(upload.bucket, upload.key, upload.id)
            files = self._forget(upload)
        self._store.files.remove(files)

    def complete(
        self, upload: Upload, wanted: Iterable[tuple[int, str]] | None, *, forbid: bool = False
    ) -> Written:
        """Joins the parts ``wanted`` (number, ETag), or all there are, to one object."""
        parts = self.parts(upload)
        if wanted is not None:
            parts = _chosen(parts, list(wanted))
        if not parts:
            raise Refused("InvalidPart", UploadId=upload.id)
        for part in parts[:-1]:
            if part.size < MIN_PART:
                fields = {
                    "PartNumber": str(part.number),
                    "MinSizeAllowed": str(MIN_PART),
                    "ProposedSize": str(part.size),
                }
                raise Refused("EntityTooSmall", fields=fields)
        store = self._store
        staged = store.files.new()
        try:
            self._join(upload, parts, staged)
            staged.close()
            etag = f"{_joined_etag(parts)}-{len(parts)}"
            with store.db.transaction():  # the object appears and the upload ends as one
                self.get(upload.bucket, upload.key, upload.id)
                files = self._forget(upload)
                made = Object(
                    *(upload.bucket, upload.key, staged.id, staged.size, etag, staged.crc, store.clock()),
                    kind="Multipart",
                    meta=upload.meta,
                )
                written = store.write(made, forbid=forbid)
        except BaseException:
            staged.discard()
            raise
        store.files.remove([*files, *([written.before.file] if written.before else [])])
        return written

    def _join(self, upload: Upload, parts: Iterable[Part], staged: Staged) -> None:
        for part in parts:
            try:
                for piece in self._store.files.read(part.file, 0, part.size):
                    staged.write(piece)
            except FileNotFoundError:  # aborted, completed or replaced meanwhile
                self.get(upload.bucket, upload.key, upload.id)
                raise Refused("InvalidPart", PartNumber=str(part.number), UploadId=upload.id) from None

    def _forget(self, upload: Upload) -> list[str]:
        """Inside a transaction; returns the files that nobody names then."""
        files = [part.file for part in self.parts(upload)]
        self._store.db.run("DELETE FROM parts WHERE upload=?", upload.id)
        self._store.db.run("DELETE FROM uploads WHERE id=?", upload.id)
        return files


def _chosen(parts: Iterable[Part], wanted: list[tuple[int, str]]) -> list[Part]:
    there = {part.number: part for part in parts}
    numbers = [number for number, _ in wanted]
    if any(one >= other for one, other in pairwise(numbers)):
        raise Refused("InvalidPartOrder")
    for number, etag in wanted:
        part = there.get(number)
        if part is None or part.etag != etag.strip().strip('"').upper():
            raise Refused("InvalidPart", PartNumber=str(number), PartETag=etag)
    return [there[number] for number in numbers]


def _joined_etag(parts: Iterable[Part]) -> str:
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    return hashlib.md5(digests, usedforsecurity=False).hexdigest().upper()
