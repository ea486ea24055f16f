"""The magics of layers: ``%fclayer`` publishes, shows and removes one, ``%fclayers`` lists them.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from fc_magic.errors import ApiError, LayerNotFound, UsageError
from fc_magic.language.speech import say, translated
from fc_magic.notebook.line.arguments import optioned, plain

if TYPE_CHECKING:
    from pathlib import Path

    from fc_magic.client.client import Client
    from fc_magic.config import Settings
    from fc_magic.wire.layers import LayerVersion, LayerVersions
    from fc_magic.wire.source import InFile

#: option -> what its value is and does; those of ``_SOURCES`` say what is published
OPTIONS = {
    "folder": ("DIR", "publishes the files of a folder"),
    "zip": ("FILE", "publishes a ZIP"),
    "requirements": ("TEXT", 'fetches distributions, such as "pandas==2.2.* requests" or requirements.txt'),
    "runtime": (
        "TEXT",
        "what it is for, several with commas; without it any, of requirements the setting runtime",
    ),
    "description": ("TEXT", "free text, at most 256 characters"),
    "license": ("TEXT", "its license"),
}
FLAGS = {"delete": "removes NAME:VERSION", "help": "shows this help"}
_SOURCES = ("folder", "zip", "requirements")
_USAGE = "%fclayer NAME --folder DIR | --zip FILE | --requirements TEXT"
#: a field of the API -> the option that sets it
_ON_THE_LINE = {"layerName": "NAME", "compatibleRuntime": "--runtime", "code.zipFile": "--zip"}


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    own = LayerMagics(magics)
    return [
        ("fclayer", own.fclayer, usage),
        ("fclayers", own.fclayers, lambda: "%fclayers [NAME]: the layers, or the versions of one"),
    ]


def usage() -> str:
    rows = [(f"--{name} {value}", text) for name, (value, text) in OPTIONS.items()]
    rows += [(f"--{name}", text) for name, text in FLAGS.items()]
    lines = [f"  {head:<20}  {translated(text)}" for head, text in rows]
    return "\n".join([say("{0} [options]: publishes a version of a layer", _USAGE), "", *lines])


class Line(NamedTuple):
    """What was read: the layer, its version if one was named, and the options."""

    name: str
    version: int
    given: dict[str, str]

    @property
    def runtimes(self) -> tuple[str, ...]:
        return tuple(part for part in self.given.get("runtime", "").replace(",", " ").split() if part)


def parse(line: str) -> Line:
    """Raises UsageError."""
    kinds = {name: kind for name, (kind, _) in OPTIONS.items()}
    plain, values = optioned(line, kinds, FLAGS, _USAGE)
    given = {option: said[-1] for option, said in values.items()}
    if "help" in given:
        return Line("", 0, given)
    if len(plain) != 1:
        what = (
            f"{' '.join(plain[1:])} is too much: a value with spaces is quoted"
            if plain
            else "a name is missing"
        )
        raise UsageError(what, hint='%fclayer NAME --requirements "pandas requests"')
    return Line(*_version(plain[0]), given)


def _version(word: str) -> tuple[str, int]:
    name, colon, number = word.partition(":")
    if colon and not (number.isascii() and number.isdecimal() and int(number[:10]) > 0):
        raise UsageError(f"{word} is not NAME:VERSION", hint=f"%fclayers {name}")
    return name, int(number or 0)


class LayerMagics:
    """``magics``: the shell, the settings and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    @property
    def _client(self) -> Client:
        return self._magics.client()  # type: ignore[no-any-return]

    @property
    def _settings(self) -> Settings:
        return self._magics.settings  # type: ignore[no-any-return]

    def fclayers(self, line: str, cell: str | None = None) -> LayerVersions:
        return self._client.layers(plain(line, "%fclayers [NAME]"))

    def fclayer(self, line: str, cell: str | None = None) -> LayerVersion | None:
        asked = parse(line)
        sources = [name for name in _SOURCES if name in asked.given]
        if "help" in asked.given:
            print(usage())
            return None
        if "delete" in asked.given:
            self._delete(asked)
            return None
        if len(sources) > 1:
            raise UsageError(f"there are {len(sources)} sources: --{', --'.join(sources)}", hint=_USAGE)
        if not sources:
            return self._show(asked)
        if asked.version:
            raise UsageError(
                f"{asked.name}:{asked.version}: a new version gets its number from Function Compute",
                hint=f"%fclayer {asked.name} --{sources[0]} …",
            )
        return self._publish(asked, sources[0])

    def _show(self, asked: Line) -> LayerVersion:
        if asked.version:
            return self._client.layer(asked.name, asked.version)
        found = self._client.layers(asked.name)
        if not found:
            raise LayerNotFound(f"there is no layer {asked.name}", hint=_USAGE.replace("NAME", asked.name))
        return found[0]

    def _delete(self, asked: Line) -> None:
        if not asked.version or len(asked.given) > 1:
            raise UsageError(
                "one version is removed, and nothing else", hint="%fclayer NAME:VERSION --delete"
            )
        self._client.delete_layer(asked.name, asked.version)
        label = f"{asked.name}:{asked.version}"
        print(f"✓ {label}  {say('deleted from {0}', self._magics.where())}")
        users = [
            f.name
            for f in self._client.list()
            for layer in f.layers
            if f"{layer.name}:{layer.version}" == label
        ]
        if users:
            print(f"  {say('still in {0}, until deployed without it', ', '.join(users))}")

    def _publish(self, asked: Line, source: str) -> LayerVersion:
        import time
        from pathlib import Path

        runtimes, given, started = asked.runtimes, asked.given, time.monotonic()
        contents: tuple[str, ...] = ()
        layout = ""
        raw: bytes | InFile
        if source == "requirements":
            runtimes = runtimes or (self._settings.runtime,)
            raw, contents = self._required([given[source]], runtimes)
        else:
            raw, layout = _local(Path(given[source]).expanduser(), source)
        try:
            found = self._client.publish_layer(
                asked.name,
                raw,
                runtimes=runtimes,
                description=given.get("description", ""),
                license=given.get("license", ""),
            )
        except ApiError as error:
            error.problems = tuple(
                dataclasses.replace(p, field=_ON_THE_LINE.get(p.field, f"--{p.field}"))
                for p in error.problems
            )
            raise
        elapsed = time.monotonic() - started
        return dataclasses.replace(found, contents=contents, layout=layout, elapsed_s=elapsed)

    def _required(self, requirements: list[str], runtimes: tuple[str, ...]) -> tuple[InFile, tuple[str, ...]]:
        from fc_magic.notebook.progress import at_work
        from fc_magic.package import requirements as package

        if len(runtimes) > 1:
            raise UsageError(
                "libraries are fetched for one runtime at a time", hint=f"--runtime {runtimes[0]}"
            )
        with at_work(self._magics.shell, self._settings) as at:
            built = package.build(requirements, runtimes[0], at)
        return built.zip, built.contents


def _local(path: Path, source: str) -> tuple[bytes, str]:
    """The ZIP of a folder or of a ZIP, and what was done with it."""
    from fc_magic.package import folder

    raw, found = (b"", folder.read_folder(path)) if source == "folder" else folder.read_zip(path)
    laid = folder.laid_out(found)
    if laid is not found or not raw:
        raw = laid.zipped()
    return raw, laid.note
