"""The nouns of the object store: plain values, no disk and no HTTP."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

#: headers that are kept with an object and answered with it
CONTENT_HEADERS = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
DEFAULT_TYPE = "application/octet-stream"
BUCKET_ACLS = ("private", "public-read", "public-read-write")
OBJECT_ACLS = ("default", *BUCKET_ACLS)
STORAGE = ("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
REDUNDANCY = ("LRS", "ZRS")

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Bucket:
    name: str
    created: float
    acl: str = "private"
    storage: str = "Standard"
    redundancy: str = "LRS"


@dataclass(frozen=True)
class Meta:
    """What is said about an object beside its bytes. ``user``: its ``x-oss-meta-*`` headers, whole names."""

    headers: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, str] = field(default_factory=dict)
    tags: Tags = ()
    acl: str = "default"
    storage: str = "Standard"
    #: the key that a symlink stands for
    target: str = ""

    @property
    def mime_type(self) -> str:
        return self.headers.get("content-type", DEFAULT_TYPE)

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Meta:
        values = json.loads(text)
        return cls(**{**values, "tags": tuple((name, value) for name, value in values["tags"])})


@dataclass(frozen=True)
class Object:
    """One object. ``file`` names its bytes on disk; ``kind``: Normal, Multipart, Appendable or Symlink."""

    bucket: str
    key: str
    file: str
    size: int
    etag: str
    crc: int
    modified: float
    kind: str
    meta: Meta


@dataclass(frozen=True)
class Written:
    """What a write left, and what it replaced."""

    object: Object
    before: Object | None

    @property
    def delta(self) -> int:
        return self.object.size - (self.before.size if self.before else 0)


@dataclass(frozen=True)
class Upload:
    """A multipart upload that was begun and neither completed nor aborted."""

    id: str
    bucket: str
    key: str
    created: float
    meta: Meta


@dataclass(frozen=True)
class Part:
    number: int
    file: str
    size: int
    etag: str
    crc: int
    modified: float


@dataclass(frozen=True)
class Stat:
    size: int
    objects: int
    uploads: int
    parts: int
    modified: float
