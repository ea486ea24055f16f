"""The store while somebody else writes to its file: what only looks does not wait."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

from fc_magic.wire.aliases import Alias
from tests.server.later import Later, on_bench


def test_aliases_are_read_while_somebody_writes(tmp_path: Path) -> None:
    """An alias leads to its version, and is listed, while the file is locked for writing."""

    async def test(b: Later) -> None:
        await b.deploy("f")
        await b.engine.aliases.create("f", Alias("prod", "1"))
        with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            invocation = await asyncio.wait_for(b.engine.invoke("f", b"e", qualifier="prod"), 20)
            assert not invocation.error_type
            assert [alias.name for alias in b.engine.aliases.list("f")[0]] == ["prod"]
            other.execute("ROLLBACK")

    on_bench(tmp_path, test)
