"""What deploying would change: the deployment that was built beside what is live. Asks, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fc_magic.errors import FcError, PackageError
from fc_magic.language.speech import say
from fc_magic.notebook.plan import changes, files, live
from fc_magic.notebook.plan.changes import Change
from fc_magic.notebook.plan.files import FileChange
from fc_magic.notebook.plan.live import Inside, Live
from fc_magic.package.platforms import normalized
from fc_magic.wire import v2
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import LATEST
from fc_magic.wire.source import Inline

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.build import Built
    from fc_magic.notebook.plan.costs import Estimate
    from fc_magic.wire.results import Function
    from fc_magic.wire.spec import Deployment

CREATED, UPDATED, UNCHANGED, UNKNOWN = "created", "updated", "unchanged", "unknown"


@dataclass(frozen=True)
class Plan:
    """``outcome`` is what a deployment would answer; unknown if nobody could be asked. ``sent``: what would go there,
    each with its bytes; ``publishes``: whether a version would be; ``notes``: what could not be compared, and why.
    ``handler``, ``memory`` and ``timeout`` are those that it would have."""

    outcome: str
    function: Function | None = None
    changes: tuple[Change, ...] = ()
    files: tuple[FileChange, ...] = ()
    sent: tuple[tuple[str, int], ...] = ()
    publishes: bool = True
    notes: tuple[str, ...] = ()
    handler: str = ""
    memory: int = 0
    timeout: int = 0
    #: what calls of it cost, once that is known
    estimate: Estimate | None = None


def compare(client: Client, built: Built) -> Plan:
    """Raises InvalidArgument for what a deployment would be refused for, and what the endpoint refuses with."""
    asked = client.complete(built.fields)
    found = live.find(client, asked.name)
    checksum = crc64(asked.code.zip) if isinstance(asked.code, Inline) else ""
    return _Comparing(client, built, asked, live.read(client, found, checksum) if found else None).plan()


@dataclass(frozen=True)
class _Comparing:
    client: Client
    built: Built
    asked: Deployment
    live: Live | None

    def plan(self) -> Plan:
        published, missing = self._layers()
        if self.live is None:
            new = tuple(changes.of_new(self.asked, self.built.fields))
            return self._plan(CREATED, changes=new, sent=(*missing, *self._code(True)))
        function = self.live.function
        found = [
            *changes.of_settings(function.settings(), self.asked.settings()),
            *self._layer_changes(published),
        ]
        notes = [self.live.why] if self.live.why else []
        is_other = not self._is_same_code()
        differing, more = self._files() if is_other else ((), [])
        found += [*self._library_changes(), *more]
        if is_other and not differing and not more:
            found += self._code_changes()
        is_published = self.asked.publish and function.version == LATEST
        if not found and not differing and not missing and not is_published and not is_other:
            return self._plan(UNCHANGED, publishes=False)
        if is_published and not (found or differing or missing):
            found.append(Change("version", say("not published"), say("would be published")))
        return self._plan(
            UPDATED,
            changes=tuple(found),
            files=differing,
            sent=(*missing, *self._code(is_other)),
            publishes=self.asked.publish,
            notes=tuple(notes),
        )

    def _plan(self, outcome: str, **more: Any) -> Plan:
        function, asked = self.live.function if self.live else None, self.asked
        more.setdefault("publishes", asked.publish)
        return Plan(
            outcome, function, handler=asked.handler, memory=asked.memory, timeout=asked.timeout, **more
        )

    # ------------------------------------------------------------ code

    def _is_same_code(self) -> bool:
        """As a deployment decides it: what is elsewhere may always be another."""
        function = self.live.function if self.live else None
        code = self.asked.code
        if function is None or not isinstance(code, Inline) or function.source:
            return False
        return crc64(code.zip) == function.code_checksum

    def _code(self, is_other: bool) -> Iterator[tuple[str, int]]:
        """The ZIP, where it is sent: the deployments API is told all at once."""
        code = self.asked.code
        if isinstance(code, Inline) and (is_other or self.client.target.api == "v2"):
            yield say("the code"), len(code.zip)

    def _inside(self) -> Inside | None:
        """Of what would be sent."""
        contents, code = self.built.contents, self.built.fields.get("code")
        if contents is not None:
            wheels = () if self.built.layers else contents.wheels
            return Inside(
                contents.files,
                contents.executable,
                {normalized(wheel.name): wheel.version for wheel in wheels},
            )
        try:
            return live.opened(code) if isinstance(code, bytes) else None
        except PackageError:
            return None

    def _files(self) -> tuple[tuple[FileChange, ...], list[Change]]:
        """Files that differ, and those that become programs or cease to be."""
        there, here = self.live.inside if self.live else None, self._inside()
        if there is None or here is None:
            return (), []
        other = there.executable ^ here.executable
        yes, no = say("a program"), say("no program")
        modes = [
            Change(path, *((yes, no) if path in there.executable else (no, yes)))
            for path in sorted(other & there.files.keys() & here.files.keys())
        ]
        first = self.asked.handler.rpartition(".")[0]
        return files.compared(there.files, here.files, self.built.secrets, first), modes

    def _code_changes(self) -> Iterator[Change]:
        """Of code that was not compared by its files."""
        function, code = self.live.function if self.live else None, self.asked.code
        assert function is not None
        source = {} if isinstance(code, Inline) else code.model_dump(exclude_none=True, mode="json")
        for key in sorted(function.source.keys() | (source.keys() - {"from_code"})):
            if key == "custom_container_config":
                yield from changes.of_container(
                    *(found.get(key) or {} for found in (function.source, source))
                )
                continue
            old, new = (str(found.get(key) or "") for found in (function.source, source))
            if old != new:
                yield Change(key.replace("_", "-"), _address(old), _address(new))
        if isinstance(code, Inline):
            yield Change("code", _checksum(function.code_checksum), _checksum(crc64(code.zip)))
        elif not function.source or function.source.items() <= source.items():
            yield Change("code", _checksum(function.code_checksum), say("what is there then"))

    # ------------------------------------------------------------ layers and libraries

    def _layers(self) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
        """The layers of libraries as they would be: name and version; and those that are to be sent."""
        named, missing = [], []
        for one in self.built.layers:
            whole = one.libraries.whole()
            last = next(iter(self.client.layers(one.name)), None)
            there = last is not None and last.code_checksum == whole.checksum
            number = last.version if last else 0
            named.append((one.name, str(number if there else number + 1)))
            if not there:
                missing.append((say("layer {0}", one.name), len(whole)))
        return named, missing

    def _layer_changes(self, published: list[tuple[str, str]]) -> Iterator[Change]:
        assert self.live is not None
        account = (self.live.function.arn.split(":") + [""] * 4)[3]
        before = [live.plain(layer, account) for layer in self.live.function.layers]
        after = [*(self._pinned(live.plain(layer, account)) for layer in self.asked.layers), *published]
        if before == after:
            return
        named = list(changes.of_versions("layer", dict(before), dict(after)))
        yield from named
        if not named:
            yield Change("layers", _in_order(before), _in_order(after))

    def _pinned(self, layer: tuple[str, str]) -> tuple[str, str]:
        """With a number for the latest version, as far as that can be told."""
        name, version = layer
        if version != "latest":
            return layer
        try:
            last = next(iter(self.client.layers(name)), None)
        except FcError:
            last = None
        return name, str(last.version) if last else version

    def _library_changes(self) -> Iterator[Change]:
        """Those in a ZIP that is the same are; those in one that was not read are not known."""
        assert self.live is not None
        wheels = self.built.contents.wheels if self.built.contents else ()
        after: Mapping[str, str] = {normalized(one.name): one.version for one in wheels}
        if not self.built.layers:
            if self._is_same_code():
                after = {}
            elif self.live.inside is None:
                return
            elif self.built.contents is None:
                after = (self._inside() or Inside()).libraries
        yield from changes.of_versions("library", self.live.libraries, after)


def unreached(built: Built, why: str) -> Plan:
    """When nobody can be asked what is live. Raises InvalidArgument for what would be refused anywhere."""
    fields = {key: value for key, value in built.fields.items() if value is not None}
    code = fields.get("code")
    if code is not None and not isinstance(code, str):
        fields["code"] = Inline(zip=code)
    if ":" not in str(fields.get("role")):
        fields.pop("role", None)  # a bare name becomes an ARN by the account, which nobody tells now
    fields.setdefault("handler", "index.handler")
    fields.setdefault("entrypoint", fields["handler"])
    fields.setdefault("runtime", "python3.10")
    deployment, _ = v2.read(fields, None, needs_role=False).whole()
    sent = [(say("layer {0}", one.name), one.libraries.size) for one in built.layers]
    if isinstance(deployment.code, Inline):
        sent.append((say("the code"), len(deployment.code.zip)))
    return Plan(
        UNKNOWN,
        changes=tuple(changes.of_new(deployment, fields)),
        sent=tuple(sent),
        publishes=deployment.publish,
        notes=(why,),
        handler=deployment.handler,
        memory=deployment.memory,
        timeout=deployment.timeout,
    )


def _in_order(layers: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name}:{version}" for name, version in layers)


def _checksum(text: str) -> str:
    return f"CRC-64 {text}" if text else ""


def _address(text: str) -> str:
    from fc_magic.wire.source import public

    return public(text) if "://" in text else text
