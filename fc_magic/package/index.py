"""What an index has of a distribution: asked only to say, when there is no wheel, what there is instead.

As uv has it, the first index that knows a name counts, and folders of wheels are looked at beside it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from fc_magic.package.platforms import normalized, wheel_name
from fc_magic.package.transport import TROUBLE, Transport

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.(?:tar\.gz|zip|tar\.bz2|tgz)")
#: bytes of an answer: the longest of PyPI's is about half of it
_MOST = 64 << 20


@dataclass(frozen=True)
class Released:
    """A file of an index. ``tags`` of a wheel; of source there are none. ``python`` as Requires-Python has it."""

    file: str
    version: str
    tags: frozenset[str] = frozenset()
    yanked: bool = False
    python: str = ""


@dataclass(frozen=True)
class Places:
    """Where uv looks: indexes, the first one first, and pages or folders of wheels."""

    indexes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(one for one in (*self.indexes, *self.links) if "://" in one)


def places(environ: Mapping[str, str], options: Iterable[str] = (), usual: str = "") -> Places:
    """``environ`` as uv gets it; ``options`` are lines of requirements files, which are weaker; ``usual`` is where uv
    looks when nobody names an index."""
    said: dict[str, list[str]] = {}
    for option in options:
        flag, _, value = os.path.expandvars(option).partition(
            " "
        )  # a file says ${TOKEN}, as pip and uv have it
        said.setdefault(flag, []).append(value)
    more = [*_words(environ, "UV_INDEX", "UV_EXTRA_INDEX_URL"), *said.get("--extra-index-url", ())]
    main = [*_words(environ, "UV_DEFAULT_INDEX", "UV_INDEX_URL"), *said.get("--index-url", ())[-1:], usual][
        :1
    ]
    off = "--no-index" in said or environ.get("UV_NO_INDEX", "").lower() in ("1", "true")
    links = [*said.get("--find-links", ()), *environ.get("UV_FIND_LINKS", "").replace(",", " ").split()]
    return Places(() if off else tuple(one for one in (*more, *main) if one), tuple(links))


def _words(environ: Mapping[str, str], *names: str) -> list[str]:
    """``name=URL`` is an index that has a name."""
    words = [word for name in names for word in environ.get(name, "").split()]
    return [re.sub(r"^[A-Za-z0-9_.-]+=(?=\w+:)", "", word) for word in words]


def released(name: str, where: Places, transport: Transport, base: Path) -> tuple[Released, ...]:
    """Its files, in no order; nothing if nobody has it, or can be asked."""
    found: list[Released] = []
    for index in where.indexes:
        found = list(_of(name, _listed(f"{index.rstrip('/')}/{normalized(name)}/", transport, base)))
        if found:
            break
    for link in where.links:
        found += _of(name, _listed(link, transport, base))
    return tuple(dict.fromkeys(found))


#: (file name, whether it was taken back, Requires-Python)
_Row = tuple[str, bool, str]


def _listed(place: str, transport: Transport, base: Path) -> Iterator[_Row]:
    """What a page or a folder has."""
    if "://" not in place or place.startswith("file:"):
        folder = Path(url2pathname(urlsplit(place).path)) if place.startswith("file:") else base / place
        yield from _of_folder(folder)
        return
    try:
        with transport.open(place, _ACCEPT) as answer:
            kind, raw = answer.headers.get_content_type(), answer.read(_MOST)
    except TROUBLE:
        return
    if kind.endswith("+json"):
        yield from _of_json(raw)
    else:
        yield from _Links.of(raw.decode(errors="replace"))


def _of_folder(folder: Path) -> Iterator[_Row]:
    try:
        names = sorted(path.name for path in folder.iterdir())
        if "index.html" in names:
            yield from _Links.of((folder / "index.html").read_text(encoding="utf-8", errors="replace"))
        yield from ((name, False, "") for name in names)
    except OSError:
        return


def _of_json(raw: bytes) -> Iterator[_Row]:
    try:
        files = json.loads(raw)["files"]
        for file in files:
            yield str(file["filename"]), bool(file.get("yanked")), str(file.get("requires-python") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Row] = []

    @classmethod
    def of(cls, text: str) -> list[_Row]:
        page = cls()
        page.feed(text)
        return page.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            file = unquote(urlsplit(given["href"] or "").path).rpartition("/")[2]
            self.found.append((file, "data-yanked" in given, given.get("data-requires-python") or ""))


def _of(name: str, files: Iterable[_Row]) -> Iterator[Released]:
    wanted = normalized(name)
    for file, yanked, python in files:
        wheel, source = wheel_name(file), _SOURCE.fullmatch(file)
        if wheel and wheel.distribution == wanted:
            yield Released(file, wheel.version, wheel.tags, yanked, python)
        elif source and normalized(source["name"]) == wanted:
            yield Released(file, source["version"], frozenset(), yanked, python)
