"""For programs of functions, classes, values and changes to them the deployed slice answers what the kernel does."""

from __future__ import annotations

import functools
import gc
import json
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, event, given, settings

import fc_magic
from fc_magic import errors
from fc_magic.client.client import Client
from tests.notebook.conftest import Shell
from tests.notebook.programs import FIRST, NAMES, handler, notebooks

NAME = "trap-program"
LRU = type(functools.lru_cache(len))


@pytest.fixture(scope="module")
def client(home: object) -> Iterator[Client]:
    with fc_magic.connect() as made:
        yield made


@pytest.fixture(scope="module")
def came(home: object) -> Iterator[Counter[str]]:
    """What came of all programs: refusing everything would be no answer."""
    counted: Counter[str] = Counter()
    yield counted
    assert counted["answered"] > counted["refused"], counted


def empty_caches() -> None:
    """What the card says of the function is made true of the kernel."""
    for thing in gc.get_objects():
        if type(thing) is LRU and getattr(thing, "__module__", "") == "__main__":
            thing.cache_clear()


@pytest.mark.timeout(300)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells=notebooks)
def test_programs(shell: Shell, client: Client, came: Counter[str], cells: list[str]) -> None:
    """What is deployed answers as the kernel, call after call, or nothing is deployed."""
    shell.ip.reset()
    for cell in (FIRST, *cells):
        shell.run(cell)
    told = handler([name for name in NAMES if shell.variable(name) is not None])
    done = shell.run(f"%%fcdeploy {NAME}\n{told}")
    event(result := "answered" if done.success else "refused")
    came[result] += 1
    if not done.success:
        assert isinstance(done.error, errors.CellError | errors.PreflightFailed), done.text
        return
    there = [client.invoke(NAME) for _ in range(2)]
    source = client.code(NAME)
    # the next one may have the same code, and would be answered by an instance that knows these calls
    client.delete(NAME)
    assert [one.error for one in there] == [{}, {}], source
    shell.run(told)
    if "its cache starts empty there" in done.text:
        empty_caches()
    here = [shell.variable("handler")(None, None) for _ in range(2)]
    assert [one.value for one in there] == json.loads(json.dumps(here))
