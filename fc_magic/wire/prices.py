"""What calls of a function cost: Function Compute's price list, and sums over it. Plain numbers, no clock.

Everything is counted in compute units (CU), which are sold in tiers by the month and region. The numbers are those of
"Pay-as-you-go", China site; what a page does not settle is said beside the number. Another list is another set of
these constants.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from fc_magic.errors import UsageError
from fc_magic.wire.fc3 import cpu_for

#: the day of the price list; a discount on it was offered until 2026-08-27 and is left out
DATED = "2025-12-13"
CURRENCY = "CNY"
#: up to so many CU a month -> what one of them costs
TIERS = ((200e6, 0.00011), (1e9, 0.00010), (math.inf, 0.00009))
CU_PER_CPU_S, CU_PER_GB_S, CU_PER_DISK_GB_S, CU_PER_CALL = 1.0, 0.15, 0.05, 0.0075
#: UNCONFIRMED: a newer page speaks of 10 GB that are free
FREE_DISK_MB = 512
#: of an hour with calls. UNCONFIRMED whether for each function or for all of an account
LEAST_PER_HOUR = 0.01
#: of a new account, each month of its first three
FREE_CU, FREE_MONTHS = 150_000, 3
#: what is left out: UNCONFIRMED who bills traffic to the internet, and how
BESIDE = "traffic to the internet, logs, OSS and gateways are billed apart"
DAYS, HOURS = 30, 720

_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400, "month": DAYS * 86400}
_WORDS = {"sec": "s", "second": "s", "m": "min", "minute": "min", "hour": "h", "d": "day", "mo": "month"}
_RATE = re.compile(r"([0-9][0-9_,]*(?:\.[0-9]+)?(?:e[0-9]{1,2})?)([kM]?)\s*/\s*([a-z]+)")
_MOST_CALLS = 1e12


@dataclass(frozen=True)
class Cost:
    """Of ``calls`` in one month: ``units`` CU are ``amount`` of the ``currency`` by the list of the day ``dated``.
    ``least`` is what hours with calls cost at least, if that is by function; 0 if hours were not told."""

    calls: float
    units: float
    amount: float
    least: float = 0.0
    currency: str = CURRENCY
    dated: str = DATED

    @property
    def figure(self) -> str:
        """``0.0055 CNY``, as many digits as an estimate has."""
        return money(self.amount, self.currency)


@dataclass(frozen=True)
class Rate:
    """``text`` as it was said, and what it is in a month of 30 days."""

    text: str
    calls: float

    @property
    def hours(self) -> float:
        """Of a month, those that have a call if they come evenly."""
        return min(HOURS, self.calls)


def units(duration_ms: float, memory_mb: int, *, cpu: float = 0.0, disk_mb: int = FREE_DISK_MB) -> float:
    """The CU of one call; time is counted in whole milliseconds. ``cpu`` 0: as FC pairs it with the memory."""
    seconds = math.ceil(round(duration_ms, 6)) / 1000
    disk = max(0, disk_mb - FREE_DISK_MB) / 1024
    each_s = (
        CU_PER_CPU_S * (cpu or cpu_for(memory_mb)) + CU_PER_GB_S * memory_mb / 1024 + CU_PER_DISK_GB_S * disk
    )
    return each_s * seconds + CU_PER_CALL


def price(used: float) -> float:
    """What so many CU of one month cost."""
    amount = below = 0.0
    for upto, each in TIERS:
        amount += max(0.0, min(used, upto) - below) * each
        below = upto
    return amount


def cost(
    calls: float,
    duration_ms: float,
    memory_mb: int,
    *,
    cpu: float = 0.0,
    disk_mb: int = FREE_DISK_MB,
    hours: float = 0.0,
) -> Cost:
    """Of ``calls`` that take ``duration_ms`` each. ``hours``: in how many of the month they come, if that is known:
    FC counts whole CU by the hour."""
    used = calls * units(duration_ms, memory_mb, cpu=cpu, disk_mb=disk_mb)
    if hours:
        used = hours * math.ceil(round(used / hours, 9))
    return Cost(calls, used, price(used), hours * LEAST_PER_HOUR)


def of_calls(
    durations_ms: Iterable[float], memory_mb: int, *, cpu: float = 0.0, disk_mb: int = FREE_DISK_MB
) -> Cost:
    """Of calls that were made, each by its own time."""
    each = [units(one, memory_mb, cpu=cpu, disk_mb=disk_mb) for one in durations_ms]
    return Cost(len(each), math.fsum(each), price(math.fsum(each)))


def rate(text: str) -> Rate:
    """``10/s``, ``1000/h``, ``1e6/month``, ``50k/day``. Raises UsageError."""
    found = _RATE.fullmatch(text.strip())
    word = found[3] if found else ""
    word = word.removesuffix("s") if len(word) > 2 else word  # a unit of one letter has no plural
    unit = _WORDS.get(word, word)
    calls = 0.0
    if found and unit in _SECONDS:
        number = float(re.sub("[_,]", "", found[1])) * {"": 1, "k": 1e3, "M": 1e6}[found[2]]
        calls = number * _SECONDS["month"] / _SECONDS[unit]
    if not 0 < calls <= _MOST_CALLS:
        what = "must be calls per s, min, h, day or month"
        raise UsageError(f"--rate {text}: {what}", hint="--rate 10/s, --rate 1000/h or --rate 1e6/month")
    return Rate(text.strip(), calls)


def money(amount: float, currency: str = CURRENCY) -> str:
    """Two digits that count, and no more cents than there are: ``0.0055 CNY``, ``5.50 CNY``, ``1,234 CNY``."""
    if amount >= 100:
        return f"{amount:,.0f} {currency}"
    if amount >= 0.995 or not amount:
        return f"{amount:.2f} {currency}"
    digits = 1 - int(f"{amount:.1e}".partition("e")[2])
    return f"{amount:.{digits}f} {currency}"
