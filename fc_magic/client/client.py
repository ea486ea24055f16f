"""Client: deploy, get, list, delete, invoke, tasks, layers; logs and statistics — at any target."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from fc_magic.client import asyncs, dialects, fc3, objects
from fc_magic.client.auth import TriggerAuth
from fc_magic.client.events import to_bytes
from fc_magic.client.fanout.watching import Watching, unwatched
from fc_magic.client.function import RemoteFunction, checked
from fc_magic.client.layers import Layers
from fc_magic.client.objects import ObjectStore
from fc_magic.client.observing import Observing
from fc_magic.client.session import Session
from fc_magic.client.target import Target
from fc_magic.client.versions import Versions
from fc_magic.config import Settings
from fc_magic.errors import FcError, Interrupted
from fc_magic.wire import checks, sources, v2
from fc_magic.wire.aliases import Alias
from fc_magic.wire.async_config import AsyncConfig
from fc_magic.wire.layers import LayerVersion, LayerVersions
from fc_magic.wire.results import Functions, Instances, Invocation
from fc_magic.wire.source import INLINE_BYTES, MAX_PACKAGE_BYTES, InFile, Inline
from fc_magic.wire.spec import Deployment
from fc_magic.wire.tasks import Accepted, Task, Tasks
from fc_magic.wire.versions import FunctionVersions, Version

if TYPE_CHECKING:
    from fc_magic.client.keys import Keys
    from fc_magic.export.live import Live
    from fc_magic.export.result import Export

__all__ = ["Client", "RemoteFunction", "checked", "to_bytes"]

LONGEST_CALL_S = 86400.0


class Client(Observing):
    """Speaks to one target. ``with Client(target) as client: client.deploy({...})``.

    ``renew`` finds a target anew that is gone; ``keys`` keeps its key fresh. ``watching`` is told how far a map is,
    ``deleted`` which function is gone.
    """

    watching: Watching = staticmethod(unwatched)
    deleted: Callable[[str], object] = staticmethod(lambda name: None)

    def __init__(
        self,
        target: Target,
        settings: Settings | None = None,
        renew: Callable[[], Target] | None = None,
        keys: Keys | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        self.session = Session(target, self.settings, renew, keys)
        self._deployments = dialects.of(self.session)
        self._layers, self._versions = Layers(self.session), Versions(self.session)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def target(self) -> Target:
        return self.session.target

    @property
    def objects(self) -> ObjectStore:
        """Where an SDK of OSS finds the target's buckets, and with which key."""
        return objects.of(self.target)

    @property
    def auth(self) -> TriggerAuth:
        """Signs requests to triggers of ``authType`` function: ``requests.get(url, auth=client.auth)``."""
        return TriggerAuth(self.target.credentials)

    def close(self) -> None:
        self.session.close()

    def deploy(self, what: Deployment | Mapping[str, Any]) -> RemoteFunction:
        """Creates or updates; nothing is sent if nothing would change (``.info.outcome`` says which).

        ``what``: a Deployment, or its fields by name, where ``code`` may also be the bytes of the ZIP. Fields that
        can be known are filled in: runtime, handler, entrypoint, role. Raises InvalidArgument with every wrong
        field before anything is sent, or what the endpoint refuses with.
        """
        started = time.monotonic()
        deployment = what if isinstance(what, Deployment) else self.complete(what)
        with self.session.doing(f"deploy {_told(deployment)}{self._removing()}") as warned:
            function, outcome = self._deployments.deploy(deployment)
        elapsed, warnings = time.monotonic() - started, (*function.warnings, *warned)
        return RemoteFunction(
            self, dataclasses.replace(function, outcome=outcome, elapsed_s=elapsed, warnings=warnings)
        )

    def _removing(self) -> str:
        """What a person should know before agreeing: by FC 3.0's own API these are calls of their own."""
        return (
            "; triggers and addresses that it does not name are removed" if self.target.api == "fc3" else ""
        )

    def complete(self, fields: Mapping[str, Any]) -> Deployment:
        """Fields as a person gives them -> a whole, checked deployment."""
        given = {name: value for name, value in fields.items() if value is not None}
        given.setdefault("runtime", self.settings.runtime)
        given.setdefault("handler", "index.handler")
        given.setdefault("entrypoint", given["handler"])
        given["role"] = self.role(given.get("role") or self.settings.role or self.target.role)
        if not given["role"]:
            del given["role"]
        if isinstance(given.get("code"), bytes | InFile):
            given["code"] = _inline(given["code"], str(given.get("name", "")))
        served = self.target.runtimes
        read = v2.read(
            given, (*served, "custom-container") if served else None, needs_role=self.target.api == "v2"
        )
        deployment, _ = read.whole()
        return deployment.located(self.target.region, self.target.account_id)

    def role(self, role: Any) -> Any:
        """A bare role name becomes the ARN of that role in the target's account."""
        if isinstance(role, str) and role and ":" not in role and self.account_id():
            return f"acs:ram::{self.account_id()}:role/{role}"
        return role

    def account_id(self) -> str:
        """The target's account. If it is not known, the ARN of a function that is deployed there may tell it."""
        if not self.target.account_id:
            with contextlib.suppress(FcError):
                self._deployments.glance()
        return self.target.account_id

    def get(self, name: str) -> RemoteFunction:
        return RemoteFunction(self, self._deployments.get(name))

    def list(self, prefix: str = "") -> Functions:
        """Every function whose name begins with ``prefix``, the last changed first."""
        found, warnings = self._deployments.list(prefix)
        ordered = Functions(sorted(found, key=lambda f: (f.last_modified_time, f.name), reverse=True))
        ordered.prefix, ordered.warnings = prefix, tuple(warnings)
        return ordered

    def delete(self, name: str) -> None:
        with self.session.doing(f"delete the function {name}, with its triggers and versions"):
            self._deployments.delete(name)
        self.deleted(name)

    def instances(self, name: str = "") -> Instances:
        """The instances of a function as they are now, the oldest first; without a name those of every function."""
        if name:
            return fc3.instances(self.session, name)
        return Instances(found for f in self.list() for found in fc3.instances(self.session, f.name))

    # ------------------------------------------------------------ versions and aliases

    def publish(self, name: str, description: str = "") -> Version:
        """What is deployed becomes a version of its own; every deployment does so already unless it says not to. If
        it is the newest version already, that one, unless another ``description`` is asked for."""
        with self.session.doing(f"publish a version of {name}"):
            return self._versions.publish_once(name, description)

    def versions(self, name: str) -> FunctionVersions:
        """The versions of a function, the newest first, which of them is deployed, and its aliases."""
        return self._versions.all(name)

    def rollback(self, name: str, version: str | int = "") -> RemoteFunction:
        """Deploys a version again, settings and code; without one the version before what is deployed. Triggers and
        aliases stay as they are. Raises FunctionNotFound, VersionNotFound."""
        from fc_magic.client import rollback

        started = time.monotonic()
        back_to = str(version) or rollback.before(self._versions, name)
        with self.session.doing(f"take {name} back to version {back_to}") as warned:
            rollback.rollback(self.session, name, back_to)
        found, elapsed = self._deployments.get(name), time.monotonic() - started
        warnings = (*found.warnings, *warned)
        return RemoteFunction(
            self, dataclasses.replace(found, outcome="rolled back", elapsed_s=elapsed, warnings=warnings)
        )

    def delete_version(self, name: str, version: str | int) -> None:
        with self.session.doing(f"delete version {version} of {name}"):
            self._versions.delete(name, str(version))

    def alias(self, name: str, alias: str) -> Alias:
        return self._versions.alias(name, alias)

    def put_alias(
        self,
        name: str,
        alias: str,
        version: str | int | None = None,
        *,
        canary: Mapping[str, float] | None = None,
        description: str | None = None,
    ) -> Alias:
        """Creates an alias or changes it. ``canary``: other versions and the share of the calls, 0 to 1, that each
        serves; naming a version without it sends all calls there. What is None stays as it is."""
        change: dict[str, Any] = {}
        if version is not None:
            change = {"versionId": str(version), "additionalVersionWeight": {}}
        if canary is not None:
            change["additionalVersionWeight"] = {str(other): share for other, share in canary.items()}
        if description is not None:
            change["description"] = description
        with self.session.doing(f"lead the alias {alias} of {name} to version {version or 'as before'}"):
            return self._versions.put_alias(name, alias, change)

    def delete_alias(self, name: str, alias: str) -> None:
        """Its versions stay."""
        with self.session.doing(f"delete the alias {alias} of {name}"):
            self._versions.delete_alias(name, alias)

    # ------------------------------------------------------------ calls

    def invoke(
        self, name: str, event: Any = b"", *, qualifier: str = "", timeout: float | None = None
    ) -> Invocation:
        """Calls a function and returns what happened; a failing function is no exception here. ``qualifier``: a
        version or an alias; without one what is deployed.

        ``event``: bytes as they are, text as UTF-8, None as nothing, anything else as JSON. ``timeout``: the
        function's own, in seconds, if it is known.
        """
        limit = (timeout if timeout is not None else LONGEST_CALL_S) + fc3.CALL_MARGIN_S
        raw = to_bytes(event)
        try:
            return fc3.invoke(self.session, name, raw, limit, qualifier)
        except KeyboardInterrupt:
            # the connection is closed by now, and with it the call is cancelled where it runs
            raise Interrupted(f"{name} was interrupted; the call was cancelled") from None

    def invoke_async(
        self, name: str, event: Any = b"", *, delay: int = 0, task_id: str = "", qualifier: str = ""
    ) -> Accepted:
        """Has a function called, ``delay`` seconds from now, and does not wait for it: what is returned says by which
        request id its log has it, and by which task id it can be looked up if the function has tasks."""
        return asyncs.invoke(self.session, name, to_bytes(event), delay, task_id, qualifier)

    def task(self, name: str, task_id: str) -> Task:
        """What became of a call of a function that has tasks."""
        return asyncs.task(self.session, name, task_id)

    def tasks(self, name: str, status: str = "", prefix: str = "", limit: int = 100) -> Tasks:
        """The newest tasks of a function: those of a status, or whose id begins with ``prefix``."""
        return asyncs.listed(self.session, name, status, prefix, limit)

    def stop_task(self, name: str, task_id: str) -> None:
        """A task that waits never runs; one that runs is ended."""
        asyncs.stop(self.session, name, task_id)

    def async_config(self, name: str, **changes: Any) -> AsyncConfig:
        """How asynchronous calls of a function are treated, after ``changes``: task, retries, max_age_s, on_success,
        on_failure, where the last two are names of functions or ARNs."""
        return asyncs.config(self.session, self.target, name, changes)

    def code(self, name: str, qualifier: str = "") -> bytes:
        """The ZIP of a function, or of one of its versions; its checksum was compared."""
        from fc_magic.client import download

        return download.code(self.session, name, qualifier)

    def export(self, name: str, kind: str, *, with_secrets: bool = False) -> Export:
        """The files that deploy a function by other means: ``s.yaml``, ``zip``, ``json``, ``curl``, ``terraform`` or
        ``python``. ``.write(folder)`` writes them. Values that look secret are left out unless ``with_secrets``."""
        from fc_magic.export import kinds

        kinds.kind(kind)  # a wrong word is refused before anything is fetched
        return kinds.export(self.live(name), kind, with_secrets)

    def live(self, name: str) -> Live:
        """A function with everything that is known of it, and its code."""
        from fc_magic.client import exports

        return exports.of(self, name)

    def publish_layer(
        self,
        name: str,
        code: bytes | InFile,
        *,
        runtimes: Sequence[str] = (),
        description: str = "",
        license: str = "",
    ) -> LayerVersion:
        """Publishes a ZIP as the next version of a layer; nothing is sent if the latest one is the same.

        ``runtimes``: those it is for; none means any. Raises InvalidArgument with every wrong value.
        """
        what = f"publish a version of the layer {name}, a ZIP of {len(code):,} bytes"
        with self.session.doing(what) as warned:
            found = self._layers.publish(name, code, runtimes, description, license)
        return dataclasses.replace(found, warnings=(*found.warnings, *warned)) if warned else found

    def layers(self, name: str = "") -> LayerVersions:
        """The versions of a layer, the newest first; without a name the latest version of each layer."""
        return self._layers.versions(name) if name else self._layers.latest()

    def layer(self, name: str, version: int) -> LayerVersion:
        return self._layers.get(name, version)

    def layer_code(self, name: str, version: int) -> bytes:
        """The ZIP of a layer version; its checksum was compared."""
        from fc_magic.client import download

        return download.layer(self.session, name, version)

    def delete_layer(self, name: str, version: int) -> None:
        """Removes one version. Functions that have it go on with it."""
        with self.session.doing(f"delete version {version} of the layer {name}"):
            self._layers.delete(name, version)

    def layers_of(self, name: str) -> frozenset[str]:
        """``NAME:VERSION`` of every layer of a function and of its versions. Raises FunctionNotFound."""
        from fc_magic.client import collecting

        return collecting.layers_of(self.session, name)

    def collect_layers(self, labels: Iterable[str], first: str = "") -> tuple[str, ...]:
        """Removes those of these layer versions that no function has, nor a version of one; says which. ``first`` is
        the function that most probably has them."""
        from fc_magic.client import collecting

        labels = set(labels)
        listed = self.list() if labels else Functions()
        if listed.warnings:
            return ()  # what could not be listed may have any of them
        others = (function.name for function in listed if function.name != first)
        found = collecting.unused(self.session, labels, chain(filter(None, [first]), others))
        removed = tuple(sorted(found))
        for label in removed:
            name, _, version = label.rpartition(":")
            self.delete_layer(name, int(version))
        return removed


def _told(deployment: Deployment) -> str:
    """A deployment in a line: what a person agrees to. Never a value that may be secret."""
    d = deployment
    called_by = ", ".join(trigger.type for trigger in d.triggers)
    size = len(d.code.zip) if isinstance(d.code, Inline) else 0
    big = f"its code of {size >> 20} MB through OSS" if size > INLINE_BYTES else ""
    facts = [
        d.runtime,
        f"{d.memory} MB",
        f"{d.timeout} s",
        f"called by {called_by}" if called_by else "",
        big,
    ]
    return f"{d.name}: {', '.join(filter(None, facts))}"


def _inline(raw: bytes | InFile, name: str) -> Inline:
    if len(raw) > MAX_PACKAGE_BYTES:
        what = f"has {len(raw) >> 20} MB; Function Compute takes {MAX_PACKAGE_BYTES >> 20} MB at most"
        raise v2.refusal([checks.problem("code", what, hint="a smaller package, or layers")], name)
    # who gets it at once says so itself; it is not carried through a bucket for that
    if len(raw) > INLINE_BYTES and (broken := sources.zip_problem(raw)):
        raise v2.refusal([checks.problem("code", broken, hint="zip the files again")], name)
    return Inline(zip=raw)
