"""Ends its process in the way the event names."""

import os
import sys


def handler(event, context):
    how = event.decode()
    if how == "sys":
        sys.exit(3)
    if how == "os":
        os._exit(4)
    if how == "kill":
        os.kill(os.getpid(), 9)
    if how == "builtin":
        exit()
    return "alive"
