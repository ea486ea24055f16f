"""Sleeps as many seconds as the event says, in a child process too."""

import json
import subprocess
import time


def handler(event, context):
    asked = json.loads(event)
    if asked.get("child"):
        child = subprocess.Popen(
            ["sleep", str(asked["seconds"])], start_new_session=asked.get("session", False)
        )
        print("child", child.pid, flush=True)
    time.sleep(asked["seconds"])
    return "woke"
