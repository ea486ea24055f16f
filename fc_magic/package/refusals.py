"""Why uv found no answer -> an error that says what there is, and which runtimes would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fc_magic.errors import PackageError
from fc_magic.package.index import Released
from fc_magic.package.platforms import Platform, normalized, that_run
from fc_magic.package.wanted import Wanted

#: around uv's reason
_UV_SAYS = (
    r"^error: ",
    r"^No solution found when resolving dependencies:? ?",
    r"^Because ",
    r",?( and you require [^,]*,)? we can conclude that your requirements are unsatisfiable\.?$",
)
#: pandas==2.2.3 has no usable wheels; all versions of oss2 have …; own has no wheels with a matching …
_NO_WHEEL = re.compile(
    r"(?:all versions of )?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)(?:(?P<spec>[=<>!~,][^ ]*))? (?:has|have) no (?:usable )?wheels"
)
_LONGEST = 600
_MOST_TAGS = 6
#: what an index has of a name
Ask = Callable[[str], Sequence[Released]]


def refusal(said: str, wanted: Wanted, platform: Platform, ask: Ask) -> PackageError:
    text = " ".join(re.split(r"(?m)^hint:", said)[0].replace("cause:", "").split())
    for words in _UV_SAYS:
        text = re.sub(words, "", text)
    text = re.sub(r"://[^/@\s]*@", "://", text)  # an index may be named with a password
    head = f"the requirements cannot be met for {platform}"
    missing = _NO_WHEEL.search(text)
    if missing:
        what, hint = _instead(missing["name"], missing["spec"] or "", platform, ask)
        return PackageError(f"{head}: {text[:_LONGEST]}{what}", hint=hint)
    places = _places(text, wanted)
    hint = ""
    if "no version of" in text or "was not found" in text or "not found in the" in text:
        hint = "check the name and the version"
    elif "and you require" in text or "conclude that" in text or "incompatible" in text:
        hint = "leave out a version, or allow more of them"
    elif "fetch" in text or "connect" in text:
        hint = "check the network; UV_DEFAULT_INDEX names another index"
    return PackageError(f"{head}: {text[:_LONGEST]}{places}", hint=hint)


def _places(text: str, wanted: Wanted) -> str:
    """Where the requirements that uv names were said, if that is not the line."""
    found = [
        f"{one.shown} is of {one.place}"
        for one in wanted.requirements
        if one.place != wanted.requirements[0].place and one.name and one.name in normalized(text)
    ]
    if not found:
        return ""
    first = wanted.requirements[0]
    return f" ({', '.join([f'{first.shown} is of {first.place}', *found])})"


def _instead(name: str, spec: str, platform: Platform, ask: Ask) -> tuple[str, str]:
    """What there is of a distribution that has no wheel that would do, and what to do."""
    files = [file for file in ask(name) if not file.yanked]
    if not files:
        return "", "choose a version that has a wheel, or another runtime: --runtime python3.12"
    allowed = _newest([file for file in files if _in(file.version, spec)])
    wheels = [file for file in allowed if file.tags]
    others = [runtime for runtime in that_run(_tags(wheels)) if runtime != platform.runtime]
    fitting = _newest([file for file in files if file.tags & platform.tags.keys()])
    return _there(name, allowed, wheels), _hint(name, platform, others, fitting)


def _hint(name: str, platform: Platform, others: list[str], fitting: list[Released]) -> str:
    ways = []
    if others:
        ways.append(f"--runtime {' or '.join(others)}")
    if fitting:
        ways.append(f'--requirements "{name}=={fitting[0].version}", the newest for {platform.runtime}')
    return "; ".join(ways) or f"no runtime can have {name}: choose another library"


def _there(name: str, files: list[Released], wheels: list[Released]) -> str:
    if not files:
        return ""
    what = f"{name} {files[0].version}"
    if not wheels:
        return f". Of {what} there is only source ({files[0].file})"
    tags = sorted(_tags(wheels), key=lambda tag: ("manylinux" not in tag, tag))
    more = f" and {len(tags) - _MOST_TAGS} more" if len(tags) > _MOST_TAGS else ""
    return f". Wheels of {what} are for {', '.join(tags[:_MOST_TAGS])}{more}"


def _tags(files: Sequence[Released]) -> set[str]:
    return {tag for file in files for tag in file.tags}


def _newest(files: list[Released]) -> list[Released]:
    """The files of the newest version; one that is no preview, if there is."""
    if not files:
        return []
    final = [file for file in files if not _version(file.version).is_prerelease] or files
    newest = max(_version(file.version) for file in final)
    return [file for file in final if _version(file.version) == newest]


def _version(text: str) -> Any:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _in(version: str, spec: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(spec).contains(_version(version), prereleases=True)
    except InvalidSpecifier:
        return True
