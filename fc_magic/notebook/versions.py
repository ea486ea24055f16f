"""The magics of versions: ``%fcversions`` lists them, ``%fcrollback`` goes back to one, ``%fcalias`` names one.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fc_magic.errors import UsageError
from fc_magic.language.speech import say, translated
from fc_magic.notebook.line.arguments import optioned, plain, required

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.client.function import RemoteFunction
    from fc_magic.wire.aliases import Alias
    from fc_magic.wire.versions import FunctionVersions

#: option of %fcalias -> what its value is and does
OPTIONS = {
    "version": ("N", "the version it leads to"),
    "canary": (
        "N=SHARE",
        "another version and its share of the calls: 4=10% or 4=0.1; several times for several",
    ),
    "description": ("TEXT", "free text, at most 256 characters"),
}
FLAGS = {"delete": "removes the alias; its versions stay"}
_ALIAS = "%fcalias NAME ALIAS --version N [--canary N=SHARE]"
_VERSIONS, _ROLLBACK = "%fcversions NAME", "%fcrollback NAME [VERSION]"


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    own = VersionMagics(magics)
    return [
        (
            "fcversions",
            own.fcversions,
            lambda: f"{_VERSIONS}: its versions and aliases, and which one is deployed",
        ),
        (
            "fcrollback",
            own.fcrollback,
            lambda: (
                f"{_ROLLBACK}: deploys a version again, code and settings; without one, the version before"
            ),
        ),
        ("fcalias", own.fcalias, usage),
    ]


def usage() -> str:
    rows = [(f"--{name} {value}", text) for name, (value, text) in OPTIONS.items()]
    rows += [(f"--{name}", text) for name, text in FLAGS.items()]
    lines = [f"  {head:<20}  {translated(text)}" for head, text in rows]
    first = say("%fcalias NAME [ALIAS [options]]: leads an alias to a version; without options it shows it")
    return "\n".join([first, "", *lines])


class VersionMagics:
    """``magics``: the shell and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    @property
    def _client(self) -> Client:
        return self._magics.client()  # type: ignore[no-any-return]

    def fcversions(self, line: str, cell: str | None = None) -> FunctionVersions:
        name = required(plain(line, _VERSIONS), _VERSIONS)
        return self._magics.named(name, lambda: self._client.versions(name))  # type: ignore[no-any-return]

    def fcrollback(self, line: str, cell: str | None = None) -> RemoteFunction:
        words = plain(line, _ROLLBACK).split()
        if not 1 <= len(words) <= 2:
            raise UsageError(
                f"{len(words)} words are given, a name and perhaps a version are taken", hint=_ROLLBACK
            )
        name, version = words[0], words[1] if len(words) > 1 else ""
        function = self._magics.named(name, lambda: self._client.rollback(name, version))
        self._magics.name(function)
        return function  # type: ignore[no-any-return]

    def fcalias(self, line: str, cell: str | None = None) -> Any:
        name, alias, given = _parsed(line)
        if not alias:
            return self.fcversions(name)
        if "delete" in given:
            self._magics.named(name, lambda: self._client.delete_alias(name, alias))
            print(f"✓ {name}:{alias}  {say('deleted from {0}', self._magics.where())}")
            return None
        if not given:
            return self._magics.named(name, lambda: self._client.alias(name, alias))
        return self._magics.named(name, lambda: self._put(name, alias, given))

    def _put(self, name: str, alias: str, given: Mapping[str, Any]) -> Alias:
        client: Client = self._client
        return client.put_alias(
            name,
            alias,
            given.get("version"),
            canary=given.get("canary"),
            description=given.get("description"),
        )


def _parsed(line: str) -> tuple[str, str, dict[str, Any]]:
    kinds = {name: kind for name, (kind, _) in OPTIONS.items()}
    plain, values = optioned(line, kinds, FLAGS, _ALIAS)
    given: dict[str, Any] = {option: said[-1] for option, said in values.items()}
    if "canary" in values:
        given["canary"] = {
            version: share for text in values["canary"] for version, share in _share(text).items()
        }
    if not 1 <= len(plain) <= 2:
        raise UsageError(
            "a name is missing" if not plain else f"{' '.join(plain[2:])} is too much", hint=_ALIAS
        )
    if len(plain) == 1 and given:
        raise UsageError("the alias has no name", hint=_ALIAS)
    if "delete" in given and len(given) > 1:
        raise UsageError(
            "an alias is deleted, and nothing else", hint=f"%fcalias {plain[0]} {plain[1]} --delete"
        )
    return plain[0], plain[1] if len(plain) > 1 else "", given


def _share(text: str) -> dict[str, float]:
    """``4=10%`` or ``4=0.1``."""
    version, equals, share = text.partition("=")
    try:
        number = float(share.removesuffix("%")) / (100 if share.endswith("%") else 1)
    except ValueError:
        number = -1.0
    if not (version.isascii() and version.isdecimal() and equals and 0 <= number <= 1):
        raise UsageError(
            f"--canary {text} is not a version and its share of the calls, 0 to 1 or 0% to 100%",
            hint="--canary 4=10%",
        )
    return {version: number}
