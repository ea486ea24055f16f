"""Layers that no function has any more, nor a version of one: each that may have them is asked."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from fc_magic.client.session import Session
from fc_magic.client.versions import Versions
from fc_magic.errors import FunctionNotFound, VersionNotFound
from fc_magic.wire import fc3, translation

#: versions that are asked for at once, and in all: where there are more, nothing is removed
AT_ONCE, MOST_ASKED = 8, 500


def layers_of(session: Session, name: str) -> frozenset[str]:
    """``NAME:VERSION`` of every layer that a function has, or one of its versions."""
    ids = [version.id for version in itertools.islice(Versions(session).list(name), MOST_ASKED)]
    with ThreadPoolExecutor(AT_ONCE, "layers") as pool:
        found = pool.map(lambda qualifier: _layers(session, name, qualifier), ["", *ids])
        return frozenset(itertools.chain.from_iterable(found))


def unused(session: Session, labels: Iterable[str], functions: Iterable[str]) -> frozenset[str]:
    """Those of ``labels`` that none of the ``functions`` has, as far as all of them could be asked."""
    left, asked = set(labels), 0
    for pair in _pairs(session, functions):
        if not left:
            break
        if (asked := asked + 1) > MOST_ASKED:
            return frozenset()
        left -= _layers(session, *pair)
    return frozenset(left)


def _pairs(session: Session, functions: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each function and each of its versions, the newest first."""
    for name in functions:
        yield name, ""
        try:
            for version in Versions(session).list(name):
                yield name, version.id
        except FunctionNotFound:
            continue  # somebody deleted it meanwhile


def _layers(session: Session, name: str, qualifier: str) -> frozenset[str]:
    query = {"qualifier": qualifier} if qualifier else None
    try:
        path = fc3.functions_path(name)
        answer = session.call("GetFunction", fc3.VERSION, "GET", path, query=query).read(dict)
    except (FunctionNotFound, VersionNotFound):
        return frozenset()
    return frozenset(f"{layer.name}:{layer.version}" for layer in translation.layers_of(answer))
