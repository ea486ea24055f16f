"""Appends each event, a line each, to the file that the variable FILE names; sleeps as long as SLEEP says."""

import os
import time


def handler(event, context):
    with open(os.environ["FILE"], "a") as file:
        file.write(event.decode() + "\n")
    time.sleep(float(os.environ.get("SLEEP", "0")))
