"""Triggers in the spelling of FC 3.0's own API: what is said of one is read as the same one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fc_magic.errors import InvalidArgument
from fc_magic.wire import fc3_triggers, triggers
from fc_magic.wire.fc3_triggers import Attached

ARN = "acs:oss:cn-hangzhou:1234567890123456:pics"
ROLE = "acs:ram::1234567890123456:role/calls"
TRIGGERS: list[tuple[str, dict[str, Any]]] = [
    ("http", {"name": "a"}),
    ("http", {"name": "a", "authType": "function", "methods": ["GET"], "disableURLInternet": True}),
    ("http", {"name": "a", "corsConfig": {"allowOrigins": ["*"], "maxAge": 5}, "qualifier": "prod"}),
    ("timer", {"name": "a", "cronExpression": "@every 5m", "payload": "p", "enable": False}),
    ("timer", {"name": "a", "cronExpression": "0 0 4 * * *", "description": "d", "invocationRole": ROLE}),
    ("oss", {"name": "a", "sourceArn": ARN, "filter": {"key": {"prefix": "in/"}}, "invocationRole": ROLE}),
    (
        "log",
        {
            "name": "a",
            "sourceArn": "acs:log:cn-hangzhou:1:project/p",
            "sourceConfig": {"logstore": "l"},
            "enable": True,
        },
    ),
]


@pytest.mark.parametrize(("kind", "config"), TRIGGERS)
def test_round_trip(kind: str, config: dict[str, Any]) -> None:
    """The body of CreateTrigger and its answer are both read as the trigger they were made of."""
    trigger = triggers.from_config(kind, config)
    assert fc3_triggers.read(fc3_triggers.encode_input(trigger)) == trigger
    said = json.loads(json.dumps(fc3_triggers.encode(Attached(trigger, "id", url="http://u/"))))
    assert fc3_triggers.decode(said).trigger == trigger
    assert fc3_triggers.decode(said).trigger_id == "id"


def test_authentication_is_text_in_the_config() -> None:
    """Inside triggerConfig, which is text, authConfig is text again."""
    tokens = {"tokens": [{"tokenName": "n", "tokenData": "t" * 32, "enable": True}]}
    trigger = triggers.from_config("http", {"name": "a", "authType": "bearer", "authConfig": tokens})
    body = fc3_triggers.encode_input(trigger)
    assert json.loads(json.loads(body["triggerConfig"])["authConfig"]) == tokens
    assert fc3_triggers.read(body) == trigger


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_no_object(body: Any) -> None:
    """A body that is no object is refused as such."""
    with pytest.raises(InvalidArgument, match="not a JSON object"):
        fc3_triggers.read(body)
    with pytest.raises(InvalidArgument, match="not a JSON object"):
        fc3_triggers.read_update(body, triggers.from_config("http", {"name": "a"}))


def test_nothing_unreadable_is_kept() -> None:
    """Text that could not be written out again is refused, wherever it stands."""
    for field in ("description", "triggerConfig"):
        body = {"triggerName": "a", "triggerType": "timer", "triggerConfig": "{}", field: "\ud800"}
        with pytest.raises(InvalidArgument) as caught:
            fc3_triggers.read(body)
        assert [problem.field for problem in caught.value.problems] == [field]
