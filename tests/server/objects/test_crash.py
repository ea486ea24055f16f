"""Many clients at once, kill -9 in the middle of puts, and objects larger than memory should hold."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import oss2
import pytest

from tests.server.objects.conftest import Endpoint, storing

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

SIZE = 400_000


def whole(data: bytes) -> bool:
    """Whether all bytes are of one writer."""
    return len(data) == SIZE and data == data[:1] * SIZE


def test_writers_of_one_key(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """Of parallel puts one wins, whole; a reader in between never sees a mix, nor nothing."""
    bucket.put_object("k", b"0" * SIZE)

    def put(number: int) -> None:
        own = endpoint.bucket(bucket.bucket_name)
        for round_ in range(5):
            own.put_object("k", bytes([65 + number * 5 + round_]) * SIZE)

    def read(_: int) -> list[bool]:
        own = endpoint.bucket(bucket.bucket_name)
        return [whole(own.get_object("k").read()) for _ in range(10)]

    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(put, number) for number in range(4)]
        assert all(all(result) for result in pool.map(read, range(2)))
        for writer in writers:
            writer.result()
    assert whole(bucket.get_object("k").read())


def test_appends_at_once(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """Of appends to one end one is taken; whoever repeats at the new end loses nothing."""

    def append(number: int) -> None:
        own, line, position = endpoint.bucket(bucket.bucket_name), bytes([65 + number]) * 9 + b"\n", 0
        for _ in range(5):
            while True:
                try:
                    position = own.append_object("log", position, line).next_position
                    break
                except oss2.exceptions.PositionNotEqualToLength as moved:
                    position = moved.next_position

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append, range(4)))
    lines = bucket.get_object("log").read().split(b"\n")
    assert sorted(lines) == sorted([b"", *[bytes([65 + number]) * 9 for number in range(4)] * 5])


def test_kill_in_the_middle_of_puts(tmp_path: Path) -> None:
    """After kill -9 every object that was acknowledged is there, and every other one is whole or not there."""
    acknowledged: set[str] = set()
    with storing(tmp_path / "data") as endpoint:
        endpoint.bucket("crash").create_bucket()
        enough = threading.Event()

        def put(number: int) -> None:
            own = endpoint.bucket("crash")
            for index in range(1000):
                key = f"{number}/{index}"
                try:
                    own.put_object(key, bytes([65 + number]) * SIZE)
                except oss2.exceptions.RequestError:
                    return
                acknowledged.add(key)
                if len(acknowledged) > 30:
                    enough.set()

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(put, number) for number in range(4)]
            assert enough.wait(30)
            endpoint.kill()
            for writer in writers:
                writer.result()
    with storing(tmp_path / "data") as endpoint:
        bucket = endpoint.bucket("crash")
        there = {found.key for found in oss2.ObjectIterator(bucket)}
        assert acknowledged <= there
        assert all(whole(bucket.get_object(key).read()) for key in there)
        assert len(list((tmp_path / "data" / "objects").iterdir())) == len(there)


def test_a_large_object_takes_no_memory(tmp_path: Path) -> None:
    """An object of 128 MB goes in by parts, is joined, and comes out again, in less than 100 MB of memory."""
    piece = bytes(range(256)) * 4096
    with storing(tmp_path / "data") as endpoint:
        bucket = endpoint.bucket("large")
        bucket.create_bucket()
        upload = bucket.init_multipart_upload("big").upload_id
        parts = [
            oss2.models.PartInfo(n, bucket.upload_part("big", upload, n, iter([piece] * 32)).etag)
            for n in range(1, 5)
        ]
        bucket.complete_multipart_upload("big", upload, parts)
        digest, size = hashlib.sha256(), 0
        for got in bucket.get_object("big"):
            digest.update(got)
            size += len(got)
        assert size == 128 << 20
        assert digest.digest() == hashlib.sha256(piece * 128).digest()
        status = Path(f"/proc/{endpoint.process.pid}/status")
        if status.exists():
            (peak,) = [
                line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")
            ]
            assert int(peak) < 100_000


def test_a_sender_that_goes_away(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """A put that breaks off changes nothing and leaves no file."""

    def broken() -> object:
        yield b"x" * 200_000
        raise ConnectionError

    before = len(list((endpoint.folder / "objects").iterdir()))
    bucket.put_object("k", b"before")
    with pytest.raises(oss2.exceptions.RequestError):
        bucket.put_object("k", broken())
    bucket.put_object("other", b"")
    assert bucket.get_object("k").read() == b"before"
    for _ in range(200):
        if len(list((endpoint.folder / "objects").iterdir())) == before + 2:
            break
        threading.Event().wait(0.02)
    else:
        pytest.fail("the file of the broken put is still there")
