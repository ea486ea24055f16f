"""Answers, logs, fails or takes too long, as the event says."""

import json
import os
import time

EDITION = "first"


def handler(event, context):
    asked = json.loads(event)
    print(EDITION, "edition was asked to", asked["do"])
    if asked["do"] == "fail":
        return {}["nothing"]
    if asked["do"] == "dawdle":
        time.sleep(60)
    return {
        "edition": EDITION,
        "name": context.function.name,
        "instance": os.environ["FC_INSTANCE_ID"],
        "mode": os.environ.get("MODE"),
    }
