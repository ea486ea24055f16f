"""What is kept of nonces: enough to know each again for as long as it may come, and little more."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from fc_magic.server.nonces import FULL, Nonces

WINDOW_S = 900.0
START = 1_800_000_000


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(-900, 900), st.integers(0, 300)), max_size=400))
def test_like_a_table_of_dates(steps: list[tuple[int, int, int]]) -> None:
    """However often buckets are divided and cleared, it answers as a plain table of nonces and dates does."""
    nonces, table, now = Nonces(WINDOW_S), dict[int, int](), START
    for passed, ahead, number in steps:
        now += passed // 10
        known = number in table and table[number] >= now - WINDOW_S
        assert nonces.is_new(("id", str(number)), now + ahead, now) is not known
        if not known:
            table[number] = now + ahead


def test_many_at_once() -> None:
    """Of a hundred thousand at one moment each is known again, and costs less than 24 bytes."""
    made = [("id", f"nonce-{number}") for number in range(100_000)]
    tracemalloc.start()
    try:
        nonces = Nonces(WINDOW_S)
        assert all(nonces.is_new(nonce, START, START) for nonce in made)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(nonces) == len(made)
    assert held < 24 * len(made)
    assert not any(nonces.is_new(nonce, START + 1, START) for nonce in made)


def test_the_same_in_another_request_after_its_time() -> None:
    """A nonce whose time is over may come once more, also where it was not cleared away yet."""
    nonces = Nonces(WINDOW_S)
    for number in range(FULL * 200):
        assert nonces.is_new(("id", str(number)), START, START)
    later = START + WINDOW_S + 1
    for number in range(FULL * 200):
        assert nonces.is_new(("id", str(number)), later, later)
        assert not nonces.is_new(("id", str(number)), later, later)


def test_a_burst_is_forgotten_by_a_few_requests() -> None:
    """What is too old goes some buckets at a time, without all of it being looked through for one request."""
    nonces = Nonces(WINDOW_S)
    for number in range(100_000):
        nonces.is_new(("id", str(number)), START, START)
    later = START + WINDOW_S + 61
    for number in range(100):
        nonces.is_new(("later", str(number)), later, later)
    assert len(nonces) == 100
