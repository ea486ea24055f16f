"""The store without HTTP: keys, listings, appends, copies, uploads, and what is left after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.server.objects import conditions, listing
from fc_magic.server.objects.model import Meta
from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.store import Store

KEYS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.sampled_from(["..", "../../etc/passwd", "a//b", "a/./b", "%2e%2e/x", "a\0b", "k" * 1023, "世" * 341]),
).filter(lambda key: key[0] not in "/\\")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with the bucket ``b``, on a clock that stands still."""
    made = Store(tmp_path / "data", clock=lambda: 1_700_000_000.5)
    made.create_bucket("b-1")
    yield made
    made.close()


def files(store: Store) -> int:
    return len(list(store.files.folder.iterdir()))


@settings(max_examples=40)
@given(objects=st.dictionaries(KEYS, st.binary(max_size=30), max_size=8))
def test_any_key_holds_its_bytes(objects: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """A key is text, not a path: what is put is read again, also after a restart, and nothing else is there."""
    folder = tmp_path_factory.mktemp("keys") / "data"
    store = Store(folder)
    store.create_bucket("b-1")
    for key, data in objects.items():
        store.put("b-1", key, data)
    store.close()
    store = Store(folder)
    assert {key: store.read("b-1", key) for key in objects} == objects
    assert [found.key for found in store.list("b-1").items] == sorted(objects, key=str.encode)
    assert {path.name for path in folder.iterdir()} <= {
        "objects",
        "objects.sqlite",
        "objects.sqlite-wal",
        "objects.sqlite-shm",
    }
    assert files(store) == len(objects)
    for key in objects:
        assert store.delete("b-1", key)
    assert files(store) == 0
    store.close()


@pytest.mark.parametrize("key", ["", "/a", "\\a", "k" * 1024, "世" * 342, "\ud800"])
def test_no_key(store: Store, key: str) -> None:
    """Nothing, more than 1023 bytes, and a slash at the start are no keys."""
    with pytest.raises(Refused, match="InvalidObjectName"):
        store.put("b-1", key, b"")
    assert files(store) == 0


@pytest.mark.parametrize("name", ["ab", "Abc", "-abc", "abc-", "a_c", "a" * 64, "..", "a/b", "abc\n"])
def test_no_bucket_name(store: Store, name: str) -> None:
    """A bucket has 3 to 63 small letters, digits and hyphens."""
    with pytest.raises(Refused, match="InvalidBucketName"):
        store.create_bucket(name)


NAMES = st.lists(st.text("ab/é", min_size=1, max_size=5), unique=True, max_size=20)


@given(
    keys=NAMES,
    prefix=st.text("ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "b", "a/"]),
    limit=st.integers(1, 4),
    after=st.text("ab/", max_size=2),
    batch=st.integers(1, 3),
)
def test_pages_together_are_the_listing(
    keys: list[str], prefix: str, delimiter: str, limit: int, after: str, batch: int
) -> None:
    """However it is cut into pages, a listing has every key and every prefix once, in order."""
    rows = sorted(key.encode() for key in keys)

    def fetch(start: bytes, behind: bool, count: int) -> list[tuple[bytes, str]]:
        found = [row for row in rows if row > start or (row == start and not behind)]
        return [(row, row.decode()) for row in found[:count]]

    found: list[str] = []
    mark = after.encode()
    while True:
        page = listing.page(fetch, limit, prefix.encode(), delimiter.encode(), mark, batch)
        assert len(page.items) + len(page.prefixes) <= limit
        found += sorted([*page.items, *(p.decode() for p in page.prefixes)], key=str.encode)
        if not page.next:
            break
        assert len(page.items) + len(page.prefixes) == limit
        mark = page.next

    def name(key: str) -> str:
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        return key if at < 0 else key[: at + len(delimiter)]

    # a page that begins after a folded name goes on behind all that was folded into it
    folded = after.startswith(prefix) and name(after + "!") == after
    expected: list[str] = []
    for key in (row.decode() for row in rows):
        behind = key.encode() > after.encode() and not (folded and after and key.startswith(after))
        if key.startswith(prefix) and behind and name(key) not in expected:
            expected.append(name(key))
    assert found == expected


@given(size=st.integers(0, 30), first=st.integers(0, 40), last=st.integers(0, 40), standard=st.booleans())
def test_ranges(size: int, first: int, last: int, standard: bool) -> None:
    """A range inside is served; one outside is all of the object, or HTTP's 416 if that was asked for."""
    data = bytes(range(size))

    def served(header: str) -> bytes | None:
        try:
            part = conditions.wanted(header, size, standard)
        except Refused:
            return None
        return data if part is None else data[part[0] : part[0] + part[1]]

    asked = data[first : last + 1]
    inside = first <= last < size
    if first > last or inside:
        assert served(f"bytes={first}-{last}") == (asked if inside else data)
    elif standard:
        assert served(f"bytes={first}-{last}") == (asked if first < size else None)
    else:
        assert served(f"bytes={first}-{last}") == data
    assert served(f"bytes={first}-") == (data[first:] if first < size else None if standard else data)
    assert served("bytes=-") == served("lines=1-2") == data


def test_a_put_replaces_and_leaves_nothing(store: Store) -> None:
    """The bytes that a put replaced are gone, and the difference in size is told."""
    assert store.put("b-1", "k", b"12345").delta == 5
    written = store.put("b-1", "k", b"123", Meta(user={"x-oss-meta-a": "1"}))
    assert (written.delta, written.object.etag) == (-2, "202CB962AC59075B964B07152D234B70")
    assert store.get("b-1", "k") == written.object
    assert files(store) == 1
    with pytest.raises(Refused, match="FileAlreadyExists"):
        store.put("b-1", "k", b"4", forbid=True)
    assert (store.read("b-1", "k"), files(store)) == (b"123", 1)


def test_a_reader_keeps_what_it_opened(store: Store) -> None:
    """An object that is replaced or removed under a reader is read to its end."""
    store.put("b-1", "k", b"before")
    with store.open("b-1", "k") as (found, file):
        store.put("b-1", "k", b"after")
        store.delete("b-1", "k")
        assert file.read(found.size) == b"before"


@settings(max_examples=40)
@given(pieces=st.lists(st.binary(max_size=9), min_size=1, max_size=5))
def test_appends_are_one_object(pieces: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is appended is the whole, its CRC is that of a put of the whole, and a copy of before stays."""
    store = Store(tmp_path_factory.mktemp("append") / "data")
    store.create_bucket("b-1")
    whole = b""
    for piece in pieces:
        staged = store.files.new()
        staged.write(piece)
        store.append("b-1", "log", len(whole), staged, Meta())
        if not whole:
            store.copy(store.get("b-1", "log"), "b-1", "copy", Meta())
        whole = whole + piece
    put = store.put("b-1", "put", whole).object
    log = store.get("b-1", "log")
    assert (store.read("b-1", "log"), log.crc, log.size) == (whole, put.crc, len(whole))
    assert whole.startswith(store.read("b-1", "copy"))
    assert files(store) == 3
    store.close()


def test_an_append_names_the_end(store: Store) -> None:
    """Another position is refused with the right one; an object that was put cannot be appended to."""
    staged = store.files.new()
    staged.write(b"abc")
    store.append("b-1", "log", 0, staged, Meta())
    for key, position, code in [("log", 2, "PositionNotEqualToLength"), ("put", 1, "ObjectNotAppendable")]:
        store.put("b-1", "put", b"x")
        staged = store.files.new()
        with pytest.raises(Refused, match=code) as refused:
            store.append("b-1", key, position, staged, Meta())
        staged.discard()
    assert refused.value.status == 409


def test_a_torn_append_was_never_there(store: Store, tmp_path: Path) -> None:
    """Bytes behind the acknowledged end, left by a crash, are neither read nor kept."""
    for position, piece in [(0, b"abc"), (3, b"de")]:
        staged = store.files.new()
        staged.write(piece)
        store.append("b-1", "log", position, staged, Meta())
        with open(store.files.path(store.get("b-1", "log").file), "ab") as file:
            file.write(b"torn")
        assert store.read("b-1", "log") == b"abcde"[: position + len(piece)]


def test_the_next_start_sweeps(tmp_path: Path) -> None:
    """A file that no object names is removed at the next start; the others stay."""
    store = Store(tmp_path)
    store.create_bucket("b-1")
    store.put("b-1", "k", b"kept")
    upload = store.uploads.begin("b-1", "big", Meta())
    part = store.files.new()
    part.write(b"part")
    store.uploads.keep_part(upload, 1, part)
    lost = store.files.new()
    lost.write(b"never acknowledged")
    lost.close()
    store.close()
    store = Store(tmp_path)
    assert files(store) == 2
    assert store.uploads.complete(upload, [(1, part.etag)]).object.size == 4
    assert files(store) == 2
    store.close()


def test_a_bucket_is_removed_when_it_is_empty(store: Store) -> None:
    """Objects and unfinished uploads keep a bucket."""
    store.put("b-1", "k", b"")
    upload = store.uploads.begin("b-1", "big", Meta())
    for remove in (lambda: store.delete("b-1", "k"), lambda: store.uploads.abort(upload)):
        with pytest.raises(Refused, match="BucketNotEmpty"):
            store.delete_bucket("b-1")
        remove()
    store.delete_bucket("b-1")
    with pytest.raises(Refused, match="NoSuchBucket"):
        store.put("b-1", "k", b"")
    assert files(store) == 0
