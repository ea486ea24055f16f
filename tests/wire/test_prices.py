"""The price list and its sums: the reference's example, tiers, and what holds for any number of calls."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.errors import UsageError
from fc_magic.wire import prices
from fc_magic.wire.fc3 import cpu_for
from fc_magic.wire.prices import cost, money, of_calls, price, rate, units

calls = st.integers(1, 10**9)
durations = st.floats(0, 86_400_000)
memories = st.integers(2, 512).map(lambda n: n * 64)


def test_the_published_example() -> None:
    """0.35 vCPU, 512 MB, 100 ms are 0.05 CU; a million such calls cost 5.50 CNY at list price."""
    one = cost(1_000_000, 100, 512, cpu=0.35)
    assert units(100, 512, cpu=0.35) == pytest.approx(0.05)
    assert one.units == pytest.approx(50_000)
    assert one.amount == pytest.approx(5.5)
    assert one.figure == "5.50 CNY"
    assert (one.currency, one.dated) == ("CNY", prices.DATED)


@pytest.mark.parametrize(
    ("used", "amount"),
    [(0, 0), (200e6, 22_000), (300e6, 32_000), (1e9, 102_000), (2e9, 192_000)],
)
def test_tiers(used: float, amount: float) -> None:
    """Each CU costs what its own tier says."""
    assert price(used) == pytest.approx(amount)


@given(calls, durations, memories)
def test_linear_in_calls_within_a_tier(number: int, duration: float, memory: int) -> None:
    """Twice the calls are twice the CU; within the first tier also twice the money."""
    once, twice = cost(number, duration, memory), cost(2 * number, duration, memory)
    assert twice.units == pytest.approx(2 * once.units)
    if twice.units <= prices.TIERS[0][0]:
        assert twice.amount == pytest.approx(2 * once.amount)
    else:
        assert twice.amount <= 2 * once.amount * (1 + 1e-9)


@given(calls, durations, memories, st.integers(0, 1000), st.floats(0, 1e6), st.integers(0, 100))
def test_more_never_costs_less(
    number: int, duration: float, memory: int, n: int, ms: float, steps: int
) -> None:
    """Monotonic in calls, duration and memory."""
    before = cost(number, duration, memory).amount
    assert cost(number + n, duration, memory).amount >= before
    assert cost(number, duration + ms, memory).amount >= before
    assert cost(number, duration, memory + 64 * steps).amount >= before


@given(st.floats(0.01, 1e9), durations, memories)
def test_hours_only_round_up(number: float, duration: float, memory: int) -> None:
    """Whole CU by the hour are never fewer, and at most one more for each hour."""
    asked = prices.Rate("", number)
    exact, rounded = cost(number, duration, memory), cost(number, duration, memory, hours=asked.hours)
    assert exact.units * (1 - 1e-6) <= rounded.units <= exact.units + asked.hours * (1 + 1e-6)
    assert rounded.least == pytest.approx(asked.hours * prices.LEAST_PER_HOUR)


@given(st.lists(st.integers(0, 10**6), max_size=50), memories)
def test_calls_that_were_made(found: list[int], memory: int) -> None:
    """The sum over single calls is that of the single costs."""
    assert of_calls(found, memory).units == pytest.approx(math.fsum(cost(1, d, memory).units for d in found))


def test_a_started_millisecond_counts() -> None:
    assert units(0.2, 128) == units(1, 128) > units(0, 128)
    assert units(100.0000000001, 128) == units(100, 128)  # what a sum of floats left over


def test_disk_beyond_the_free_one_counts() -> None:
    assert units(1000, 128, disk_mb=512) == units(1000, 128)
    assert units(1000, 128, disk_mb=512 + 1024) == pytest.approx(units(1000, 128) + 0.05)


def test_without_cpu_it_is_that_of_the_memory() -> None:
    assert units(1000, 2048) == units(1000, 2048, cpu=cpu_for(2048))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10/s", 25_920_000),
        ("1000/h", 720_000),
        ("1e6/month", 1_000_000),
        ("50k/day", 1_500_000),
        ("1.5M / month", 1_500_000),
        ("1,000/hour", 720_000),
        ("2/minutes", 86_400),
        ("1/sec", 2_592_000),
        ("1/mins", 43_200),
    ],
)
def test_rates(text: str, number: float) -> None:
    """A month has 30 days."""
    assert rate(text).calls == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    ["", "10", "/s", "ten/s", "0/s", "-1/s", "1/year", "1e99/s", "1/s/s", "nan/s", "1//s", "10/ms", "1/hs"],
)
def test_wrong_rates(text: str) -> None:
    """Refused with something to type."""
    with pytest.raises(UsageError) as caught:
        rate(text)
    assert f"--rate {text}" in caught.value.message
    assert "--rate 10/s" in caught.value.hint


@given(st.text(max_size=12))
def test_any_text_is_a_rate_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert 0 < rate(text).calls < math.inf


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00 CNY"),
        (0.0000055, "0.0000055 CNY"),
        (0.00999, "0.010 CNY"),
        (0.55, "0.55 CNY"),
        (0.999, "1.00 CNY"),
        (5.5, "5.50 CNY"),
        (99.994, "99.99 CNY"),
        (1234.5, "1,234 CNY"),
    ],
)
def test_money(amount: float, text: str) -> None:
    """As many digits as an estimate has."""
    assert money(amount) == text
