"""What is asked for -> its wheels, by way of the lock beside the notebook: resolve, lock, fetch, verify.

While nothing changes, neither uv nor an index is asked: what a lock comes to is remembered in the cache, by the
lock's own bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fc_magic.errors import PackageError, Problem, UsageError
from fc_magic.package import graph, refusals, resolve
from fc_magic.package.chosen import Chosen, choose, differences, hashes_of
from fc_magic.package.contents import Wheel
from fc_magic.package.fetch import fetch
from fc_magic.package.index import places, released
from fc_magic.package.lock import File, Lock, parse, spell, write
from fc_magic.package.platforms import Platform, every
from fc_magic.package.store import Store, digest
from fc_magic.package.transport import Transport
from fc_magic.package.wanted import Wanted, check
from fc_magic.package.workplace import Step, Workplace


@dataclass(frozen=True)
class How:
    """``lock``: the file beside the notebook, if there is to be one; ``renew``: what a person types to have it anew.
    ``locked``: it must be there and fit; ``upgrade``: the newest versions are taken."""

    lock: Path | None = None
    base: Path = Path()
    title: str = ""
    renew: str = "--upgrade"
    locked: bool = False
    upgrade: bool = False


@dataclass(frozen=True)
class Dependencies:
    """Wheels by their name; ``written``: the lock that is new or another than before."""

    wheels: tuple[Wheel, ...] = ()
    written: Path | None = None


def of(wanted: Wanted, platform: Platform, at: Workplace, how: How | None = None) -> Dependencies:
    """Raises UsageError, PackageError; then the lock is what it was."""
    how = how or How()
    path = wanted.lock or how.lock
    raw = path.read_bytes() if path and path.is_file() else b""
    store = Store(at.cache)
    key = _key(wanted, platform, raw)
    if raw and not how.upgrade and (known := _recall(at.cache, key, store)):
        return Dependencies(known)
    return _Work(wanted, platform, at, how, path, raw, store).done()


def listed(names: Sequence[str]) -> str:
    """``pandas, numpy and 4 more``"""
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


@dataclass
class _Work:
    """One run that is not remembered."""

    wanted: Wanted
    platform: Platform
    at: Workplace
    how: How
    path: Path | None
    raw: bytes
    store: Store
    over: Step = field(default_factory=lambda: Step("", ""))

    def done(self) -> Dependencies:
        self._check_python()
        lock, is_new = self._lock()
        name = self.path.name if self.path else "the lock"
        chosen = choose(lock, self.platform, name, hashes_of(self.wanted.requirements))
        found = self._fetched(chosen)
        edges = self._edges(chosen, found)
        wheels = self._wheels(chosen, found, edges)
        raw, written = self.raw, None
        if is_new and self.path:
            raw = self._spelled(chosen, edges).encode()
            if raw != self.raw:
                write(self.path, raw.decode())
                written = self.path
        if raw:
            _remember(self.at.cache, _key(self.wanted, self.platform, raw), chosen, wheels)
        self.at.tell(replace(self.over, note=f"{written.name} written" if written else ""))
        return Dependencies(wheels, written)

    def _check_python(self) -> None:
        """What the cell says of its Python must be true of the runtime."""
        spec = self.wanted.python
        if not spec:
            return
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            allowed = SpecifierSet(spec)
        except InvalidSpecifier:
            raise UsageError(
                f"requires-python {spec} is no version", hint='requires-python = ">=3.10"'
            ) from None
        if not allowed.contains(f"{self.platform.python}.99"):
            good = [one.runtime for one in every() if allowed.contains(f"{one.python}.99")]
            raise UsageError(
                f"the cell is for Python {spec}, and {self.platform.runtime} has {self.platform.python}",
                hint=f"--runtime {good[-1]}" if good else "change requires-python",
            )

    # ------------------------------------------------------------ the lock

    def _lock(self) -> tuple[Lock, bool]:
        """A lock that fits, and whether it is new."""
        name = self.path.name if self.path else ""
        if self.how.locked and self.how.upgrade:
            raise UsageError("--locked keeps the lock and --upgrade renews it", hint="give one of them")
        if not self.raw:
            if self.how.locked:
                raise PackageError(
                    f"--locked: there is no {name} beside the notebook", hint="deploy once without --locked"
                )
            return self._resolved(None), True
        if self.wanted.lock:
            return parse(self._text(name), name), False
        if self.how.upgrade:
            return self._resolved(None), True
        lock = parse(self._text(name), name)
        problems = differences(lock, self.wanted, self.platform)
        if not problems:
            return lock, False
        if self.how.locked or not lock.is_ours:
            raise _differs(name, problems, self.how.locked)
        return self._resolved(lock), True

    def _text(self, name: str) -> str:
        try:
            return self.raw.decode()
        except UnicodeDecodeError:
            raise PackageError(f"{name} is not UTF-8", hint="--upgrade writes it anew") from None

    def _resolved(self, before: Lock | None) -> Lock:
        what = listed(self.wanted.names)
        self.at.tell(Step(what, "resolving"))
        try:
            return resolve.resolve(
                self.wanted,
                self.platform,
                self.how.base,
                before,
                lambda _: self.at.tell(Step(what, "resolving")),
            )
        except resolve.Unresolved as error:
            where = places(resolve.environment(), self.wanted.options)
            transport = self._transport()
            raise refusals.refusal(
                str(error),
                self.wanted,
                self.platform,
                lambda name: released(name, where, transport, self.how.base),
            ) from None

    def _spelled(self, chosen: Sequence[Chosen], edges: Mapping[str, Sequence[str]]) -> str:
        names = {one.package.name for one in chosen}
        packages = tuple(
            replace(
                one.package,
                version=one.version,
                wheels=(one.file,),
                needs=tuple(name for name in edges[one.package.name] if name in names),
            )
            for one in chosen
        )
        version = self.platform.python
        environment = (
            f"python_version == '{version}' and sys_platform == 'linux' and platform_machine == 'x86_64'"
        )
        lock = Lock(
            packages,
            f"=={version}.*",
            (environment,),
            said=self.wanted.said,
            runtime=self.platform.runtime,
            system=self.platform.system,
        )
        return spell(lock, self.how.title or "a function", self.how.renew)

    # ------------------------------------------------------------ the wheels

    def _transport(self) -> Transport:
        where = places(resolve.environment(), self.wanted.options)
        urls = [one.text.partition("@")[2].strip() for one in self.wanted.requirements if "://" in one.text]
        return Transport([*where.urls, *urls])

    def _fetched(self, chosen: Sequence[Chosen]) -> dict[str, Path]:
        named = [name for name in self.wanted.names if any(one.package.name == name for one in chosen)]
        what = listed([*named, *(one.package.name for one in chosen if one.package.name not in named)])
        size = 0

        def told(done: int, all_: int) -> None:
            nonlocal size
            size = max(size, done)
            self.at.tell(Step(what, "fetching", done, all_))

        base = self.wanted.lock.parent if self.wanted.lock else self.how.base
        found = fetch([one.file for one in chosen], self.store, base, self._transport(), told)
        self.over = Step(what, "", size, size)
        return {one.package.name: found[one.file] for one in chosen}

    def _edges(self, chosen: Sequence[Chosen], found: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
        if chosen and all(one.package.needs is not None for one in chosen):
            return {one.package.name: one.package.needs or () for one in chosen}
        pairs = zip(self.wanted.requirements, check(self.wanted), strict=True)
        roots = {one.name: tuple(read.extras) if read else () for one, read in pairs}
        return graph.needs(found, roots, self.platform)

    def _wheels(
        self, chosen: Sequence[Chosen], found: Mapping[str, Path], edges: Mapping[str, Sequence[str]]
    ) -> tuple[Wheel, ...]:
        whys = graph.whys(edges, self.wanted.names)
        return tuple(_wheel(one, found[one.package.name], whys[one.package.name]) for one in chosen)


def _differs(name: str, problems: Sequence[Problem], locked: bool) -> PackageError:
    if locked:
        message, hint = f"--locked: {name} is not what is asked for", "without --locked it is written anew"
    else:  # other people's files are not overwritten
        message, hint = f"{name} is of another tool, and not what is asked for", f"--upgrade replaces {name}"
    return PackageError(message, problems=problems, hint=hint)


def _wheel(one: Chosen, path: Path, why: str) -> Wheel:
    kind, digest_ = one.file.key
    return Wheel(one.package.name, one.version, path, digest_ if kind == "sha256" else digest(path), why)


# ---------------------------------------------------------------- remembered


def _key(wanted: Wanted, platform: Platform, raw: bytes) -> str:
    about = f"{wanted.stamp} {platform} {hashlib.sha256(raw).hexdigest()}"
    return hashlib.sha256(about.encode()).hexdigest()


def _note(cache: Path, key: str) -> Path:
    return cache / "locks" / f"{key}.json"


def _recall(cache: Path, key: str, store: Store) -> tuple[Wheel, ...]:
    """The wheels that a lock came to, if every one of them is still here."""
    try:
        rows = [tuple(map(str, row)) for row in json.loads(_note(cache, key).read_text())]
    except (OSError, ValueError, TypeError):
        return ()
    out = []
    for name, version, sha256, why, file, kind, digest_ in rows:
        path = store.find(File(file, {kind: digest_}))
        if path is None:
            return ()
        out.append(Wheel(name, version, path, sha256, why))
    return tuple(out)


def _remember(cache: Path, key: str, chosen: Sequence[Chosen], wheels: Sequence[Wheel]) -> None:
    rows = [
        [wheel.name, wheel.version, wheel.sha256, wheel.why, one.file.name, *one.file.key]
        for one, wheel in zip(chosen, wheels, strict=True)
    ]
    note = _note(cache, key)
    part = note.with_name(f".{key}.{os.getpid()}.part")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(rows))
        os.replace(part, note)
    except OSError:
        part.unlink(missing_ok=True)  # it is only slower next time
