"""How long other functions take while one does its worst: the p99 of a light one, beside what it is in peace.

Each round is both, one after the other, on one server; the ratio is that of the medians of all rounds. A process
that comes before all others ends the server if a round takes too long.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest

from fc_magic.client.client import Client
from fc_magic.package.bundle import bundle
from tests.benchmarks.steady import Pace, Times, calling
from tests.benchmarks.test_server import port_of, signed
from tests.conftest import FUNCTIONS, Server
from tests.server.test_robustness import bounded

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

ROUNDS, EVERY_S, LIMIT_S = 5, 0.004, 2
#: no round takes so long
END_S = 25.0
MARK = 2.0

WORST = {
    "computes": "while True: pass",
    "allocates": "held = []\nwhile True: held.append(bytearray(b'x') * (8 << 20))",
    "forks": "import os\nfor _ in range(200_000):\n  try: os.fork()\n  except OSError: pass",
    "forks into sessions": "import os\nfor _ in range(200_000):\n  try:\n    if not os.fork(): os.setsid()\n"
    "  except OSError: pass",
    "writes to its disk": "n = 0\nwhile True:\n  with open(f'/tmp/{n % 2}', 'wb') as f:\n"
    "    for _ in range(200): f.write(bytes(1 << 20))\n  n += 1",
    "prints": "import os\nwhile True: os.write(1, b'x' * (1 << 20))",
    "prints 1 GB": "import os\nfor _ in range(1024): os.write(1, b'x' * (1 << 20))",
    "sleeps": "import time; time.sleep(60)",
    "ignores SIGTERM": "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(60)",
    "closes its pipe": "import os, time; time.sleep(0.05); os.closerange(3, 1000); time.sleep(60)",
}


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with server.client() as made:
        made.deploy({"name": "light", "code": bundle({"index.py": (FUNCTIONS / "echo.py").read_bytes()})})
        worst = bundle({"index.py": (FUNCTIONS / "does.py").read_bytes()})
        made.deploy({"name": "worst", "code": worst, "timeout": LIMIT_S, "memory": 1024})
        yield made


def one_round(server: Server, client: Client, statements: str) -> Times:
    """Calls the light function while the worst one runs, again and again for as long as one time-out."""
    client.invoke("worst", "answer = 1")
    with (
        bounded(server, END_S),
        calling(Pace(port_of(server), signed(port_of(server), "light", 2500, b"x"), EVERY_S)) as times,
    ):
        ends = time.monotonic() + LIMIT_S
        while time.monotonic() < ends:
            client.invoke("worst", statements)
    assert times.all, "not one call was made"
    return times


@pytest.mark.parametrize("how", WORST)
def test_others_take_at_most_twice_as_long(server: Server, client: Client, how: str) -> None:
    """None of their calls fails, and their p99 at most doubles."""
    calm, meanwhile = [], []
    for _ in range(ROUNDS):
        calm.append(one_round(server, client, f"import time; time.sleep({LIMIT_S / 2})").p99 * 1000)
        meanwhile.append(one_round(server, client, WORST[how]).p99 * 1000)
    before, after = statistics.median(calm), statistics.median(meanwhile)
    row = f"p99 of others while one {how}"
    print(f"{row:<44} {before:>8.3f} ms {after:>8.3f} ms   {after / before:.2f} x (mark {MARK:g})")
    assert after <= MARK * before
