"""Nouns <-> rows."""

from __future__ import annotations

from fc_magic.server.objects.model import Meta, Object, Part, Upload
from fc_magic.server.objects.tables import Row

OBJECT = "bucket, key, file, size, etag, crc, modified, kind, meta"
WRITE_OBJECT = "INSERT OR REPLACE INTO objects VALUES (?,?,?,?,?,?,?,?,?)"
UPLOAD = "id, bucket, key, created, meta"
PART = "number, file, size, etag, crc, modified"


def to_object(row: Row) -> Object:
    bucket, key, file, size, etag, crc, modified, kind, meta = row
    return Object(bucket, key.decode(), file, size, etag, int(crc), modified, kind, Meta.from_json(meta))


def from_object(made: Object) -> Row:
    key, crc = made.key.encode(), str(made.crc)  # a CRC-64 is larger than SQLite's integers
    return (
        made.bucket,
        key,
        made.file,
        made.size,
        made.etag,
        crc,
        made.modified,
        made.kind,
        made.meta.to_json(),
    )


def to_upload(row: Row) -> Upload:
    upload_id, bucket, key, created, meta = row
    return Upload(upload_id, bucket, key.decode(), created, Meta.from_json(meta))


def from_upload(made: Upload) -> Row:
    return made.id, made.bucket, made.key.encode(), made.created, made.meta.to_json()


def to_part(row: Row) -> Part:
    number, file, size, etag, crc, modified = row
    return Part(number, file, size, etag, int(crc), modified)


def from_part(upload_id: str, made: Part) -> Row:
    return upload_id, made.number, made.file, made.size, made.etag, str(made.crc), made.modified
