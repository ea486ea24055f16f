"""Says at a door that it runs, and returns when it is let in. The event: {"at": THE DOOR, "name": …}."""

import json
import socket

VERSION = 1


def handler(event, context):
    asked = json.loads(event)
    with socket.socket(socket.AF_UNIX) as door:
        door.connect("\0" + asked["at"])
        door.sendall(asked.get("name", "").encode() + b"\n")
        door.recv(1)
    return VERSION
