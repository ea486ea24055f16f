"""Goes on in a thread after it returned: prints, or ends the process, when the file of the event is there."""

import os
import threading
import time


def later(do, signal):
    while not os.path.exists(signal):
        time.sleep(0.005)
    print("later") if do == "print" else os._exit(1)
    os.unlink(signal)


def handler(event, context):
    do, signal = event.decode().split() or ("nothing", "")
    if do != "nothing":
        threading.Thread(target=later, args=(do, signal), daemon=True).start()
    return os.getpid()
