"""Goes on in a thread after it returned: let in at the door of the event, it prints, or ends the process."""

import os
import socket
import threading


def knock(door, said):
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect("\0" + door)
        waiting.sendall(said + b"\n")
        waiting.recv(1)


def later(do, door):
    knock(door, b"later")
    print("later") if do == "print" else os._exit(1)
    knock(door, b"done")


def handler(event, context):
    do, door = event.decode().split() or ("nothing", "")
    if do != "nothing":
        threading.Thread(target=later, args=(do, door), daemon=True).start()
