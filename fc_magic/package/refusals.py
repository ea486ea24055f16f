"""Why uv found no answer -> an error that says what there is, and which runtimes would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fc_magic.errors import PackageError
from fc_magic.package.distributions import distribution
from fc_magic.package.index import Released
from fc_magic.package.platforms import Platform, every, normalized
from fc_magic.package.secrets import shown
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
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)(?P<spec>[=<>!~][^ ]*)? (?:has|have) no (?:usable )?wheels"
)
#: … does not satisfy Python>=3.11 and networkx==3.5 depends on Python>=3.11
_OTHER_PYTHON = re.compile(
    r"does not satisfy Python[^ ]+ and (?:all of: |all versions of )?"
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)(?P<spec>[=<>!~][^ ]*)? [^,]*?depends? on Python"
)
#: yaml was not found in the package registry
_UNKNOWN = re.compile(r"\b([A-Za-z0-9][A-Za-z0-9._-]*) was not found\b")
#: there is no version of pandas[all]==9.9; only six<=1.17.0 is available
_NO_VERSION = re.compile(r"\b(?:no version of|only) ([A-Za-z0-9][A-Za-z0-9._-]*?)(?:\[[^]]*\])?[=<>!~]")
#: the words of uv -> the name that needs another
_NEEDED = r"([A-Za-z0-9][A-Za-z0-9._-]*?)(?:[=<>!~][^ ]*)? depends? on {}\b"
#: the same wheel says its glibc, too
_OLD_NAME = re.compile(r"manylinux(1|2010|2014)_")
_LONGEST = 600
_MOST_TAGS = 6
#: what an index has of a name
Ask = Callable[[str], Sequence[Released]]


def refusal(said: str, wanted: Wanted, platform: Platform, ask: Ask) -> PackageError:
    text = _reason(said)
    missing = _NO_WHEEL.search(text) or _OTHER_PYTHON.search(text)
    if missing:
        message, hint = _without_wheel(missing["name"], missing["spec"] or "", platform, ask)
        above = re.search(_NEEDED.format(re.escape(missing["name"])), text)
        by = f" ({above[1]} needs it)" if above and missing["name"] not in wanted.names else ""
        return PackageError(f"{message}{by}", hint=hint)
    hint = _of_name(text, wanted, platform, ask) or next(
        (hint for words, hint in _HINTS.items() if re.search(words, text)), ""
    )
    message = f"the requirements cannot be met for {platform}: {text[:_LONGEST]}{_places(text, wanted)}"
    return PackageError(message, hint=hint)


def _reason(said: str) -> str:
    """What uv says, without what is around it."""
    text = " ".join(re.split(r"(?m)^hint:", said)[0].replace("cause:", "").split())
    for words in _UV_SAYS:
        text = re.sub(words, "", text)
    return shown(text)  # an index may be named with a password


#: words of uv -> what to do
_HINTS = {
    "unexpected argument": "pip install --upgrade uv",
    "no version of|was not found|not found in the": "check the name and the version",
    "you require|conclude that|incompatible": "leave out a version, or allow more of them",
    "only .* (?:is|are) available|versions of .* are available": "check the version",
    r"[Ff]ailed to fetch|error sending request|[Cc]onnect(?:ion)?\b|\bdns\b|timed out": (
        "check the network; UV_DEFAULT_INDEX names another index"
    ),
}


def _of_name(text: str, wanted: Wanted, platform: Platform, ask: Ask) -> str:
    """A name or a version that the index does not have: the one that was meant, or the newest that can be had. What
    another library needs is chosen by nobody."""
    unknown, other = _UNKNOWN.search(text), _NO_VERSION.search(text)
    if unknown and normalized(brings := distribution(unknown[1])) != normalized(unknown[1]):
        return f"--requirements {brings} instead"
    if not other or normalized(other[1]) not in wanted.names:
        return ""
    if re.search(_NEEDED.format(re.escape(other[1])), text):
        return ""
    fitting = _newest([one for one in ask(other[1]) if not one.yanked and _fits(one, platform)])
    if not fitting:
        return ""
    return f'--requirements "{other[1]}=={fitting[0].version}", the newest for {platform.runtime}'


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


def _without_wheel(name: str, spec: str, platform: Platform, ask: Ask) -> tuple[str, str]:
    """What is missing and what there is instead, and what to do."""
    files = [file for file in ask(name) if not file.yanked]
    allowed = _newest([file for file in files if _in(file.version, spec)])
    what = f"{name} {allowed[0].version}" if allowed else f"{name}{spec}"
    message = f"{what} has no wheel for {platform}"
    if not files:
        return message, "choose a version that has a wheel, or another runtime: --runtime python3.12"
    others = [one.runtime for one in every() if any(_fits(file, one) for file in allowed)]
    fitting = _newest([file for file in files if _fits(file, platform)])
    if not fitting and allowed and not _tags(allowed) and name not in _ALIKE:
        return f"{message}{_there(allowed, platform)}", _SOURCE.format(f"{name}=={allowed[0].version}")
    return f"{message}{_there(allowed, platform)}", _way_out(name, platform, others, fitting)


#: what is pure Python can be built anywhere
_SOURCE = "if it is pure Python: pip wheel --no-deps {} -w dist, then UV_FIND_LINKS=dist"
#: distributions without a wheel for Linux -> what is used instead
_ALIKE = {
    "mysqlclient": "PyMySQL",
    "oss2": "alibabacloud-oss-v2",
    "psycopg2": "psycopg2-binary",
    "pycrypto": "pycryptodome",
    "sklearn": "scikit-learn",
}


def _way_out(name: str, platform: Platform, others: list[str], fitting: list[Released]) -> str:
    ways = [f"--requirements {_ALIKE[name]} instead"] if name in _ALIKE else []
    if others:
        ways.append(f"--runtime {' or '.join(others)}")
    if fitting:
        ways.append(f'--requirements "{name}=={fitting[0].version}", the newest for {platform.runtime}')
    return "; ".join(ways) or f"no runtime can have {name}: choose another library"


def _there(files: list[Released], platform: Platform) -> str:
    if any(file.tags & platform.tags.keys() for file in files):
        return f"; it is for Python {files[0].python}"
    tags = sorted({tag for tag in _tags(files) if not _OLD_NAME.search(tag)}, key=_interest)
    if not tags:
        return f", only source ({files[0].file})" if files else ""
    more = f" and {len(tags) - _MOST_TAGS} more" if len(tags) > _MOST_TAGS else ""
    return f"; there are {', '.join(tags[:_MOST_TAGS])}{more}"


def _interest(tag: str) -> tuple[bool, bool, str]:
    """Those of the same system first."""
    return "manylinux" not in tag, not tag.endswith("x86_64"), tag


def _fits(file: Released, platform: Platform) -> bool:
    return bool(file.tags & platform.tags.keys()) and _in(f"{platform.python}.0", file.python)


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
