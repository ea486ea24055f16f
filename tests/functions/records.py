"""Says each event at the door that the variable DOOR names; sleeps as long as SLEEP says."""

import os
import socket
import time


def handler(event, context):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect("\0" + os.environ["DOOR"])
        door.sendall(event + b"\n")
        door.recv(1)
    time.sleep(float(os.environ.get("SLEEP", "0")))
