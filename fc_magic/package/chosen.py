"""A lock and a platform -> the wheels that are taken; a lock and what is asked for -> how they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fc_magic.errors import PackageError, Problem
from fc_magic.package.graph import holds
from fc_magic.package.lock import File, Lock, Package
from fc_magic.package.platforms import Platform, normalized, that_run, wheel_name
from fc_magic.package.secrets import shown
from fc_magic.package.wanted import Requirement, Wanted, check


@dataclass(frozen=True)
class Chosen:
    """One distribution of a lock, and its wheel."""

    package: Package
    file: File

    @property
    def version(self) -> str:
        named = wheel_name(self.file.name)
        return self.package.version or (named.version if named else "")


def choose(
    lock: Lock, platform: Platform, name: str, hashes: Mapping[str, frozenset[str]] | None = None
) -> tuple[Chosen, ...]:
    """In the order of names. ``name`` is the lock's file; ``hashes``: what a person allows of a distribution.

    Raises PackageError.
    """
    says = _Markers(lock, platform, name)
    if lock.environments and not any(says.yes(one) for one in lock.environments):
        raise PackageError(f"{name} is not for {platform}", hint=_ANEW)
    if not says.python(lock.requires_python):
        raise PackageError(f"{name} is for Python {lock.requires_python}, not for {platform}", hint=_ANEW)
    taken: dict[str, Package] = {}
    for package in lock.packages:
        if package.marker and not says.yes(package.marker):
            continue
        if package.name in taken:
            raise PackageError(f"{name} has {package.name} twice for {platform}", hint=_ANEW)
        taken[package.name] = package
    return tuple(
        Chosen(package, _wheel(package, platform, name, (hashes or {}).get(package.name)))
        for package in sorted(taken.values(), key=lambda p: p.name)
        if says.fits(package)
    )


_ANEW = "--upgrade writes it anew"
#: what a lock has where a wheel should be -> what to do
_INSTEAD = {
    "a folder": "uv export --no-emit-project leaves out the project itself; --include sends a folder as it is",
    "a repository": "build its wheel: pip wheel --no-deps URL -w dist",
}


def _wheel(package: Package, platform: Platform, name: str, allowed: frozenset[str] | None) -> File:
    what = f"{package.name} {package.version}".strip()
    if package.other:
        raise PackageError(
            f"{what} is {package.other} in {name}, and only wheels go into a function",
            hint=_INSTEAD.get(package.other, "choose a version that has a wheel"),
        )
    ranked = sorted((fit, number) for number, fit in _fits(package, platform))
    wheels = [package.wheels[number] for _, number in ranked]
    if not wheels:
        tags = {tag for file in package.wheels if (named := wheel_name(file.name)) for tag in named.tags}
        runtimes = that_run(tags)
        raise PackageError(
            f"{what} has no wheel for {platform} in {name}; there are {', '.join(sorted(tags)[:8])}",
            hint=f"--runtime {runtimes[-1]}" if runtimes else _ANEW,
        )
    good = [f for f in wheels if not allowed or any(f"{k}:{d}" in allowed for k, d in f.hashes.items())]
    if not good:
        raise PackageError(
            f"{what} is not what its --hash says: {wheels[0].name} has sha256 {wheels[0].hashes.get('sha256')}",
            hint="if it is right, change the --hash",
        )
    return good[0]


def _fits(package: Package, platform: Platform) -> Iterator[tuple[int, int]]:
    for number, file in enumerate(package.wheels):
        named = wheel_name(file.name)
        fit = named.fits(platform) if named else None
        if fit is not None:
            yield number, fit


class _Markers:
    """What is true on a platform. Raises PackageError for what cannot be read."""

    def __init__(self, lock: Lock, platform: Platform, name: str) -> None:
        self._platform, self._name = platform, name
        self._about: dict[str, Any] = {
            **platform.markers,
            "extras": frozenset(),
            "dependency_groups": frozenset(lock.groups),
        }

    def yes(self, marker: str) -> bool:
        from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName

        try:
            return Marker(marker).evaluate(self._about, context="lock_file")
        except (InvalidMarker, UndefinedEnvironmentName, KeyError, ValueError):
            raise PackageError(f"{self._name} has a marker that says nothing: {marker}", hint=_ANEW) from None

    def python(self, spec: str) -> bool:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            return not spec or SpecifierSet(spec).contains(f"{self._platform.python}.0", prereleases=True)
        except InvalidSpecifier:
            raise PackageError(
                f"{self._name} has a requires-python that says nothing: {spec}", hint=_ANEW
            ) from None

    def fits(self, package: Package) -> bool:
        if self.python(package.requires_python):
            return True
        raise PackageError(
            f"{package.name} {package.version} in {self._name} is for Python {package.requires_python}, "
            f"not for {self._platform}",
            hint=_ANEW,
        )


# ---------------------------------------------------------------- is it still what is asked?


def differences(lock: Lock, wanted: Wanted, platform: Platform) -> list[Problem]:
    """What a lock is not of what is asked for; nothing if it can be used."""
    found: list[Problem] = []
    if lock.is_ours:
        found += _between(lock.said, wanted.said)
        for what, had, now in (
            ("runtime", lock.runtime, platform.runtime),
            ("platform", lock.system, platform.system),
        ):
            if had != now:
                found.append(Problem(what, f"is {had} in the lock", "", now))
    return found or list(_unmet(lock, wanted, platform))


def _between(had: Mapping[str, Any], now: Mapping[str, list[str]]) -> Iterator[Problem]:
    for kind in dict.fromkeys([*now, *had]):
        before, after = _texts(had.get(kind)), _texts(now.get(kind))
        one = kind.rstrip("s") if kind != "hashes" else "hash"
        yield from (Problem(one, "is not in the lock", "", text) for text in after if text not in before)
        yield from (Problem(one, "is only in the lock", "", text) for text in before if text not in after)


def _texts(listed: Any) -> list[str]:
    return [str(text) for text in listed] if isinstance(listed, list | tuple) else []


def _unmet(lock: Lock, wanted: Wanted, platform: Platform) -> Iterator[Problem]:
    by_name: dict[str, list[Package]] = {}
    for package in lock.packages:
        by_name.setdefault(package.name, []).append(package)
    for requirement, read in zip(wanted.requirements, check(wanted), strict=True):
        if read is not None and not holds(read.marker, platform):
            continue
        there = by_name.get(requirement.name, [])
        if not there:
            yield Problem("requirement", "is not in the lock", "", requirement.shown)
        elif not any(_meets(package, requirement, read) for package in there):
            versions = ", ".join(package.version or "?" for package in there)
            yield Problem("requirement", f"has {versions} in the lock", "", requirement.shown)

    for package in lock.packages:
        for name in package.needs or ():
            if name not in by_name:
                yield Problem("distribution", f"is needed by {package.name} and is not in the lock", "", name)


def _meets(package: Package, requirement: Requirement, read: Any) -> bool:
    if read is None:
        return package.direct and _same_file(package, requirement)
    if read.url:
        return package.direct and any(_bare(read.url) == _bare(f.url or read.url) for f in package.wheels)
    try:
        return not package.version or bool(read.specifier.contains(package.version, prereleases=True))
    except ValueError:  # no version at all
        return False


def _same_file(package: Package, requirement: Requirement) -> bool:
    """Whether a wheel of this machine is still the one that was locked."""
    from fc_magic.package.store import digest

    assert requirement.wheel is not None
    return any(digest(requirement.wheel, file.key[0]) == file.key[1] for file in package.wheels)


def _bare(url: str) -> str:
    return shown(url).partition("#")[0]


def hashes_of(requirements: Iterable[Requirement]) -> dict[str, frozenset[str]]:
    out: dict[str, frozenset[str]] = {}
    for one in requirements:
        if one.hashes:
            out[normalized(one.name)] = out.get(one.name, frozenset()) | one.hashes
    return out
