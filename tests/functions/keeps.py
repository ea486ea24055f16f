"""Keeps what it was told, in a global and in a file of /tmp with the instance's name."""

import os
from pathlib import Path

told = []


def handler(event, context):
    told.append(event.decode())
    file = Path("/tmp", f"fc-magic-test-{os.environ['FC_INSTANCE_ID']}")
    with file.open("a") as out:
        out.write(event.decode())
    text = file.read_text()
    if event == b"last":
        file.unlink()
    return [told, text]
