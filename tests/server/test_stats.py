"""Statistics of calls: counted whatever way a call comes, kept over restarts, bounded, gone with their function."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from fc_magic.client.client import Client
from fc_magic.errors import FunctionNotFound, InvalidArgument
from fc_magic.server.database import connect
from fc_magic.server.logs import Brief, Logs
from fc_magic.server.stats import DAY, MOST, Statistics
from fc_magic.server.store import Store
from fc_magic.wire import stats
from tests.conftest import Deploy, serving, zipped
from tests.server.processes import wait_for

#: midnight, 2026-11-27
BEGIN = 1_795_737_600.0
FAILS = zipped(
    "def handler(event, context):\n    if event == b'bad':\n        raise ValueError(event)\n    return 1\n"
)


class Clock:
    def __init__(self, at: float = BEGIN) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path, connect(":memory:"))
    yield made
    made.close()


# ---------------------------------------------------------------- through a server


def test_every_call_is_counted(client: Client, deploy: Deploy) -> None:
    """Warm and cold, good and failed, with a log and without, asynchronous ones too."""
    name = deploy("any", code=FAILS, memory=256).info.name
    for event in ("good", "good", "bad"):
        client.invoke(name, event)
    client.invoke_async(name, "good")
    found = wait_for(lambda: (seen := client.stats(name)).calls >= 4 and seen)
    assert (found.function, found.calls, found.errors, found.cold_starts) == (name, 4, 1, 1)
    assert found.memory_limit_mb == 256
    assert 1 < found.memory_mb < 256
    took = found.duration_ms
    assert 0 < took.p50 <= took.p95 <= took.p99 <= took.max
    log = client.logs(name).requests
    assert took.max == pytest.approx(max(r.duration_ms for r in log), abs=0.01)
    assert all(r.memory_mb > 1 for r in log)


def test_what_was_never_called(client: Client, deploy: Deploy) -> None:
    name = deploy("any", code=FAILS).info.name
    assert client.stats(name).calls == 0
    assert client.get(name).info.calls_today == 0


def test_since_leaves_out_what_was_before(client: Client, deploy: Deploy) -> None:
    name = deploy("any", code=FAILS).info.name
    client.invoke(name)
    later = datetime.fromtimestamp(time.time() + 120, timezone.utc)
    assert client.stats(name, datetime.now(timezone.utc)).calls == 1
    assert client.stats(name, later).calls == 0


def test_a_name_that_is_not_there(client: Client) -> None:
    with pytest.raises(FunctionNotFound):
        client.stats("nobody-has-this-name")


def test_a_since_that_is_no_time(client: Client, deploy: Deploy) -> None:
    name = deploy("any", code=FAILS).info.name
    with pytest.raises(InvalidArgument, match="since is 'yesterday'"):
        client.session.call("GetStats", "2023-03-30", "GET", f"/-/stats/{name}", query={"since": "yesterday"})


@pytest.mark.parametrize("api", ["v2", "fc3"])
def test_statistics_survive_the_server(tmp_path: Path, api: str) -> None:
    with serving(tmp_path) as server, server.client(api) as client:
        client.deploy({"name": "kept", "code": FAILS})
        client.invoke("kept", "good")
        client.invoke("kept", "bad")
        before = client.stats("kept")
    with serving(tmp_path) as server, server.client(api) as client:
        after = client.stats("kept")
        assert (after.calls, after.errors, after.cold_starts) == (2, 1, 1) == (
            before.calls, before.errors, before.cold_starts,
        )  # fmt: skip
        assert after.duration_ms == before.duration_ms
        (listed,) = client.list()
        assert (listed.calls_today, listed.errors_today) in ((2, 1), (0, 0))  # midnight may be between
        client.invoke("kept", "good")
        assert client.stats("kept").calls == 3
        client.delete("kept")
        client.deploy({"name": "kept", "code": FAILS})
        assert client.stats("kept").calls == 0
    with serving(tmp_path) as server, server.client(api) as client:
        assert client.stats("kept").calls == 0


# ---------------------------------------------------------------- with a clock


def test_today_is_since_midnight(store: Store) -> None:
    clock = Clock(BEGIN + DAY - 60)
    counted = Statistics(store.tallies, clock)
    counted.add("f", clock.at, 1.0, 1.0)
    counted.add("f", clock.at, 1.0, 1.0, failed=True)
    assert counted.today("f") == (2, 1)
    counted.write()
    assert counted.today("f") == (2, 1)
    counted.add("f", clock.at, 1.0, 1.0)
    assert counted.today("f") == (3, 1)
    assert Statistics(store.tallies, clock).today("f") == (2, 1)
    clock.at += 60
    assert counted.today("f") == (0, 0)
    counted.add("f", clock.at, 1.0, 1.0)
    assert counted.today("f") == (1, 0)


def test_what_became_of_an_instance_is_no_call() -> None:
    """A hook, or the end of an idle one, is in the log and not counted."""
    logs = Logs(Statistics(None, Clock()))
    logs.add("f", Brief("1-a", BEGIN, "", 1.0, 128, 10.0, ""), counts=False)
    assert logs.stats.today("f") == (0, 0)
    assert logs.stats.read("f").calls == 0


def test_a_failure_that_shows_afterwards(store: Store) -> None:
    logs = Logs(Statistics(store.tallies, Clock()))
    logs.add("f", Brief("1-a", BEGIN, "", 1.0, 128, 10.0, ""))
    logs.fail("f", "1-a", "BadResponse", "no answer at all")
    logs.fail("f", "1-a", "BadResponse", "and once more")
    assert logs.stats.today("f") == (1, 1)
    assert logs.stats.read("f").errors == 1


def test_a_failure_counts_where_its_call_does(store: Store) -> None:
    """However late it shows, also when that minute is on disk: no period has more errors than calls."""
    clock = Clock()
    logs = Logs(Statistics(store.tallies, clock))
    whole = Brief("1-b", BEGIN + 1, "", 1.0, 128, 10.0, "").whole()
    for request in (Brief("1-a", BEGIN, "", 1.0, 128, 10.0, ""), whole):
        logs.add("f", request)
    clock.at += 90
    logs.fail("f", "1-a", "BadResponse", "no answer at all")
    logs.stats.write()
    logs.fail("f", "1-b", "BadResponse", "no answer at all")
    found = logs.stats.read("f")
    assert [(period.calls, period.errors) for period in found.periods if period.errors] == [(2, 2)]
    logs.stats.write()
    assert logs.stats.read("f") == found


@pytest.mark.parametrize("days", [0.02, 0.5, 1.5, 20])
def test_an_answer_is_bounded_and_whole(store: Store, days: float) -> None:
    """However long one looks back there are at most so many periods, and no call is missing or counted twice."""
    clock, chance = Clock(BEGIN), random.Random(7)
    counted = Statistics(store.tallies, clock)
    moments = sorted(BEGIN + chance.random() * days * DAY for _ in range(500))
    for number, at in enumerate(moments):
        clock.at = at
        counted.add("f", at, 10.0, 5.0)
        if number % 50 == 0:
            counted.write()
    for read in (counted.read("f"), counted.read("f", BEGIN)):
        assert read.calls == 500
        assert len(read.periods) <= MOST + 1
        assert all(period.began % read.step_s == 0 for period in read.periods)
    half = moments[250]
    part = counted.read("f", half)
    begins = datetime.fromisoformat(part.since.replace("Z", "+00:00")).timestamp()
    assert half - part.step_s < begins <= half
    assert part.calls == sum(at >= begins for at in moments)


@pytest.mark.parametrize("back", [0.25 * DAY, DAY, DAY + 30, 2 * DAY, 30 * DAY])
def test_it_counts_since_what_it_says(store: Store, back: float) -> None:
    """Also where a period began before what is still kept in minutes, or in hours."""
    clock = Clock(BEGIN + 37)
    counted = Statistics(store.tallies, clock)
    moments = [clock.at + number * 1500 for number in range(40 * 58)]
    for number, at in enumerate(moments):
        clock.at = at
        counted.add("f", at, 10.0, 5.0)
        if number % 50 == 0 or number > 40 * 58 - 60:
            counted.write()
    read = counted.read("f", clock.at - back)
    begins = datetime.fromisoformat(read.since.replace("Z", "+00:00")).timestamp()
    assert read.calls == sum(at >= begins for at in moments)
    assert abs(begins - (clock.at - back)) <= max(read.step_s, 3600)


def test_what_is_old_is_dropped(store: Store) -> None:
    """Minutes after a day, hours after a month; of functions that are called and of others."""
    clock = Clock()
    counted = Statistics(store.tallies, clock)
    for name in ("called", "left"):
        counted.add(name, clock.at, 1.0, 1.0)
    counted.write()
    for days, kept in ((2, [3600, 3600]), (40, [3600])):
        clock.at = BEGIN + days * DAY
        counted.add("called", clock.at, 1.0, 1.0)
        counted.write()
        Statistics(store.tallies, clock)
        old = store.rows("SELECT span FROM stats WHERE began<=?", BEGIN)
        assert [span for (span,) in old] == (kept if days == 2 else [])
    assert counted.read("called").calls == 1


def test_a_clock_that_goes_back_loses_nothing(store: Store) -> None:
    clock = Clock()
    counted = Statistics(store.tallies, clock)
    for at in (BEGIN + 120, BEGIN + 60, BEGIN + 119.9, BEGIN + 121):
        clock.at = at
        counted.add("f", at, 1.0, 1.0)
    clock.at = BEGIN + 130
    assert {p.began - BEGIN: p.calls for p in counted.read("f").periods} == {60: 2, 120: 2}


def test_counted_as_the_histogram_says(store: Store) -> None:
    """The counter has a line of its own for the bucket: it is the same one."""
    chance = random.Random(3)
    durations = [math.exp(chance.uniform(-6, 18)) for _ in range(3000)] + [0.0, stats.LEAST_MS]
    counted = Statistics(None, Clock())
    for ms in durations:
        counted.add("f", BEGIN, ms, 1.0)
    expected: dict[int, int] = {}
    for ms in durations:
        expected[stats.bucket(ms)] = expected.get(stats.bucket(ms), 0) + 1
    assert counted.read("f").total.counts == expected


def test_counting_is_cheap() -> None:
    """A call that is answered in 100 microseconds is counted in less than two: by the time of this thread alone."""
    counted, durations = Statistics(), [3.1 + n % 7 for n in range(1000)]

    def took() -> float:
        began = time.thread_time()
        for ms in durations:
            counted.add("f", BEGIN, ms, 18.0)
        return (time.thread_time() - began) / len(durations)

    assert min(took() for _ in range(200)) < 2e-6


# ---------------------------------------------------------------- what is written when


def test_written_while_it_runs_and_not_only_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is killed has lost what came after the last writing, and nothing else."""
    import asyncio

    monkeypatch.setattr("fc_magic.server.stats.WRITE_S", 0.0)
    store = Store(tmp_path)
    counted = Statistics(store.tallies, Clock())

    async def run() -> None:
        keeping = asyncio.create_task(counted.keep())
        counted.add("f", BEGIN, 1.0, 1.0)
        for _ in range(100):
            await asyncio.sleep(0)
        keeping.cancel()

    asyncio.run(run())
    store.close()
    other = Store(tmp_path)
    assert Statistics(other.tallies, Clock()).read("f").calls == 1
    other.close()


def test_a_writing_that_fails_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing new need happen for it."""
    import asyncio
    import sqlite3

    monkeypatch.setattr("fc_magic.server.stats.WRITE_S", 0.0)
    database = connect(":memory:")
    store = Store(tmp_path, database)
    counted = Statistics(store.tallies, Clock())
    counted.add("f", BEGIN, 1.0, 1.0)

    async def run() -> None:
        keeping = asyncio.create_task(counted.keep())
        for _ in range(100):
            await asyncio.sleep(0)
        keeping.cancel()
        await keeping

    database.execute("PRAGMA query_only=ON")  # as a disk that is full
    with pytest.raises(sqlite3.OperationalError):
        asyncio.run(run())
    database.execute("PRAGMA query_only=OFF")
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert Statistics(store.tallies, Clock()).read("f").calls == 1
    store.close()
