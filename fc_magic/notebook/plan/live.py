"""What is deployed under a name now, as far as it can be compared: settings, files, libraries."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fc_magic.errors import FcError, FunctionNotFound, PackageError
from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.package.layered import OURS
from fc_magic.package.platforms import normalized
from fc_magic.package.report import report

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.wire.results import Function
    from fc_magic.wire.spec import Layer

#: more than that is not fetched to be compared, and not unpacked
MOST_PACKED, MOST_UNPACKED = 8 << 20, 64 << 20
_ARN = re.compile(r"(acs:fc:[^:]*:([^:]*):layers/([^/]+))/versions/[0-9]+")


@dataclass(frozen=True)
class Inside:
    """A ZIP: the files of the function's own, which of them are programs, and its libraries with their versions."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    executable: frozenset[str] = frozenset()
    libraries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Live:
    """``inside`` is None where code cannot be compared, or need not; ``why`` says it in the first case."""

    function: Function
    inside: Inside | None = None
    why: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)


def find(client: Client, name: str) -> Function | None:
    """None if there is no such function. Raises what the endpoint refuses with."""
    try:
        return client.get(name).info
    except FunctionNotFound:
        return None


def read(client: Client, function: Function, checksum: str) -> Live:
    """``checksum``: of the code that is to be sent; the same is not fetched."""
    libraries = dict(of_layers(client, function.layers))
    if checksum and checksum == function.code_checksum and not function.source:
        return Live(function, None, "", libraries)
    inside, why = _code(client, function)
    return Live(function, inside, why, {**libraries, **(inside.libraries if inside else {})})


def _code(client: Client, function: Function) -> tuple[Inside | None, str]:
    if function.source or function.runtime == "custom-container":
        return None, say("the live code is elsewhere, and was not compared")
    if function.code_size > MOST_PACKED:
        size = words.size(function.code_size)
        return None, say("the live code has {0}: checksums are compared, not lines", size)
    try:
        return opened(client.code(function.name)), ""
    except FcError as error:
        return None, say("the live code could not be compared: {0}", str(error).partition("\n")[0])


def opened(raw: bytes) -> Inside:
    """Raises PackageError for what is no ZIP that can be read, or too large a one."""
    try:
        return _unpacked(raw)
    # damaged, encrypted, of a compression that this Python has not
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise PackageError(str(error).partition("\n")[0]) from error


def _unpacked(raw: bytes) -> Inside:
    parts = report("", {"": raw}).parts
    if sum(part.size for part in parts if not part.version) > MOST_UNPACKED:
        raise PackageError(say("it has more than {0} unpacked", words.size(MOST_UNPACKED)))
    own = [file.path for part in parts if not part.version for file in part.files]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = {path: archive.read(path) for path in own}
        programs = frozenset(path for path in own if archive.getinfo(path).external_attr >> 16 & 0o111)
    return Inside(files, programs, {normalized(part.name): part.version for part in parts if part.version})


# ---------------------------------------------------------------- layers


def plain(layer: Layer, account: str = "") -> tuple[str, str]:
    """Name and version; what is of the ``account`` or of Function Compute itself needs no ARN."""
    found = _ARN.fullmatch(layer.name)
    if not found:
        return layer.name, layer.version
    names = {account: found[3], "official": f"official:{found[3]}"}
    return names.get(found[2], found[1]), layer.version


def is_ours(name: str) -> bool:
    return bool(OURS.fullmatch(name))


def of_layers(client: Client, layers: Iterable[Layer]) -> Iterator[tuple[str, str]]:
    """The libraries in layers of ours, each with its version."""
    for name, version in map(plain, layers):
        if is_ours(name):
            yield from _described(client, name, version)


def _described(client: Client, name: str, version: str) -> Iterator[tuple[str, str]]:
    """By what its description says; one that was too long for that, by its own files if they are on this machine."""
    try:
        layer = client.layer(name, int(version))
    except (FcError, ValueError):
        return
    said = layer.description
    if said.endswith("…"):
        from fc_magic.package.layered import known
        from fc_magic.package.workplace import Workplace

        here = known(name, layer.code_checksum, Workplace(client.settings.cache).packages)
        if here:
            parts = report("", {"": here.whole()}).parts
            yield from ((normalized(part.name), part.version) for part in parts if part.version)
            return
        said = said.rpartition(", ")[0]
    yield from versions(said.split(", "))


def versions(labels: Iterable[str]) -> Iterator[tuple[str, str]]:
    """``pandas 2.2.1`` -> its name and its version."""
    for label in labels:
        name, _, version = label.rpartition(" ")
        if name:
            yield normalized(name), version
