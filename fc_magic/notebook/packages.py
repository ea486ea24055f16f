"""``%fcpackage``: what is in the package of a function, why, and how big.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from fc_magic.notebook.line.arguments import optioned, required

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.build import Built
    from fc_magic.package.report import Report
    from fc_magic.wire.source import InFile

USAGE = "%fcpackage NAME [--all]"
FLAGS = ("all",)
#: how the ZIP of the function itself is called
PACKAGE = "package"
#: of the files of one function
MOST_KEPT = 1 << 20


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    return [
        (
            "fcpackage",
            PackageMagics(magics).fcpackage,
            lambda: f"{USAGE}: what is in the package of a function, why, and how big; --all: every file",
        )
    ]


class Noted(NamedTuple):
    """What was packed here: why its files are there, which distributions a person named, and what was left out of
    them; ``code`` and ``files`` if it costs little memory to keep them;
    ``libraries``: each distribution with its version."""

    checksum: str = ""
    reasons: Mapping[str, str] = {}
    left_out: Mapping[str, Any] = {}
    code: InFile | None = None
    named: frozenset[str] = frozenset()
    #: what it was packed from, so that the next deployment can say what became another
    files: Mapping[str, bytes] = {}
    libraries: tuple[str, ...] = ()


def noted(built: Built) -> Noted:
    from fc_magic.package.layered import labels
    from fc_magic.wire.checksum import crc64

    code = built.fields.get("code")
    if built.contents is None or code is None:
        return Noted()
    in_file = None if isinstance(code, bytes) else code
    left_out = getattr(in_file, "left_out", {})
    named = frozenset(wheel.name for wheel in built.contents.wheels if not wheel.why)
    files = built.contents.files
    small = files if sum(map(len, files.values())) <= MOST_KEPT else {}
    libraries = labels(built.contents.wheels)
    return Noted(crc64(code), built.contents.reasons, left_out, in_file, named, small, libraries)


class PackageMagics:
    """``magics``: the shell, the settings and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    def fcpackage(self, line: str, cell: str | None = None) -> Report:
        import dataclasses

        from fc_magic.package.report import report

        plain, given = optioned(line, {}, FLAGS, USAGE)
        name = required(" ".join(plain), USAGE)
        client = self._magics.client()
        function = self._magics.named(name, lambda: client.get(name).info)
        noted: Noted = self._magics.packed.get(name, Noted())
        noted = noted if noted.checksum == function.code_checksum else Noted()
        zips: dict[str, bytes | InFile] = {PACKAGE: noted.code or client.code(name)}
        left: list[Any] = []
        for layer in function.layers:
            raw, left_out = self._layer(client, layer.name, layer.version)
            zips[layer.name] = raw
            left.append(left_out)
        return dataclasses.replace(
            report(name, zips, noted.reasons, [*left, noted.left_out], noted.named), every="all" in given
        )

    def _layer(self, client: Client, name: str, version: str) -> tuple[bytes | InFile, Any]:
        """The ZIP of a layer, and what was left out of it if it was packed on this machine."""
        from fc_magic.package.layered import OURS, known
        from fc_magic.package.workplace import Workplace
        from fc_magic.wire.spec import LAYER_ARN

        arn = LAYER_ARN.fullmatch(name)
        name = arn[3] if arn else name
        if OURS.fullmatch(name):
            cache = Workplace(self._magics.settings.cache).packages
            found = known(name, client.layer(name, int(version)).code_checksum, cache)
            if found:
                return found.whole(), found.left_out
        return client.layer_code(name, int(version)), {}
