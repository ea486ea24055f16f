"""Buckets and objects on disk, without HTTP: rows in one SQLite file, bytes as files beside it.

A write puts its bytes into a file of their own and then names the file in one transaction. So a reader sees the
object before or the object after, and so does whoever starts the server again after ``kill -9``. Every method may be
called from any thread; they touch the disk, so an event loop calls them in one.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from fc_magic.server.objects import listing, names, rows
from fc_magic.server.objects.files import Files, Staged
from fc_magic.server.objects.listing import Page
from fc_magic.server.objects.model import Bucket, Meta, Object, Stat, Written
from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.tables import Database
from fc_magic.server.objects.uploads import Uploads

#: bytes of an object that is put, appended or copied in one request; OSS's limit
MAX_OBJECT = 5 << 30


class Store:
    """The objects below ``folder``. One process at a time; ``clock``: seconds since the epoch."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.clock = clock
        self.files = Files(folder / "objects")
        self.db = Database(folder / "objects.sqlite")
        self.uploads = Uploads(self)
        self._appending = threading.Lock()
        self.files.sweep(
            {file for (file,) in self.db.rows("SELECT file FROM objects UNION SELECT file FROM parts")}
        )

    def close(self) -> None:
        self.db.close()

    # ------------------------------------------------------------ buckets

    def create_bucket(
        self, name: str, acl: str = "", storage: str = "Standard", redundancy: str = "LRS"
    ) -> Bucket:
        """Makes the bucket, or sets the acl of the one that is there: it has the same owner."""
        names.check_bucket(name)
        with self.db.transaction():
            there = self._bucket(name)
            if there is None:
                there = Bucket(name, self.clock(), acl or "private", storage, redundancy)
                self.db.run("INSERT INTO buckets VALUES (?,?,?,?,?)", *dataclasses.astuple(there))
            elif (there.storage, there.redundancy) != (storage, redundancy):
                text = "Cannot modify existing bucket's storage class."
                raise Refused("BucketAlreadyExists", text, BucketName=name)
            elif acl:
                self.db.run("UPDATE buckets SET acl=? WHERE name=?", acl, name)
        return self.bucket(name)

    def delete_bucket(self, name: str) -> None:
        with self.db.transaction():
            self.bucket(name)
            for table in ("objects", "uploads"):
                if self.db.row(f"SELECT 1 FROM {table} WHERE bucket=? LIMIT 1", name):  # noqa: S608 - our own names
                    raise Refused("BucketNotEmpty", BucketName=name)
            self.db.run("DELETE FROM buckets WHERE name=?", name)

    def bucket(self, name: str) -> Bucket:
        found = self._bucket(names.check_bucket(name))
        if found is None:
            raise Refused("NoSuchBucket", BucketName=name)
        return found

    def _bucket(self, name: str) -> Bucket | None:
        row = self.db.row("SELECT * FROM buckets WHERE name=?", name)
        return Bucket(*row) if row else None

    def buckets(self, prefix: str = "", after: str = "", limit: int = 1000) -> tuple[list[Bucket], str]:
        """A page in order of name, and the name to go on after ("" on the last page)."""
        found = self.db.rows(
            "SELECT * FROM buckets WHERE name > ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?",
            *(after, len(prefix), prefix, limit + 1),
        )
        return [Bucket(*row) for row in found[:limit]], found[limit - 1][0] if len(found) > limit else ""

    def set_bucket_acl(self, name: str, acl: str) -> None:
        with self.db.transaction():
            self.bucket(name)
            self.db.run("UPDATE buckets SET acl=? WHERE name=?", acl, name)

    def stat(self, name: str) -> Stat:
        with self.db:
            bucket = self.bucket(name)
            one = "SELECT count(*), coalesce(sum(size), 0), coalesce(max(modified), 0) FROM objects WHERE bucket=?"
            ((objects, size, modified),) = self.db.rows(one, name)
            ((uploads,),) = self.db.rows("SELECT count(*) FROM uploads WHERE bucket=?", name)
            both = "SELECT count(*) FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket=?)"
            ((parts,),) = self.db.rows(both, name)
        return Stat(size, objects, uploads, parts, modified or bucket.created)

    # ------------------------------------------------------------ reading

    def get(self, bucket: str, key: str) -> Object:
        with self.db:
            self.bucket(bucket)
            found = self.find(bucket, key)
        if found is None:
            raise Refused("NoSuchKey", Key=key)
        return found

    def find(self, bucket: str, key: str) -> Object | None:
        names.check_key(key)
        row = self.db.row(f"SELECT {rows.OBJECT} FROM objects WHERE bucket=? AND key=?", bucket, key.encode())  # noqa: S608
        return rows.to_object(row) if row else None

    def follow(self, found: Object) -> Object:
        """What a symlink stands for; any other object itself."""
        if found.kind != "Symlink":
            return found
        target = self.find(found.bucket, found.meta.target)
        if target is None:
            raise Refused("SymlinkTargetNotExist", Key=found.meta.target)
        if target.kind == "Symlink":
            raise Refused("InvalidTargetType", Key=found.meta.target)
        return target

    @contextlib.contextmanager
    def open(self, bucket: str, key: str) -> Iterator[tuple[Object, BinaryIO]]:
        """The object and its bytes as of now. Only its first ``size`` bytes are the object's."""
        found, file = self.take(bucket, key)
        with file:
            yield found, file

    def take(self, bucket: str, key: str) -> tuple[Object, BinaryIO]:
        """Like ``open``, for a caller who closes the file."""
        with self.db:  # until the file is open it is not removed
            found = self.follow(self.get(bucket, key))
            return found, self.files.open(found.file)

    def read(self, bucket: str, key: str) -> bytes:
        """All of an object. For code: it is in memory as a whole."""
        with self.open(bucket, key) as (found, file):
            return file.read(found.size)

    def list(
        self, bucket: str, limit: int = 1000, prefix: str = "", delimiter: str = "", after: str = ""
    ) -> Page[Object]:
        self.bucket(bucket)

        def fetch(start: bytes, behind: bool, count: int) -> list[tuple[bytes, Object]]:
            found = self.db.rows(
                f"SELECT {rows.OBJECT} FROM objects WHERE bucket=? AND key {'>' if behind else '>='} ? "  # noqa: S608
                "ORDER BY key LIMIT ?",
                *(bucket, start, count),
            )
            return [(row[1], rows.to_object(row)) for row in found]

        return listing.page(fetch, limit, prefix.encode(), delimiter.encode(), after.encode())

    # ------------------------------------------------------------ writing

    def put(
        self, bucket: str, key: str, data: bytes, meta: Meta | None = None, *, forbid: bool = False
    ) -> Written:
        staged = self.files.new()
        try:
            staged.write(data)
            return self.keep(bucket, key, staged, meta or Meta(), forbid=forbid)
        except BaseException:
            staged.discard()
            raise

    def keep(
        self,
        bucket: str,
        key: str,
        staged: Staged,
        meta: Meta,
        *,
        kind: str = "Normal",
        etag: str = "",
        forbid: bool = False,
    ) -> Written:
        """Gives what was staged its key. ``forbid``: not if there is such an object already."""
        staged.close()
        if kind == "Normal":
            said = {**meta.headers, "content-md5": base64.b64encode(staged.md5).decode()}
            meta = dataclasses.replace(meta, headers=said)
        made = Object(
            bucket, key, staged.id, staged.size, etag or staged.etag, staged.crc, self.clock(), kind, meta
        )
        return self.replace(made, forbid=forbid)

    def replace(self, made: Object, *, forbid: bool = False) -> Written:
        with self.db.transaction():
            written = self.write(made, forbid=forbid)
        if written.before:
            self.files.remove([written.before.file])
        return written

    def write(self, made: Object, *, forbid: bool = False) -> Written:
        """Inside a transaction; the caller removes the file of what was replaced, after it."""
        names.check_key(made.key)
        self.bucket(made.bucket)
        before = self.find(made.bucket, made.key)
        if before and forbid:
            raise Refused("FileAlreadyExists", Key=made.key)
        self.db.run(rows.WRITE_OBJECT, *rows.from_object(made))
        return Written(made, before)

    def change_meta(self, bucket: str, key: str, change: Callable[[Meta], Meta]) -> Object:
        """Changes what is said about an object; its bytes and its date stay."""
        with self.db.transaction():
            found = self.get(bucket, key)
            made = dataclasses.replace(found, meta=change(found.meta))
            self.db.run(rows.WRITE_OBJECT, *rows.from_object(made))
        return made

    def copy(self, source: Object, bucket: str, key: str, meta: Meta, *, forbid: bool = False) -> Written:
        """``source`` as it was found; NoSuchKey if it has gone since."""
        try:
            file = self.files.clone(source.file)
        except FileNotFoundError:
            raise Refused("NoSuchKey", Key=source.key) from None
        made = dataclasses.replace(
            source, bucket=bucket, key=key, file=file, modified=self.clock(), kind="Normal", meta=meta
        )
        try:
            return self.replace(made, forbid=forbid)
        except BaseException:
            self.files.remove([file])
            raise

    def append(self, bucket: str, key: str, position: int, staged: Staged, meta: Meta) -> Written:
        """Adds what was staged to the end, which must be at ``position``; ``meta`` counts for a new object."""
        with self._appending:  # one at a time, so that two that name the same end do not both find it
            with self.db:
                self.bucket(bucket)
                before = self.find(bucket, key)
            _check_position(before, position)
            if before is None:
                return self.keep(bucket, key, staged, meta, kind="Appendable", forbid=True)
            written = self._lengthen(before, staged)
        staged.discard()
        return written

    def _lengthen(self, before: Object, staged: Staged) -> Written:
        """Bytes first, then the row: until then the file is longer than anyone reads."""
        try:
            crc = self.files.extend(before.file, before.size, staged.id, before.crc)
        except FileNotFoundError:
            raise _not_there(self.find(before.bucket, before.key)) from None
        with self.db.transaction():
            now = self.find(before.bucket, before.key)
            if now is None or now.file != before.file:
                raise _not_there(now)
            size, etag = before.size + staged.size, _next_etag(before.etag, staged.etag)
            made = dataclasses.replace(now, size=size, etag=etag, crc=crc, modified=self.clock())
            self.db.run(rows.WRITE_OBJECT, *rows.from_object(made))
        return Written(made, before)

    def delete(self, bucket: str, key: str) -> Object | None:
        """Removes the object, if there is one, and returns what was there."""
        with self.db.transaction():
            self.bucket(bucket)
            before = self.find(bucket, key)
            if before:
                self.db.run("DELETE FROM objects WHERE bucket=? AND key=?", bucket, key.encode())
        if before:
            self.files.remove([before.file])
        return before


def _next_etag(before: str, added: str) -> str:
    """An appendable object's ETag says that it changed; it is no MD5 of the whole."""
    return hashlib.md5((before + added).encode(), usedforsecurity=False).hexdigest().upper()


def _check_position(found: Object | None, position: int) -> None:
    if found and found.kind != "Appendable":
        raise Refused("ObjectNotAppendable", Key=found.key)
    if position != (found.size if found else 0):
        raise _not_there(found)


def _not_there(found: Object | None) -> Refused:
    return Refused(
        "PositionNotEqualToLength", headers={"x-oss-next-append-position": str(found.size if found else 0)}
    )
