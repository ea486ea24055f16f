"""What outputs of tutorials are compared by: what the machine makes of a card is passed over, a warning is not."""

from __future__ import annotations

import configparser
import dataclasses
import re
from pathlib import Path

import pytest

from fc_magic.client.client import Client
from fc_magic.notebook import display
from tests.conftest import Deploy, zipped

CONFIG = Path(__file__).parents[1] / "nbval_sanitize.cfg"
OLD = "python3.10 runs on Python 3.12 here: Python 3.10 was not found on this machine"
CODE = zipped("def handler(event, context):\n    return 1\n")
TURNS = "one instance at a time has port 9000 of this machine: there are no namespaces of users"
REAL = "os.environ['REPORT_TO'] of In[17], line 3, was for the notebook: the function does not have it"


def sanitized(text: str) -> str:
    """As nbval reads the file and applies it."""
    config = configparser.RawConfigParser()
    config.read(CONFIG, encoding="utf-8")
    for section in config.sections():
        text = re.sub(config.get(section, "regex"), config.get(section, "replace"), text)
    return text


@pytest.mark.parametrize("of_machine", [(OLD,), (TURNS,), (OLD, TURNS)])
@pytest.mark.parametrize("real", [(), (REAL,)])
def test_a_warning_is_seen(
    client: Client, deploy: Deploy, of_machine: tuple[str, ...], real: tuple[str, ...]
) -> None:
    info = dataclasses.replace(deploy("any", code=CODE).info, warnings=())
    for face in ("text/plain", "text/html"):
        plain, here, other = (
            sanitized(display.bundle(dataclasses.replace(info, warnings=warnings), "local")[face])
            for warnings in (real, (*of_machine, *real), ("another",))
        )
        assert here == plain
        assert other not in (plain, here)
