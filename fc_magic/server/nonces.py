"""Which nonces were used: some bytes for each, because a busy quarter of an hour has millions of them."""

from __future__ import annotations

import struct

#: a hash of the nonce, and the date of its request in seconds
_RECORD = struct.Struct("<qI")
_HASH = 8
#: records of a bucket on average: so many are searched as fast as one
FULL = 32
#: seconds between two looks for what is too old, and buckets that one request looks through
TIDY_S, TIDIED = 60, 64


class Nonces:
    """Nonces that may still come again: those of a request whose date is not yet too old.

    What is kept is a hash of 64 bits with a key of this process. A new nonce is taken for a used one with a
    probability of n / 2**64, n being how many are kept: 5e-13 after a quarter of an hour of 10,000 requests a second.

    A hash table whose buckets are divided one at a time (linear hashing), and cleared of what is too old some at a
    time: no request waits until all of it was gone through.
    """

    def __init__(self, window_s: float) -> None:
        self._window = window_s
        self._buckets = [bytearray()]
        self._records = 0
        #: buckets before the first of these are divided already; the second names twice as many as there were before
        self._divided, self._mask = 0, 1
        #: the next bucket to look through, and when there is one again
        self._untidy, self._tidy_at = 0, 0.0

    def __len__(self) -> int:
        return self._records

    def is_new(self, nonce: tuple[str, str], dated: float, now: float) -> bool:
        """Whether it was not seen in a request that would be taken ``now``; from here on it was."""
        if now >= self._tidy_at:
            self._tidy(now)
        mark = hash(nonce)
        place = mark & self._mask
        buckets = self._buckets
        bucket = buckets[place if place < len(buckets) else place & (self._mask >> 1)]
        record = _RECORD.pack(mark, int(dated))
        if record[:_HASH] in bucket and (at := _find(bucket, record[:_HASH])) >= 0:
            if _dated(bucket, at) >= now - self._window:
                return False
            bucket[at : at + _RECORD.size] = record
            return True
        bucket += record
        self._records += 1
        if self._records > FULL * len(buckets):
            self._divide()
        return True

    def _tidy(self, now: float) -> None:
        """Records of a bucket are nearly in order: behind one from the future, others wait for its time."""
        oldest, last = now - self._window, self._untidy + TIDIED
        for bucket in self._buckets[self._untidy : last]:
            old = 0
            while old < len(bucket) and _dated(bucket, old) < oldest:
                old += _RECORD.size
            del bucket[:old]
            self._records -= old // _RECORD.size
        if last < len(self._buckets):
            self._untidy = last
        else:
            self._untidy, self._tidy_at = 0, now + TIDY_S

    def _divide(self) -> None:
        """The next bucket in turn gives those to a new one whose hash has the next bit."""
        bit, kept, moved = (self._mask + 1) >> 1, bytearray(), bytearray()
        for mark, dated in _RECORD.iter_unpack(self._buckets[self._divided]):
            (moved if mark & bit else kept).extend(_RECORD.pack(mark, dated))
        self._buckets[self._divided] = kept
        self._buckets.append(moved)
        self._divided += 1
        if len(self._buckets) > self._mask:
            self._divided, self._mask = 0, self._mask * 2 + 1


def _find(bucket: bytearray, mark: bytes) -> int:
    """Where the record of this hash begins, or -1; the same bytes across two records are none."""
    at = bucket.find(mark)
    while at >= 0 and at % _RECORD.size:
        at = bucket.find(mark, at + 1)
    return at


def _dated(bucket: bytearray, at: int) -> int:
    return int.from_bytes(bucket[at + _HASH : at + _RECORD.size], "little")
