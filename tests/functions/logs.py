"""Logs in every way there is."""

import logging
import os
import sys


def handler(event, context):
    logging.debug("not seen")
    logging.info("root info")
    context.getLogger().warning("context warning")
    print("printed")
    print("to stderr", file=sys.stderr)
    os.system("echo from a child")
    return None
