"""Instances that are kept while the server itself is at fault: tried again later and later, and it says so."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from fc_magic.server import provision
from fc_magic.server.live import Live
from fc_magic.server.provision import Provisions, key_of
from fc_magic.wire.scaling import PROVISION
from tests.server.later import Later, on_bench
from tests.server.processes import until


def test_fault_while_an_instance_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No start follows at once upon one that a fault of the server ended; the status says what it was."""
    monkeypatch.setattr(provision, "PAUSE_S", 0.2)
    monkeypatch.setattr(provision, "LOOK_S", 0.01)
    at: list[float] = []

    async def test(b: Later) -> None:
        loop = asyncio.get_running_loop()

        async def start(live: Live) -> None:
            at.append(loop.time())
            raise OSError(28, "No space left on device")

        await b.deploy("f")
        nothing = contextlib.nullcontext
        kept = Provisions(b.engine.store, b.engine.versions, b.engine.pool, start, nothing)
        key = key_of(PROVISION, "f", "")
        kept.put(key, {"target": 1})
        running = asyncio.create_task(kept.run())
        await until(lambda: len(at) == 3)
        assert "OSError" in kept.status(key).error
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert at[1] - at[0] > 0.19
        assert at[2] - at[1] > 0.39
        assert "No space left" in caplog.text

    on_bench(tmp_path, test)
