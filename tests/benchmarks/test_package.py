"""From a cell with pandas and NumPy to a package: beside what others do, in the same run, with the same wheels.

Ratios are of time as it passes. Marks in milliseconds are of processor time, which other work on the machine does not
change; the time that passed stands above it.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from fc_magic.client.client import Client
from fc_magic.config import Settings
from fc_magic.notebook import libraries
from fc_magic.notebook.build import Asked, Built, build
from fc_magic.package.workplace import Workplace
from tests.benchmarks import packers
from tests.benchmarks.test_bench import machine, measure, report
from tests.conftest import serving

__all__ = ["machine"]
pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

CELL = "import pandas, numpy\ndef handler(event, context):\n    return [{n}, pandas.__version__]\n"
REQUIREMENTS = "pandas==2.2.3 numpy==2.2.6"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("package")


@pytest.fixture(scope="module")
def at(folder: Path) -> Workplace:
    """Where the wheels are that the lock names."""
    made = Workplace(folder / "cache")
    pack(folder, made, 0)
    return made


def pack(folder: Path, at: Workplace, number: int, *flags: str) -> Built:
    given = {"requirements": (REQUIREMENTS,), **dict.fromkeys(flags, ("yes",))}
    return build(Asked("report", CELL.format(n=number), {}, "python3.10", given, folder), at=at)


def both(what: str, runs: int, run: Callable[[int], object], mark_ms: float) -> tuple[float, float]:
    """Reports the time that passed and the processor's; returns both medians."""
    busy = []

    def counted(number: int) -> None:
        began = time.process_time()
        run(number)
        busy.append(time.process_time() - began)

    passed = report(what, measure(runs, counted), mark_ms)
    return passed, report("    processor", busy)


@pytest.fixture(scope="module")
def uv_ms(folder: Path, at: Workplace) -> float:
    """``uv pip install --target`` and ``zip -r`` with the wheels in uv's cache."""
    contents = pack(folder, at, 0).contents
    assert contents is not None
    packers.uv(contents.wheels, folder / "uv")
    times = measure(5, lambda _: packers.uv(contents.wheels, folder / "uv"))
    return report("pandas + NumPy: uv pip install, zip -r", times)


def test_libraries_beside_others(folder: Path, at: Workplace, uv_ms: float) -> None:
    """Wheels in the cache and a lock that fits: at most an eighth of uv and zip, and half a second."""
    contents = pack(folder, at, 0).contents
    assert contents is not None
    report(
        "pandas + NumPy: pip install -t, zip -r",
        measure(2, lambda _: packers.pip(contents.wheels, folder / "pip")),
    )

    def fresh(number: int) -> None:
        shutil.rmtree(at.packages, ignore_errors=True)
        pack(folder, at, number, "no-layer")

    fresh(0)
    ours, _ = both("pandas + NumPy: fc-magic, wheels cached", 9, fresh, 500)
    print(f"{'':<44} {uv_ms / ours:>8.1f} x as fast as uv and zip (mark 8)")
    assert ours <= uv_ms / 8
    assert ours <= 500


def test_chalice(folder: Path, at: Workplace) -> None:
    """Chalice resolves and downloads each time; its second time is measured."""
    contents = pack(folder, at, 0).contents
    assert contents is not None
    report("pandas + NumPy: chalice package", [packers.chalice(contents.wheels, folder / "chalice")])


def test_nothing_changed(folder: Path, at: Workplace) -> None:
    """The same cell and lock: at most 5 ms, in a layer and in one ZIP."""
    for flags in ((), ("no-layer",)):
        pack(folder, at, 0, *flags)
        what = f"nothing changed, {'one ZIP' if flags else 'a layer'}"
        passed, _ = both(what, 60, lambda _, flags=flags: pack(folder, at, 0, *flags), 5)  # type: ignore[misc]
        assert passed <= 5


def test_only_code_changed(folder: Path, at: Workplace, uv_ms: float) -> None:
    """Another cell beside the same libraries, in one ZIP: at most a fiftieth of uv and zip."""
    pack(folder, at, 0, "no-layer")
    times = measure(60, lambda n: pack(folder, at, n + 1, "no-layer"))
    ours = report("only code changed, one ZIP", times, uv_ms / 50)
    print(f"{'':<44} {uv_ms / ours:>8.1f} x as fast as uv and zip (mark 50)")
    assert ours <= uv_ms / 50


def test_one_cell(folder: Path, at: Workplace) -> None:
    """A cell that needs nothing: at most 3 ms."""
    plain = "def handler(event, context):\n    return {n}\n"
    asked = [Asked("one", plain.format(n=n), {}, "python3.10", {}, folder) for n in range(200)]
    passed, _ = both("package of one cell", 200, lambda n: build(asked[n], at=at), 3)
    assert passed <= 3


# ---------------------------------------------------------------- what is sent


class Wire:
    """Passes what a client says on to a server, and counts it."""

    def __init__(self, there: tuple[str, int]) -> None:
        self._there, self.sent = there, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(self._there)
                for pair in ((here, there, True), (there, here, False)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                self.sent += len(piece) if counted else 0
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._listener.close()


@contextmanager
def counted(folder: Path, api: str) -> Iterator[tuple[Client, Wire]]:
    with serving(folder / f"data-{api}") as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        wire = Wire((host, int(port)))
        with server.client(api) as direct:
            target = replace(direct.target, endpoint=wire.url)
        try:
            with Client(target, Settings.load({})) as client:
                yield client, wire
        finally:
            wire.close()


@pytest.mark.parametrize("api", ["v2", "fc3"])
def test_sent_when_code_changes(folder: Path, at: Workplace, api: str) -> None:
    """With the libraries in a layer a change of code sends at most 20 KB, heads and all."""
    with counted(folder, api) as (client, wire):
        libraries.deploy(client, pack(folder, at, 0))
        first = wire.sent
        libraries.deploy(client, pack(folder, at, 1))
        again = wire.sent - first
    print(f"{f'sent by {api}, libraries in a layer':<44} {first:>11,} B then {again:,} B (mark 20,480)")
    assert first > 20 << 20
    assert again <= 20 << 10


# ---------------------------------------------------------------- memory

PACKING = """
import json, sys
from pathlib import Path
from fc_magic.package.contents import Contents, Wheel
from fc_magic.package.layered import layered
from fc_magic.package import packed
from fc_magic.wire.source import Inline
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
wheels = tuple(Wheel(f"lib{n}", "1.0", Path(path), str(n)) for n, path in enumerate(sys.argv[2:]))
Contents({"index.py": b""}).zipped()
before = peak()
cache = Path(sys.argv[1])
whole = Contents({"index.py": b""}, wheels=wheels).zipped(cache)
made = layered(wheels, "python3.10", (), cache)
Inline(zip=whole)
layers = [one.libraries.whole() for one in made]
sizes = [sum(len(piece) for one in zips for piece in one.pieces()) for zips in ([whole], layers)]
print(json.dumps([before, peak(), sizes]))
"""


def test_memory(folder: Path) -> None:
    """Packing 500 MB of libraries, and reading the package in pieces as an upload does: at most 100 MB."""
    import random

    from tests.package.wheels import wheel

    if not sys.platform.startswith("linux"):
        pytest.skip("/proc tells how much a process had at most")
    dice, wheels = random.Random(7), []
    for number in range(5):
        files = {f"lib{number}/{n}.so": dice.randbytes(33 << 20) for n in range(3)}
        files[f"lib{number}/__init__.py"] = b"import os\n"
        wheels.append(wheel(folder, f"lib{number}", files).path)
    done = subprocess.run(
        [sys.executable, "-c", PACKING, str(folder / "memory"), *map(str, wheels)],
        capture_output=True,
        text=True,
        check=True,
    )
    before, peak, sizes = json.loads(done.stdout)
    for path in wheels:
        path.unlink()
    shutil.rmtree(folder / "memory")
    print(f"{f'memory to pack {sizes[0] >> 20} MB':<44} {before:>8.0f} MB {peak:>8.0f} MB   (mark: 100 more)")
    assert min(sizes) > 490 << 20
    assert peak - before <= 100
