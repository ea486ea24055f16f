"""Says what there is to say of layers, in Function Compute 3.0's own words."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

from fc_magic.client import code
from fc_magic.client.session import Session
from fc_magic.errors import LayerNotFound, Problem
from fc_magic.wire import fc3, layers
from fc_magic.wire.checksum import crc64
from fc_magic.wire.layers import MAX_LAYER_BYTES, LayerVersion, LayerVersions
from fc_magic.wire.source import InFile

#: a large ZIP is unpacked before the answer comes
PUBLISH_S = 600.0


class Layers:
    """The verbs of ``/2023-03-30/layers`` on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def publish(
        self, name: str, raw: bytes | InFile, runtimes: Sequence[str], description: str, license_: str
    ) -> LayerVersion:
        """The new version; the latest one if it is the same already."""
        started = time.monotonic()
        if len(raw) > MAX_LAYER_BYTES:
            what, most = f"has {len(raw) >> 20} MB", f"at most {MAX_LAYER_BYTES >> 20} MB as a ZIP"
            raise layers.refusal(name, [Problem("code", what, most, hint="split it into several layers")])
        layers.check(name, raw, runtimes, description, license_)  # before anything is sent
        last = self.versions(name)[:1]
        if last and _same(last[0], raw, runtimes, description, license_):
            return dataclasses.replace(last[0], outcome="unchanged", elapsed_s=time.monotonic() - started)
        with code.placed(self._session, f"layers/{name}", raw) as where:
            reply = self._session.call(
                "CreateLayerVersion",
                fc3.VERSION,
                "POST",
                layers.path(name),
                body=layers.encode_input(where, runtimes, description, license_),
                read_timeout=PUBLISH_S,
                repeatable=False,
            )
        found = reply.read(layers.decode)
        return dataclasses.replace(found, outcome="published", elapsed_s=time.monotonic() - started)

    def get(self, name: str, version: int) -> LayerVersion:
        reply = self._session.call("GetLayerVersion", fc3.VERSION, "GET", layers.path(name, version))
        return reply.read(layers.decode)

    def latest(self) -> LayerVersions:
        """The latest version of each layer, in order of name."""
        return LayerVersions(sorted(self._pages("ListLayers", "", "nextToken"), key=lambda layer: layer.name))

    def versions(self, name: str) -> LayerVersions:
        """The versions of one, the newest first; none if there is no such layer."""
        try:
            found = self._pages("ListLayerVersions", name, "startVersion")
        except LayerNotFound:
            found = []
        ordered = LayerVersions(sorted(found, key=lambda layer: layer.version, reverse=True))
        ordered.name = name
        return ordered

    def _pages(self, action: str, name: str, marker: str) -> list[LayerVersion]:
        found: list[LayerVersion] = []
        following = ""
        while True:
            query = {"limit": "100", **({marker: following} if following else {})}
            reply = self._session.call(action, fc3.VERSION, "GET", layers.path(name), query=query)
            page, following = reply.read(layers.decode_page)
            found += page
            if not following:
                return found

    def delete(self, name: str, version: int) -> None:
        # deleted by a try whose answer got lost: then the next one finds nothing, and that is as it should be
        path = layers.path(name, version)
        self._session.call("DeleteLayerVersion", fc3.VERSION, "DELETE", path, done_status=404)


def _same(
    last: LayerVersion, raw: bytes | InFile, runtimes: Sequence[str], description: str, license_: str
) -> bool:
    said = (last.code_checksum, last.runtimes, last.description, last.license)
    return said == (crc64(raw), tuple(dict.fromkeys(runtimes)), description, license_)
