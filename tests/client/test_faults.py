"""Whatever goes wrong on the way: things are as before or as asked for, and asking again gets them there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import ApiError, ConnectionFailed, FcError, FunctionNotFound, Interrupted
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import Function
from tests.client.endpoint import Request
from tests.client.faults import AFTER, BEFORE, FAULTS, FaultyWire, always, at_random, never, once
from tests.conftest import ACCOUNT, KEY_ID, REGION, ROLE, SECRET, Server, zipped

LANES, ROUNDS = 8, 25
#: of a round's requests so many fail: now and then, often, mostly
SHARES = (0.1, 0.3, 0.6)
#: the faulty client waits less long than this, and the one that tells the truth as long as it takes
LATE_S, WAIT_S = 1.2, 1.0


@dataclass(frozen=True)
class State:
    """What a function is, as far as it is changed here; ``triggers``: name -> what it says."""

    code: int
    memory: int = 128
    triggers: tuple[tuple[str, str], ...] = ()

    def fields(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "code": code(self.code),
            "memory": self.memory,
            "triggers": [trigger(*one, name) for one in self.triggers],
        }


def code(number: int) -> bytes:
    return zipped(f"def handler(event, context):\n    return {number}\n")


def trigger(kind: str, said: str, function: str) -> dict[str, Any]:
    if kind == "tick":
        return {"type": "timer", "config": {"name": "tick", "cronExpression": f"@every {said}m"}}
    address = f"http://{function}.example.com/{said}" if said else None
    return {"type": "http", "config": {"name": "web", **({"url": address} if address else {})}}


@dataclass
class Seen:
    """What there is of a function, as a client tells it to whom nothing goes wrong."""

    state: State
    versions: list[str] = field(default_factory=list)
    aliases: dict[str, tuple[str, dict[str, float]]] = field(default_factory=dict)
    routes: list[str] = field(default_factory=list)


class Lane:
    """One function, what it should be, and the ways in which it is changed."""

    def __init__(self, server: Server, number: int, stack: ExitStack) -> None:
        self.api = ("v2", "fc3")[number % 2]
        self.name, self.dice = (
            f"lane-{number}",
            random.Random(number),
        )
        self.wire = stack.enter_context(FaultyWire(server.url, late_s=LATE_S))
        self.faulty = stack.enter_context(faulty(self.wire, self.api))
        self.good = stack.enter_context(server.client(self.api))
        self.truth = stack.enter_context(server.client(self.api))
        self.numbers, self.failed, self.done = iter(range(1, 10_000)), 0, 0
        self.contents: dict[str, State] = {}
        self.now: Seen | None = None

    def look(self) -> Seen | None:
        try:
            found = self.truth.get(self.name).info
        except FunctionNotFound:
            return None
        known = {crc64(code(n)): n for n in range(1, 60)}
        names = [t.name for t in found.triggers]
        assert len(names) == len(set(names)), "a trigger is doubled"
        said = tuple(sorted((t.name or "", _said(t)) for t in found.triggers))
        versions = [v.id for v in self.truth.versions(self.name)]
        assert len(versions) == len(set(versions)), "a version is doubled"
        aliases = {a.name: (a.version, dict(a.weights)) for a in self.truth.versions(self.name).aliases}
        return Seen(State(known[found.code_checksum], found.memory, said), versions, aliases, self._routes())

    def _routes(self) -> list[str]:
        path = "/2023-03-30/custom-domains"
        answer = self.truth.session.call(
            "ListCustomDomains", "2023-03-30", "GET", path, query={"limit": "100"}
        )
        domains = json.loads(answer.body)["customDomains"]
        found = [
            f"{d['domainName']}{r['path']}"
            for d in domains
            for r in d["routeConfig"]["routes"]
            if r["functionName"] == self.name
        ]
        assert len(found) == len(set(found)), "a route is doubled"
        return sorted(found)

    # ------------------------------------------------------------ one round

    def round(self) -> None:
        if self.now is None:
            self.deploy(State(next(self.numbers), triggers=self._triggers()))
            return
        ways = (self.change, self.change, self.change, self.back, self.lead, self.publish, self.again)
        self.dice.choice((*ways, self.delete) if self.dice.random() < 0.4 else ways)()

    def _triggers(self) -> tuple[tuple[str, str], ...]:
        out = [("tick", str(self.dice.choice((5, 7))))] if self.dice.random() < 0.7 else []
        if self.dice.random() < 0.7:
            out.append(("web", self.dice.choice(("", "a", "b"))))
        return tuple(out)

    def attempt(self, do: Callable[[Client], Any]) -> bool:
        """By the client to which things happen; whether it says that it is done."""
        self.wire.plan = at_random(self.dice.randrange(1 << 30), self.dice.choice(SHARES))
        failed: FcError | None = None
        try:
            do(self.faulty)
        except FcError as error:
            failed = error
        self.wire.plan = never
        if failed:
            gone = isinstance(failed, ConnectionFailed)
            assert failed.message
            assert gone or (isinstance(failed, ApiError) and failed.status >= 429)
            self.failed += 1
            return False
        self.done += 1
        return True

    def change(self) -> None:
        assert self.now
        old = self.now.state
        self.deploy(
            self.dice.choice(
                (
                    replace(old, code=next(self.numbers)),
                    replace(old, code=next(self.numbers), triggers=self._triggers()),
                    replace(old, memory=128 + 256 - old.memory),
                    replace(old, triggers=self._triggers()),
                )
            )
        )

    def again(self) -> None:
        assert self.now
        self.deploy(self.now.state)

    def deploy(self, new: State) -> None:
        old, fields = self.now, new.fields(self.name)
        done = self.attempt(lambda client: client.deploy(fields))
        seen = self.look()
        self.between(seen, old, new)
        if not done:
            self.good.deploy(fields)
            seen = self.look()
        assert seen
        assert seen.state == new
        if self.api == "fc3":  # the deployments API keeps an address with its trigger
            asked = [said for kind, said in new.triggers if kind == "web" and said]
            assert seen.routes == [f"{self.name}.example.com/{said}" for said in asked]
        self.versions(seen, old, new)
        last = self.good.deploy(fields).info
        assert last.outcome == "unchanged"
        assert self.look() == seen
        self.now = seen

    def between(self, seen: Seen | None, old: Seen | None, new: State) -> None:
        """Each part is as it was, or as it was asked for; nothing that is in both is lost."""
        if seen is None:
            assert old is None, "the function is lost"
            return
        before = old.state if old else new
        assert (seen.state.code, seen.state.memory) in {(s.code, s.memory) for s in (before, new)}
        there, had, asked = (self.split(state) for state in (seen.state, before, new))
        assert there <= had | asked
        assert there >= had & asked or old is None

    def split(self, state: State) -> set[tuple[str, str]]:
        """What comes and goes as one: in FC 3.0 the address of a trigger is a thing of its own."""
        found = set(state.triggers)
        if self.api == "fc3":
            found |= {("web", "") for kind, _ in found if kind == "web"}
        return found

    def versions(self, seen: Seen, old: Seen | None, new: State) -> None:
        """One more if the content changed, whatever happened meanwhile; none if what came to publishing only in a
        repetition has the content of an older version. Nobody's is gone."""
        before = old.versions if old else []
        added = [v for v in seen.versions if v not in before]
        assert seen.versions[len(added) :] == before, "a version is lost"
        content = (new.code, new.memory)
        changed = old is None or content != (old.state.code, old.state.memory)
        if changed:
            older = {(s.code, s.memory) for version, s in self.contents.items() if version in before}
            assert len(added) == 1 or (not added and content in older), (
                "each changed deployment is one version"
            )
        else:  # of triggers alone: one, or none if it is only the repetition that came to publishing
            assert len(added) <= (new.triggers != (old.state.triggers if old else ()))
        self.contents |= dict.fromkeys(added, new)

    def back(self) -> None:
        assert self.now
        version = self.dice.choice(self.now.versions)
        then = self.contents[version]
        new = replace(self.now.state, code=then.code, memory=then.memory)
        done = self.attempt(lambda client: client.rollback(self.name, version))
        self.between(self.look(), self.now, new)
        if not done:
            self.good.rollback(self.name, version)
        self.settle(replace(self.now, state=new))

    def lead(self) -> None:
        assert self.now
        version, *rest = self.dice.sample(self.now.versions, min(2, len(self.now.versions)))
        canary = dict.fromkeys(rest, 0.25)
        done = self.attempt(lambda client: client.put_alias(self.name, "prod", version, canary=canary))
        if not done:
            self.good.put_alias(self.name, "prod", version, canary=canary)
        self.settle(replace(self.now, aliases={"prod": (version, canary)}))

    def publish(self) -> None:
        """One more version, unless the newest is what is deployed."""
        assert self.now
        newest = self.contents[self.now.versions[0]]
        content = replace(self.now.state, triggers=())
        count = len(self.now.versions) + (replace(newest, triggers=()) != content)
        if not self.attempt(lambda client: client.publish(self.name)):
            self.good.publish(self.name)
        seen = self.look()
        assert seen
        assert len(seen.versions) == count
        self.contents |= {v: self.now.state for v in seen.versions if v not in self.now.versions}
        self.settle(replace(self.now, versions=seen.versions))

    def settle(self, wanted: Seen) -> None:
        assert self.look() == wanted
        self.now = wanted

    def delete(self) -> None:
        if not self.attempt(lambda client: client.delete(self.name)):
            with suppress(FunctionNotFound):  # it may be gone already
                self.good.delete(self.name)
        assert self.look() is None
        assert self._routes() == []
        self.now = None
        self.contents.clear()


def _said(trigger: Any) -> str:
    config = trigger.config()
    if trigger.type == "timer":
        return str(config["cronExpression"]).removeprefix("@every ").removesuffix("m")
    return str(config.get("url") or "").rpartition("/")[2]


def faulty(wire: FaultyWire, api: str, **settings: Any) -> Client:
    target = Target("test", wire.url, REGION, Credentials(KEY_ID, SECRET), ACCOUNT, ROLE, api=api)
    given = {"connect_timeout": 1, "read_timeout": WAIT_S, "retries": 2, **settings}
    return Client(target, Settings.load({}, **given))


@pytest.mark.timeout(200)
def test_rounds_of_random_faults(server: Server) -> None:
    """200 rounds: no function, trigger, version, alias or route is lost or doubled, in either dialect."""
    with ExitStack() as stack, ThreadPoolExecutor(LANES) as pool:
        lanes = [Lane(server, number, stack) for number in range(LANES)]
        wrong = [found for found in pool.map(run, lanes) if found]
        for lane in lanes:
            if lane.look():
                lane.good.delete(lane.name)
        for what, error in wrong:
            raise AssertionError(what) from error
        assert {fault for lane in lanes for fault in lane.wire.injected} == set(FAULTS)
        # some came through, and some did not
        assert min(sum(lane.failed for lane in lanes), sum(lane.done for lane in lanes)) > LANES


def run(lane: Lane) -> tuple[str, BaseException] | None:
    for number in range(ROUNDS):
        try:
            lane.round()
        except BaseException as error:
            return f"round {number} of {lane.name} ({lane.api}): {error}", error
    return None


# ---------------------------------------------------------------- what is said


@pytest.fixture
def wire(server: Server) -> Iterator[FaultyWire]:
    """What was deployed is deleted afterwards."""
    with FaultyWire(server.url, late_s=LATE_S) as made:
        yield made
    with server.client("fc3") as client:
        for function in client.list("fault-"):
            client.delete(function.name)


def deploy(client: Client, state: State, name: str = "fault-f") -> Function:
    return client.deploy(state.fields(name)).info


WRITE = {"v2": ("/v2/", "PUT", "update it"), "fc3": ("/functions/fault-f", "PUT", "update the function")}


@pytest.mark.parametrize("api", ["v2", "fc3"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_repeated(wire: FaultyWire, api: str, fault: str) -> None:
    """Whichever request of a deployment goes wrong once: it completes, with one version, and has no more to do."""
    with faulty(wire, api) as client, faulty(wire, api, read_timeout=30) as patient:
        deploy(client, State(1))
        wire.requests.clear()
        deploy(client, State(2, triggers=(("tick", "5"), ("web", ""))))
        paths = [(request.path, request.method) for request in wire.requests]
        if fault == "late":  # each takes a while
            paths = [one for one in paths if one[1] != "GET"]
        for number, (path, method) in enumerate(dict.fromkeys(paths), start=3):
            wire.plan = once(fault, path, method)
            new = State(number, triggers=(("tick", str(number)), ("web", "")))
            found = deploy(client, new)
            assert (found.outcome, found.version) == ("updated", str(number))
            wire.plan = never
            assert deploy(patient, new).outcome == "unchanged"


@pytest.mark.parametrize("api", ["v2", "fc3"])
@pytest.mark.parametrize("fault", BEFORE)
def test_nothing_was_done(wire: FaultyWire, api: str, fault: str) -> None:
    """What is certainly not done is said to be so, with what to do; of an error of the server's, and of a connection
    that broke, it is not known, and said neither way."""
    path, method, step = WRITE[api]
    with faulty(wire, api, retries=0) as client:
        deploy(client, State(1))
        wire.plan = always(fault, path, method)
        with pytest.raises(FcError) as caught:
            deploy(client, State(2))
        wire.plan = never
        certain = fault in ("429", "503")
        said = "not done: " if certain else "not known whether it is done: "
        ahead = ", publish a version" if api == "fc3" else ""
        kept = f"{ahead}; what ran before still runs" if certain else ""
        assert f"fault-f: {said}{step}{kept}" in caught.value.message
        assert "deploy it again: what is done is not done twice" in caught.value.hint
        assert (deploy(client, State(2)).outcome, deploy(client, State(2)).version) == ("updated", "2")


@pytest.mark.parametrize("api", ["v2", "fc3"])
def test_nobody_is_there(server: Server, api: str) -> None:
    """A server that takes no connection has changed nothing."""
    with FaultyWire(server.url) as gone:
        pass
    with faulty(gone, api, retries=1) as client, pytest.raises(ConnectionFailed) as caught:
        deploy(client, State(1))
    assert "takes no connection: Connection refused" in caught.value.message
    assert not caught.value.maybe_done


@pytest.mark.parametrize("api", ["v2", "fc3"])
@pytest.mark.parametrize("fault", AFTER)
def test_the_answer_is_lost(wire: FaultyWire, api: str, fault: str) -> None:
    """Whether it was done is not known, and that is said; asking again finds it done, and does nothing twice."""
    path, method, step = WRITE[api]
    with faulty(wire, api, retries=0) as client:
        deploy(client, State(1))
        wire.plan = always(fault, path, method)
        with pytest.raises(FcError) as caught:
            deploy(client, State(2))
        wire.plan = never
        assert f"fault-f: not known whether it is done: {step}" in caught.value.message
        found = deploy(client, State(2))
        # of the function's two steps in fc3 the second, its version, was still to be done
        assert (found.outcome, found.version) == ("updated" if api == "fc3" else "unchanged", "2")


def test_half_way(wire: FaultyWire) -> None:
    """What was done is named, and what was not; what is done is not done twice."""
    with faulty(wire, "fc3", retries=0) as client:
        wire.plan = always("503", "/versions", "POST")
        with pytest.raises(FcError) as caught:
            deploy(client, State(1, triggers=(("tick", "5"),)))
        wire.plan = never
        assert (
            "fault-f: done: create the function, create trigger tick; not done: publish a version"
            in caught.value.message
        )
        wire.requests.clear()
        assert deploy(client, State(1, triggers=(("tick", "5"),))).version == "1"
        assert [r.path.rpartition("/")[2] for r in wire.requests if r.method != "GET"] == ["versions"]


def test_a_look_that_fails(wire: FaultyWire) -> None:
    """Also where it is only looked, what was done by then is said."""
    with faulty(wire, "fc3", retries=0) as client:
        wire.plan = always("503", "/fault-f", "GET")
        with pytest.raises(FcError, match="fault-f: nothing is changed"):
            deploy(client, State(1))
        wire.plan = always("503", "/triggers", "GET")
        with pytest.raises(FcError, match="fault-f: done: create the function, create trigger tick\n"):
            deploy(client, State(1, triggers=(("tick", "5"),)))


@pytest.mark.parametrize(("api", "writes", "said"), [
    ("v2", 1, "fault-f: not known whether it is done: create it"),
    ("fc3", 2, "fault-f: done: create the function; not known whether it is done: create trigger tick"),
])  # fmt: skip
def test_interrupted(wire: FaultyWire, api: str, writes: int, said: str) -> None:
    """Ctrl-C in the middle says the same, and ends what it always ends."""
    with faulty(wire, api) as client:
        left = iter(range(writes - 1))

        def agree(what: str) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        client.session.before_write = agree
        with pytest.raises(Interrupted) as caught:
            deploy(client, State(1, triggers=(("tick", "5"),)))
        assert said in str(caught.value)
        client.session.before_write = None
        assert deploy(client, State(1, triggers=(("tick", "5"),))).version == "1"


def test_a_version_is_published_once(wire: FaultyWire) -> None:
    """Also if it is asked for by itself: again after a failure, or again without any."""
    with faulty(wire, "fc3", retries=0) as client:
        client.deploy({**State(1).fields("fault-f"), "publish": False})
        published = []

        def plan(request: Request) -> str:
            """The version is published, and nobody learns of it."""
            published.extend([request] if "/versions" in request.path and request.method == "POST" else [])
            return "lost" if published else ""

        wire.plan = plan
        with pytest.raises(ConnectionFailed):
            client.publish("fault-f")
        wire.plan = never
        assert [client.publish("fault-f").id, client.publish("fault-f").id] == ["1", "1"]
        assert client.publish("fault-f", "another description").id == "2"
        assert [version.id for version in client.versions("fault-f")] == ["2", "1"]
