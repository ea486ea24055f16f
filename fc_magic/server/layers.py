"""Layers: their versions, which of them a deployment may have, and what is true of them on this machine.

What is published is kept in memory too: a deployment is checked in a thread, where the database is not at hand.
"""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
import json
import logging
import platform
import re
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from io import BytesIO

from fc_magic.errors import LayerNotFound, LayerVersionNotFound, NotSupported, Problem
from fc_magic.server.identity import Identity
from fc_magic.server.store import Store
from fc_magic.server.worker import runtimes as installed
from fc_magic.wire import layers, runtimes, sources
from fc_magic.wire.checksum import crc64
from fc_magic.wire.layers import LayerInput, LayerVersion
from fc_magic.wire.source import Oss
from fc_magic.wire.spec import LAYER_ARN, Layer
from fc_magic.wire.wording import clipped, reason

log = logging.getLogger("fc_magic.server")

#: of a compiled library's name: for which Python and machine it is
_COMPILED = re.compile(r"\.cpython-(\d)(\d+)-([a-z0-9_]+)-linux-\w+\.so$")
#: of what there is, in a refusal
MOST_SHOWN = 5
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}

Fetch = Callable[[Oss], Awaitable[bytes]]


@dataclass(frozen=True)
class Kept:
    """A version, the key of its content, and what its libraries are compiled for: ``3.10 x86_64``."""

    layer: LayerVersion
    key: str
    compiled: tuple[str, ...] = ()

    @property
    def pin(self) -> Layer:
        """As it stands in a deployment from then on."""
        return Layer(name=self.layer.name, version=str(self.layer.version))


@dataclass
class _Known:
    """A layer: its versions, the highest number it ever had, and who may use it."""

    last: int = 0
    public: bool = False
    versions: dict[int, Kept] = dataclasses.field(default_factory=dict)


class Layers:
    """``fetch`` gets a ZIP from the object store; without it there is none. ``most_bytes``: of one function."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        fetch: Fetch | None = None,
        most_bytes: int = layers.MAX_LAYERS_BYTES,
    ) -> None:
        self._store, self._identity, self.fetch, self._most_bytes = store, identity, fetch, most_bytes
        self._known = self._load()

    def _load(self) -> dict[str, _Known]:
        with self._store.transaction() as db:
            rows = db.execute("SELECT name, last, public FROM layers").fetchall()
            known = {name: _Known(last, bool(public)) for name, last, public in rows}
            columns = "layer, version, answer, code, compiled"
            for name, number, *row in db.execute(f"SELECT {columns} FROM layer_versions").fetchall():  # noqa: S608
                try:
                    kept = Kept(layers.decode(json.loads(row[0])), row[1], tuple(json.loads(row[2])))
                    known[name].versions[number] = kept
                except (KeyError, TypeError, ValueError) as error:
                    log.warning("version %s of layer %s cannot be read: %s", number, name, reason(error))
        return known

    # ------------------------------------------------------------ publishing

    async def publish(self, name: str, asked: LayerInput) -> LayerVersion:
        """Keeps what was asked for as the next version. Raises InvalidArgument, NotSupported."""
        raw = await self._bytes(name, asked)
        key = await asyncio.to_thread(self._store.keep_code, raw)
        compiled = await asyncio.to_thread(_compiled, raw)
        # nothing is awaited until it is written: two that are published at once get two numbers
        known = self._known.get(name) or _Known()
        version = self._version(name, known.last + 1, asked, raw)
        kept = Kept(version, key, compiled)
        with self._store.released(key), self._store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO layers VALUES (?,?,?)", (name, version.version, known.public))
            row = (name, version.version, json.dumps(layers.encode(version)), key, json.dumps(compiled))
            db.execute("INSERT INTO layer_versions VALUES (?,?,?,?,?)", row)
        known.last = version.version
        known.versions[version.version] = kept
        self._known[name] = known
        warnings = [note for runtime in asked.runtimes for note in await self._notes(kept, runtime)]
        return dataclasses.replace(kept.layer, public=known.public, warnings=tuple(warnings))

    async def _notes(self, kept: Kept, runtime: str) -> list[str]:
        if runtime not in runtimes.PYTHON or not kept.compiled:
            return []
        return self.notes([kept], runtime, (await installed.found(runtime)).version)

    async def _bytes(self, name: str, asked: LayerInput) -> bytes:
        if isinstance(asked.code, bytes):
            raw, place = asked.code, "code.zipFile"
        elif self.fetch is None:
            hint = "send the ZIP as code.zipFile"
            raise NotSupported("the embedded Function Compute has no object store for layers", hint=hint)
        else:
            raw, place = await self.fetch(asked.code), "code"
        wrong = sources.zip_problem(raw)
        if len(raw) > layers.MAX_LAYER_BYTES:
            wrong = f"is larger than {layers.MAX_LAYER_BYTES >> 20} MB"
        if wrong:
            raise layers.refusal(name, [Problem(place, wrong, "a ZIP")])
        if asked.checksum and asked.checksum != crc64(raw):
            what = f"differs from {crc64(raw)}, that of the ZIP"
            raise layers.refusal(name, [Problem("code.checksum", what, given=clipped(asked.checksum))])
        return raw

    def _version(self, name: str, number: int, asked: LayerInput, raw: bytes) -> LayerVersion:
        return LayerVersion(
            name=name,
            version=number,
            arn=layers.arn(self._identity.region, self._identity.account_id, name, number),
            runtimes=asked.runtimes,
            description=asked.description,
            license=asked.license,
            code_size=len(raw),
            code_checksum=crc64(raw),
            created_time=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    # ------------------------------------------------------------ looking and removing

    def _layer(self, name: str) -> _Known:
        known = self._known.get(name)
        if known is None or not known.versions:
            raise LayerNotFound(f"layer '{clipped(name)}' does not exist")
        return known

    def _kept(self, name: str, version: int) -> Kept:
        versions = self._layer(name).versions
        if version not in versions:
            there = f"it has {_numbers(versions)}"
            raise LayerVersionNotFound(f"version {version} of layer '{name}' does not exist", hint=there)
        return versions[version]

    def get(self, name: str, version: int) -> LayerVersion:
        """Raises LayerNotFound, LayerVersionNotFound."""
        found = self._kept(name, version)
        return dataclasses.replace(found.layer, public=self._known[name].public)

    def code_key(self, layer: LayerVersion) -> str:
        """What its ZIP is kept by."""
        return self._kept(layer.name, layer.version).key

    def by_arn(self, arn: str) -> LayerVersion:
        """Raises the same for one of another region or account: what is not here does not exist."""
        found = LAYER_ARN.fullmatch(arn)
        if found is None or (found[1], found[2]) != (self._identity.region, self._identity.account_id):
            raise LayerNotFound(f"layer version '{clipped(arn)}' does not exist")
        return self.get(found[3], int(found[4]))

    def latest(
        self, prefix: str = "", after: str = "", limit: int = 100, public: bool = False
    ) -> tuple[list[LayerVersion], str]:
        """The latest version of each layer, in order of name; ``public``: only of those that all may use."""
        names = [
            name for name, known in self._known.items() if known.versions and (known.public or not public)
        ]
        asked = sorted(name for name in names if name.startswith(prefix) and name > after)
        found = [self.get(name, max(self._known[name].versions)) for name in asked[:limit]]
        return found, asked[limit - 1] if len(asked) > limit else ""

    def versions(self, name: str, start: int = 1, limit: int = 100) -> tuple[list[LayerVersion], int]:
        """The versions of a layer from ``start`` on, and where the next page begins (0 on the last)."""
        numbers = sorted(number for number in self._layer(name).versions if number >= start)
        found = [self.get(name, number) for number in numbers[:limit]]
        return found, numbers[limit] if len(numbers) > limit else 0

    def delete(self, name: str, version: int) -> None:
        """Removes a version. Functions that have it go on with it."""
        kept = self._kept(name, version)
        with self._store.transaction() as db:
            db.execute("DELETE FROM layer_versions WHERE layer=? AND version=?", (name, version))
        del self._known[name].versions[version]
        self._store.drop_code([kept.key])

    def share(self, name: str, public: bool) -> None:
        """Says whether other accounts may use a layer; there are none here, so it is only kept."""
        known = self._layer(name)
        with self._store.transaction() as db:
            db.execute("UPDATE layers SET public=? WHERE name=?", (public, name))
        known.public = public

    # ------------------------------------------------------------ of a deployment

    def problems(self, asked: Mapping[int, Layer], runtime: str) -> list[Problem]:
        """Layers that a function of this runtime cannot have, by their place. May run in a thread."""
        wrong, size = [], 0
        for number, layer in asked.items():
            kept, problem = self._found(layer)
            size += kept.layer.code_size if kept else 0
            if kept and not _fits(kept.layer, runtime):
                what = f"The Layer {kept.layer.arn} is not compatible with this runtime."
                hint = f"publish {kept.layer.name} for {runtime} too, or choose the runtime {kept.layer.runtimes[0]}"
                problem = Problem("", what, f"its runtimes are {', '.join(kept.layer.runtimes)}", hint=hint)
            if problem:
                wrong.append(dataclasses.replace(problem, field=f"layers.{number}", given=_shown(layer)))
        if size > self._most_bytes:
            what = f"have {size >> 20} MB together"
            wrong.append(Problem("layers", what, f"at most {self._most_bytes >> 20} MB"))
        return wrong

    def pinned(self, asked: Iterable[Layer]) -> list[Kept]:
        """The versions that a deployment is given, in its order; all of them were checked to exist."""
        return [kept for layer in asked if (kept := self._found(layer)[0])]

    def _found(self, asked: Layer) -> tuple[Kept | None, Problem | None]:
        """The version that is meant; else what is wrong with it, and what there is instead."""
        name, arn = asked.name, LAYER_ARN.fullmatch(asked.name)
        if arn and arn[1] != self._identity.region:
            own = f"a layer is in the region of its function, {self._identity.region}"
            return None, Problem("", f"is in {arn[1]}", own)
        if arn and arn[2] != self._identity.account_id:
            return None, Problem(
                "", f"belongs to {arn[2]}", "only layers that were published here exist here"
            )
        name = arn[3] if arn else name
        known = self._known.get(name)
        if known is None or not known.versions:
            return None, self._missing(name)
        latest = max(known.versions)
        number = latest if asked.version == "latest" else int(asked.version)
        if number in known.versions:
            return known.versions[number], None
        what = f"there is no version {number} of layer {name}"
        return None, Problem("", what, f"it has {_numbers(known.versions)}", hint=f"{name}:{latest}")

    def _missing(self, name: str) -> Problem:
        labels = {name: known.versions[max(known.versions)].layer.label for name, known in self._there()}
        shown = [*sorted(labels.values())[:MOST_SHOWN], *(["…"] if len(labels) > MOST_SHOWN else [])]
        allowed = f"published here: {', '.join(shown) or 'none'}; publish one first"
        close = difflib.get_close_matches(name, labels, n=1)
        return Problem(
            "", f"there is no layer {clipped(name)}", allowed, hint=labels[close[0]] if close else ""
        )

    def _there(self) -> list[tuple[str, _Known]]:
        return [(name, known) for name, known in list(self._known.items()) if known.versions]

    def notes(self, kept: Sequence[Kept], runtime: str, version: tuple[int, ...]) -> list[str]:
        """What is compiled for another Python or machine than the one that runs ``runtime`` here."""
        if runtime not in runtimes.PYTHON:
            return []
        machine = platform.machine().lower()
        here = f"{version[0]}.{version[1]} {_MACHINES.get(machine, machine)}"
        return [
            f"layer {one.layer.label} has libraries compiled for Python {', '.join(one.compiled)}; {runtime} runs on "
            f"Python {here} here, which does not load them"
            for one in kept
            if one.compiled and here not in one.compiled
        ]


def _fits(layer: LayerVersion, runtime: str) -> bool:
    # what is no runtime at all is refused as such
    return not layer.runtimes or runtime in layer.runtimes or runtime not in runtimes.KNOWN


def _shown(layer: Layer) -> str:
    return clipped(layer.name if LAYER_ARN.fullmatch(layer.name) else f"{layer.name}:{layer.version}")


def _numbers(versions: Iterable[int]) -> str:
    there = sorted(versions)
    shown = ", ".join(map(str, there[-5:]))
    return f"version {shown}" if len(there) == 1 else f"versions {'…, ' if len(there) > 5 else ''}{shown}"


def _compiled(raw: bytes) -> tuple[str, ...]:
    """What the libraries in a ZIP are compiled for."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        return tuple(sorted(set(_platforms(archive.namelist()))))


def _platforms(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        found = _COMPILED.search(name)
        if found:
            yield f"{found[1]}.{found[2]} {found[3]}"
