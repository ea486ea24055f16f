"""A page of 100 of 10,000 functions, however the list is narrowed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fc_magic.server.store import Store
from tests.benchmarks.test_bench import measure, report
from tests.conftest import Server, body, serving, zipped
from tests.server.calls import FUNCTIONS, Caller

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

NUMBER = 10_000
CODE = zipped("def handler(event, context):\n    return event\n")
TAG = quote('[{"Key": "team", "Value": "7"}]')
#: what is asked -> how many there are
ASKED = {
    "": NUMBER,
    "prefix=f-03": 1000,
    "runtime=python3.12": NUMBER // 2,
    "description=number+77": 111,
    f"tags={TAG}": NUMBER // 50,
    f"runtime=python3.12&tags={TAG}": NUMBER // 50,
    "runtime=nodejs20": 0,
}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose store was filled beforehand: each function with variables, tags, and an http trigger."""
    folder: Path = tmp_path_factory.mktemp("full")
    with serving(folder) as first:
        assert Caller(first.url).deploy(body("one", CODE, triggers=[{"type": "http"}])).status == 201
    store = Store(folder)
    one = store.get("one")
    assert one is not None
    with store.transaction():
        for number in range(NUMBER):
            fields: dict[str, Any] = {
                "name": f"f-{number:05}",
                "description": f"number {number}",
                "runtime": f"python3.1{number % 2 * 2}",
                "environment": {f"KEY_{n}": f"value {number}" for n in range(5)},
            }
            store.put(dataclasses.replace(one, **fields), store.keep_code(CODE))
            store.tags.put(fields["name"], {"team": str(number % 50), "stage": "dev"})
    store.delete("one")
    store.close()
    with serving(folder) as running:
        yield running


@pytest.mark.parametrize("asked", ASKED)
def test_page_of_100(full: Server, asked: str) -> None:
    """The first page and the last come in 50 ms, whatever is asked for."""
    caller = Caller(full.url)
    query = f"{asked}&limit=100".lstrip("&")

    def page(token: str = "") -> dict[str, object]:
        more = f"&nextToken={quote(token)}" if token else ""
        answer = caller.call("GET", FUNCTIONS, query=query + more)
        assert answer.status == 200, answer.said
        said: dict[str, object] = answer.said
        return said

    found, said, last = 0, page(), ""
    while True:
        assert isinstance(said["functions"], list)
        found += len(said["functions"])
        if "nextToken" not in said:
            break
        last, said = str(said["nextToken"]), page(str(said["nextToken"]))
    assert found == ASKED[asked]
    times = measure(50, lambda number: page(last if number % 2 else ""))
    assert report(f"100 of {found}: {asked or 'all'}", times, 50) <= 50
