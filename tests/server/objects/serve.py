"""An object store in a process of its own, as ``fc-magic serve`` will run it beside Function Compute.

    python -m tests.server.objects.serve FOLDER [--port PORT] [--offset SECONDS] [--max-object BYTES]

It prints its address, and writes every change as a line of JSON to ``FOLDER/changes``. Its keys are ``AKID`` and
``SECRET``, so that a probe of an OSS endpoint can be run against the address it prints.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import socket
import sys
import time
from pathlib import Path

import uvicorn

from fc_magic.server.auth import Key
from fc_magic.server.objects import app
from fc_magic.server.objects.changes import Change

KEY_ID, SECRET = "AKID", "SECRET"
ROLE_ID, ROLE_SECRET, TOKEN = "STS.Role", "RoleSecret", "to/ken+of=the role"
REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
KEYS = {KEY_ID: Key(SECRET), ROLE_ID: Key(ROLE_SECRET, TOKEN)}
READY = "Object store at"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--offset", type=float, default=0.0, help="seconds that its clock is ahead")
    parser.add_argument("--max-object", type=int, default=5 << 30)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with open(options.folder / "changes", "a", buffering=1) as changes:

        def tell(change: Change) -> None:
            changes.write(json.dumps(dataclasses.asdict(change)) + "\n")

        def clock() -> float:
            return time.time() + options.offset

        parts = app.build(
            *(options.folder, KEYS, REGION, ACCOUNT, tell), clock=clock, max_object=options.max_object
        )
        # the protocol is named because asyncio sets TCP_NODELAY only on sockets that say it
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", options.port))
        sock.listen(256)
        config = uvicorn.Config(parts.app, log_level="warning", access_log=False, server_header=False)
        server = uvicorn.Server(config)
        print(f"{READY} http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
        try:
            asyncio.run(server.serve([sock]))
        finally:
            parts.close()


if __name__ == "__main__":
    sys.exit(main())
