"""What is not remembered: uv resolves what is asked for, wheels are fetched and verified, and then it is locked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from fc_magic.package.dependencies import How

#: changes of a lock that are named
_SHOWN = 3


@dataclass(frozen=True)
class Obtained:
    """Wheels in the order of their names, what each is in the lock, and the bytes of that."""

    wheels: tuple[Wheel, ...]
    files: tuple[File, ...]
    raw: bytes
    is_written: bool
    warnings: tuple[str, ...] = ()


def listed(names: Sequence[str]) -> str:
    """``pandas, numpy and 4 more``"""
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


@dataclass
class Obtaining:
    """One run; ``raw`` is the lock at ``path``, if there is one."""

    wanted: Wanted
    platform: Platform
    at: Workplace
    how: How
    path: Path | None
    raw: bytes
    over: Step = field(default_factory=lambda: Step("", ""))

    def done(self) -> Obtained:
        """Raises UsageError, PackageError."""
        self._check_python()
        lock, is_new = self._lock()
        name = self.path.name if self.path else "the lock"
        chosen = choose(lock, self.platform, name, hashes_of(self.wanted.requirements))
        found = self._fetched(chosen)
        edges = self._edges(chosen, found)
        wheels = self._wheels(chosen, found, edges)
        raw = self._spelled(chosen, edges).encode() if is_new and self.path else self.raw
        is_written = raw != self.raw and not self.how.dry
        if is_written and self.path:
            write(self.path, raw.decode())
        note = f"{name} written{self._changes(chosen)}" if is_written else ""
        self.at.tell(replace(self.over, note=note))
        files = tuple(one.file for one in chosen)
        gaps = () if is_new or lock.is_ours else tuple(_gaps(edges, name))
        return Obtained(wheels, files, raw, is_written, gaps)

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
        if not self.raw and not self.wanted.lock:
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

    def _changes(self, chosen: Sequence[Chosen]) -> str:
        """What is another version than in the lock that was there before."""
        try:
            before = {one.name: one.version for one in parse(self.raw.decode(), "").packages if self.raw}
        except (PackageError, UnicodeDecodeError):
            return ""  # there was none, or none that could be read
        now = {one.package.name: one.version for one in chosen}
        changes = [
            _change(name, before.get(name, ""), now.get(name, ""))
            for name in sorted(before.keys() | now.keys())
            if before.get(name) != now.get(name)
        ]
        more = f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
        return f": {', '.join(changes[:_SHOWN])}{more}" if changes else ""

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
            where = places(resolve.environment(), self.wanted.options, resolve.usual_index())
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
        found = fetch([one.file for one in chosen], Store(self.at.cache), base, self._transport(), told)
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


def _gaps(edges: Mapping[str, Sequence[str]], lock: str) -> Iterator[str]:
    """What the wheels of another tool's lock need and do not have: that may be meant, as the image has some."""
    for name, needed in edges.items():
        missing = [other for other in needed if other not in edges]
        if missing:
            yield f"{name} needs {', '.join(missing)}, which {lock} has not"


def _change(name: str, before: str, now: str) -> str:
    if before and now:
        return f"{name} {before} → {now}"
    return f"- {name}" if before else f"+ {name}"


def _differs(name: str, problems: Sequence[Problem], locked: bool) -> PackageError:
    if locked:
        message, hint = f"--locked: {name} is not what is asked for", "without --locked it is written anew"
    else:  # other people's files are not overwritten
        message, hint = f"{name} is of another tool, and not what is asked for", f"--upgrade replaces {name}"
    return PackageError(message, problems=problems, hint=hint)


def _wheel(one: Chosen, path: Path, why: str) -> Wheel:
    kind, digest_ = one.file.key
    return Wheel(one.package.name, one.version, path, digest_ if kind == "sha256" else digest(path), why)
