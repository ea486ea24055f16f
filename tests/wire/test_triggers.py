"""Triggers: what a person may write, when a timer fires, which names updates keep."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fc_magic.wire import oss, trigger_advice, triggers
from fc_magic.wire.schedule import Schedule
from fc_magic.wire.triggers import Http, Oss, Other, Timer

PROPERTY = settings(max_examples=150, deadline=None, derandomize=True)
UTC = timezone.utc


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def firings(expression: str, after: str, count: int, anchor: str | None = None) -> list[str]:
    """The next ``count`` firings, written as the test's table writes them."""
    schedule, now = Schedule.parse(expression), at(after)
    start, out = at(anchor or after), []
    for _ in range(count):
        now = schedule.next(now, start)
        out.append(now.strftime("%Y-%m-%d %H:%M:%S"))
    return out


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("0 0 4 * * *", "2026-01-01 03:59:59", ["2026-01-01 04:00:00", "2026-01-02 04:00:00"]),
        ("0 0 4 * * *", "2026-01-01 04:00:00", ["2026-01-02 04:00:00"]),
        ("* * * * * *", "2026-12-31 23:59:59", ["2027-01-01 00:00:00", "2027-01-01 00:00:01"]),
        ("30 * * * * *", "2026-01-01 00:00:30", ["2026-01-01 00:01:30"]),
        ("*/20 * * * * *", "2026-01-01 00:00:41", ["2026-01-01 00:01:00", "2026-01-01 00:01:20"]),
        ("0 */15 * * * *", "2026-01-01 00:14:59", ["2026-01-01 00:15:00", "2026-01-01 00:30:00"]),
        ("0 0 9-17/4 * * *", "2026-01-01 00:00:00", ["2026-01-01 09:00:00", "2026-01-01 13:00:00"]),
        ("0 0 0 1,15 * *", "2026-01-02 00:00:00", ["2026-01-15 00:00:00", "2026-02-01 00:00:00"]),
        ("0 0 12 ? * MON-FRI", "2026-01-02 12:00:00", ["2026-01-05 12:00:00", "2026-01-06 12:00:00"]),
        ("0 0 12 * * SUN", "2026-01-01 00:00:00", ["2026-01-04 12:00:00"]),
        ("0 0 12 * * 0", "2026-01-01 00:00:00", ["2026-01-04 12:00:00"]),
        ("0 0 12 * * 7", "2026-01-01 00:00:00", ["2026-01-04 12:00:00"]),
        ("0 0 0 1 JAN,JUL ?", "2026-01-01 00:00:00", ["2026-07-01 00:00:00", "2027-01-01 00:00:00"]),
        ("0 0 0 31 * *", "2026-01-31 00:00:00", ["2026-03-31 00:00:00", "2026-05-31 00:00:00"]),
        ("0 0 0 L * *", "2026-01-31 00:00:00", ["2026-02-28 00:00:00", "2026-03-31 00:00:00"]),
        ("0 0 0 29 2 *", "2026-01-01 00:00:00", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("0 0 0 29 2 *", "2096-03-01 00:00:00", ["2104-02-29 00:00:00"]),
        ("  0   0 4 *  * * ", "2026-01-01 00:00:00", ["2026-01-01 04:00:00"]),
        ("CRON_TZ=Asia/Shanghai 0 0 4 * * *", "2026-01-01 00:00:00", ["2026-01-01 20:00:00"]),
        ("CRON_TZ=Asia/Shanghai 0 0 4 1 * *", "2026-01-31 00:00:00", ["2026-01-31 20:00:00"]),
        ("CRON_TZ=Asia/Shanghai\t0 0 4 * * *", "2026-01-01 00:00:00", ["2026-01-01 20:00:00"]),
        ("TZ=Asia/Kolkata 0 0 0 * * *", "2026-01-01 00:00:00", ["2026-01-01 18:30:00"]),
        ("CRON_TZ=UTC 0 0 4 * * *", "2026-01-01 00:00:00", ["2026-01-01 04:00:00"]),
        # clocks in Berlin: 02:00 -> 03:00 on 29 March, 03:00 -> 02:00 on 25 October 2026
        (
            "CRON_TZ=Europe/Berlin 0 0 4 * * *",
            "2026-03-28 00:00:00",
            ["2026-03-28 03:00:00", "2026-03-29 02:00:00"],
        ),
        (
            "CRON_TZ=Europe/Berlin 0 0 4 * * *",
            "2026-10-24 00:00:00",
            ["2026-10-24 02:00:00", "2026-10-25 03:00:00"],
        ),
        (
            "CRON_TZ=Europe/Berlin 0 0 * * * *",
            "2026-03-29 00:00:00",
            ["2026-03-29 01:00:00", "2026-03-29 02:00:00"],
        ),
        (
            "CRON_TZ=Europe/Berlin 0 0 * * * *",
            "2026-10-25 00:00:00",
            ["2026-10-25 01:00:00", "2026-10-25 02:00:00"],
        ),
        (
            "CRON_TZ=Europe/Berlin 0 30 2 * * *",
            "2026-03-28 12:00:00",
            ["2026-03-29 01:00:00", "2026-03-30 00:30:00"],
        ),
        (
            "CRON_TZ=America/New_York 0 0 9 * * *",
            "2026-03-07 00:00:00",
            ["2026-03-07 14:00:00", "2026-03-08 13:00:00"],
        ),
    ],
)
def test_cron_fires_on_these_dates(expression: str, after: str, expected: list[str]) -> None:
    """Six fields, UTC or the zone it names, months of every length, clocks that change."""
    assert firings(expression, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("expression", "anchor", "after", "expected"),
    [
        (
            "@every 5m",
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:00",
            ["2026-01-01 00:05:00", "2026-01-01 00:10:00"],
        ),
        ("@every 5m", "2026-01-01 00:00:07", "2026-01-01 00:05:06", ["2026-01-01 00:05:07"]),
        ("@every 5m", "2026-01-01 00:00:07", "2026-01-01 00:05:07", ["2026-01-01 00:10:07"]),
        (
            "@every 1h30m",
            "2026-01-01 00:00:00",
            "2026-01-02 00:00:01",
            ["2026-01-02 01:30:00", "2026-01-02 03:00:00"],
        ),
        ("@every 90m", "2026-01-01 00:00:00", "2026-01-02 00:00:01", ["2026-01-02 01:30:00"]),
        ("@every 1s", "2026-02-28 23:59:59", "2026-02-28 23:59:59", ["2026-03-01 00:00:00"]),
        ("@every 24h", "2026-03-28 12:00:00", "2026-03-29 12:00:00", ["2026-03-30 12:00:00"]),
        ("@every 1h2m3s", "2026-01-01 00:00:00", "2026-01-01 00:00:00", ["2026-01-01 01:02:03"]),
        ("@every  8784h", "2026-01-01 00:00:00", "2026-01-01 00:00:00", ["2027-01-02 00:00:00"]),
        # a clock that was set back: the first firing is still one interval after the creation
        (
            "@every 5m",
            "2026-01-01 12:00:00",
            "2026-01-01 00:00:00",
            ["2026-01-01 12:05:00", "2026-01-01 12:10:00"],
        ),
    ],
)
def test_interval_counts_from_its_anchor(
    expression: str, anchor: str, after: str, expected: list[str]
) -> None:
    """An interval keeps its step from the creation on, whenever it is asked."""
    assert firings(expression, after, len(expected), anchor) == expected


ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


@PROPERTY
@given(
    zone=st.sampled_from(ZONES),
    cron=st.sampled_from(["* * * * * *", "0 30 2 * * *", "0 0 * * * *", "0 */7 1-3 * * *", "0 0 0 L * *"]),
    after=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
)
@example("Europe/Berlin", "0 30 2 * * *", datetime(2026, 3, 29, 0, 59, 59))
@example("Europe/Berlin", "0 30 2 * * *", datetime(2026, 10, 25, 0, 30))
@example("Australia/Lord_Howe", "0 0 * * * *", datetime(2026, 4, 4, 15, 0))
def test_next_is_always_later(zone: str, cron: str, after: datetime) -> None:
    """Time only goes forward, through every change of clocks; the answer is in UTC and whole seconds."""
    now = after.replace(tzinfo=UTC)
    schedule = Schedule.parse(f"CRON_TZ={zone} {cron}")
    for _ in range(4):
        found = schedule.next(now, now)
        assert found > now
        assert (found.utcoffset(), found.microsecond) == (timedelta(0), 0)
        now = found


EVERY = "must be @every with h, m and s, such as @every 1h30m"
SPAN = "must be at least 1 second and at most a year"


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("", "must have 6 fields (seconds first), not 0"),
        ("0", "must have 6 fields (seconds first), not 1"),
        (
            "0 4 * * *",
            'must have 6 fields (seconds first), not 5; with seconds first it is "0 0 4 * * *"',
        ),
        ("0 0 0 1 1 * 2030", "must have 6 fields (seconds first), not 7"),
        ("CRON_TZ=Asia/Shanghai", "must have 6 fields (seconds first), not 0"),
        (
            "CRON_TZ=Mars/Base 0 0 4 * * *",
            "has no valid time zone: 'Mars/Base'; such as CRON_TZ=Asia/Shanghai",
        ),
        ("CRON_TZ=America 0 0 4 * * *", "has no valid time zone: 'America'; such as CRON_TZ=Asia/Shanghai"),
        (
            "CRON_TZ=../etc/passwd 0 0 4 * * *",
            "has no valid time zone: '../etc/passwd'; such as CRON_TZ=Asia/Shanghai",
        ),
        ("CRON_TZ= 0 0 4 * * *", "has no valid time zone: ''; such as CRON_TZ=Asia/Shanghai"),
        ("60 * * * * *", "has no valid second: '60'; 0 to 59"),
        ("0 61 * * * *", "has no valid minute: '61'; 0 to 59"),
        ("0 0 24 * * *", "has no valid hour: '24'; 0 to 23"),
        ("0 0 0 32 * *", "has no valid day: '32'; 1 to 31"),
        ("0 0 0 * 13 *", "has no valid month: '13'; 1 to 12"),
        ("0 0 0 * * 8", "has no valid weekday: '8'; MON to SUN"),
        ("0 0 0 * * someday", "has no valid weekday: 'someday'; MON to SUN"),
        ("*/0 * * * * *", "has no valid second: '*/0'; 0 to 59"),
        ("R * * * * *", "has no valid second: 'R'; 0 to 59"),
        ("0 R(0-10) * * * *", "has no valid minute: 'R(0-10)'; 0 to 59"),
        ("0 0 h * * *", "has no valid hour: 'h'; 0 to 23"),
        ("0 0 0 30 2 *", "names no day that exists"),
        ("0 0 0 31 4,6,9,11 ?", "names no day that exists"),
        ("@every", EVERY),
        ("@every 5", EVERY),
        ("@every 5m1h", EVERY),
        ("@every 1d", EVERY),
        ("@every 1.5h", EVERY),
        ("@every -5m", EVERY),
        ("@every ٥m", EVERY),
        ("@every 9999999999h", EVERY),
        ("@hourly", EVERY),
        ("@every 0s", SPAN),
        ("@every 8785h", SPAN),
        ("@every 999999999h", SPAN),
        ("0 " * 200, "has 399 characters, and may have at most 256"),
    ],
)
def test_unreadable_schedule_says_what_to_write(expression: str, sentence: str) -> None:
    """A refusal is a sentence a person can act on."""
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Schedule.parse(expression)


CRON_BITS = st.text("0123456789*/,-?#LWRHA@ TZ=", max_size=24) | st.lists(
    st.text("0123456789*/,-?#LWRHMONJA", min_size=1, max_size=5), min_size=6, max_size=6
).map(" ".join)


@PROPERTY
@given(
    st.text(max_size=40)
    | CRON_BITS
    | CRON_BITS.map(lambda t: f"CRON_TZ={t}")
    | st.text().map("@every {}".format)
)
def test_schedule_refuses_only_with_value_error(expression: str) -> None:
    """Whatever is written, it is either a schedule with a next firing or a ValueError."""
    now = at("2026-01-01 00:00:00")
    try:
        schedule = Schedule.parse(expression)
    except ValueError:
        return
    assert schedule.next(now, now) > now


# ---------------------------------------------------------------- a person's spelling


@pytest.mark.parametrize(
    ("written", "item"),
    [
        ("http", {"type": "http", "config": {}}),
        (" HTTP ", {"type": "http", "config": {}}),
        ("http:https://example.com/f", {"type": "http", "config": {"url": "https://example.com/f"}}),
        ("http:http://h:8080", {"type": "http", "config": {"url": "http://h:8080"}}),
        ("timer:@every 5m", {"type": "timer", "config": {"cronExpression": "@every 5m"}}),
        ("timer: 0 0 4 * * *", {"type": "timer", "config": {"cronExpression": "0 0 4 * * *"}}),
        ("cron:0 0 4 * * *", {"type": "cron", "config": {"cronExpression": "0 0 4 * * *"}}),
        ("oss", {"type": "oss", "config": {}}),
        ('{"type": "log", "config": {"a": 1}}', {"type": "log", "config": {"a": 1}}),
        ("oss:pics", {"type": "oss", "config": {"sourceArn": "pics"}}),
        (
            "oss: pics/in/*.png ",
            {
                "type": "oss",
                "config": {"sourceArn": "pics", "filter": {"key": {"prefix": "in/", "suffix": ".png"}}},
            },
        ),
        (
            "oss:acs:oss:cn-hangzhou:1:pics/in/",
            {
                "type": "oss",
                "config": {
                    "sourceArn": "acs:oss:cn-hangzhou:1:pics",
                    "filter": {"key": {"prefix": "in/"}},
                },
            },
        ),
    ],
)
def test_parse_reads(written: str, item: dict[str, Any]) -> None:
    """The short forms, and the JSON object itself."""
    assert triggers.parse(written) == item


@pytest.mark.parametrize("written", ["{", "{]", '{"type": ', "mns:topic", "log:project/store"])
def test_parse_refuses(written: str) -> None:
    """What has no short form is asked for as JSON."""
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        triggers.parse(written)


@pytest.mark.parametrize(
    ("written", "shortest"),
    [
        ("http", "http"),
        ("http:https://example.com/f", "http:https://example.com/f"),
        ("timer:@every 5m", "timer:@every 5m"),
        ("schedule:CRON_TZ=Asia/Shanghai 0 0 4 * * *", "timer:CRON_TZ=Asia/Shanghai 0 0 4 * * *"),
        ('{"type": "timer", "config": {"cronExpression": " @every 5m "}}', "timer:@every 5m"),
        ('{"type": "http", "config": {"authType": "anonymous", "qualifier": "LATEST"}}', "http"),
        ('{"type": "http", "config": {"authType": "none"}}', "http"),
        (
            '{"type": "http", "config": {"auth_type": "signed", "methods": ["get"]}}',
            '{"type": "http", "config": {"authType": "function", "methods": ["GET"]}}',
        ),
        (
            '{"type": "timer", "config": {"cronExpression": "@every 5m", "payload": {"a": "ü"}}}',
            '{"type": "timer", "config": {"cronExpression": "@every 5m", "payload": "{\\"a\\": \\"ü\\"}"}}',
        ),
        ("log", '{"type": "log", "config": {}}'),
        ("oss:pics", "oss:pics"),
        ("oss:pics/in/", "oss:pics/in/*"),
        ("oss:pics/*.png", "oss:pics/*.png"),
        (
            '{"type": "oss", "config": {"bucketName": "pics", "filter": {"Key": {"Prefix": "in/"}}}}',
            "oss:pics/in/*",
        ),
        (
            '{"type": "oss", "config": {"sourceArn": "pics", "events": ["oss:ObjectCreated:*"], "name": null}}',
            "oss:pics",
        ),
        (
            '{"type": "oss", "config": {"sourceArn": "pics", "filter": {"key": {"prefix": "a*b"}}}}',
            '{"type": "oss", "config": {"sourceArn": "pics", "events": ["oss:ObjectCreated:*"], '
            '"filter": {"key": {"prefix": "a*b"}}}}',
        ),
        (
            '{"type": "oss", "config": {"sourceArn": "pics", "events": ["ObjectCreated:PutObject"]}}',
            '{"type": "oss", "config": {"sourceArn": "pics", "events": ["oss:ObjectCreated:PutObject"]}}',
        ),
        (
            '{"type": "sls", "config": {"x": [1, {"y": null}]}}',
            '{"type": "log", "config": {"x": [1, {"y": null}]}}',
        ),
    ],
)
def test_text_is_the_shortest_form_and_comes_back(written: str, shortest: str) -> None:
    """parse, check, text, parse again: the same trigger."""
    item = triggers.parse(written)
    trigger = triggers.from_config(item["type"], item["config"])
    found = triggers.text(trigger)
    again = triggers.parse(found)
    assert (json.loads(found) if found.startswith("{") else found) == (
        json.loads(shortest) if shortest.startswith("{") else shortest
    )
    assert triggers.from_config(again["type"], again["config"]) == trigger


@pytest.mark.parametrize(
    ("kind", "config", "said"),
    [
        ("http", {"url": "example.com"}, "without a query"),
        ("http", {"url": "https://h/p?q=1"}, "without a query"),
        ("http", {"url": "https://h/p#f"}, "without a query"),
        ("http", {"url": "https://h/p\n"}, "without a query"),
        ("http", {"url": "ftp://h/p"}, "without a query"),
        ("http", {"methods": ["GET", "TRACE"]}, "TRACE"),
        ("http", {"authType": "secret"}, "authType"),
        ("http", {"colour": "red"}, "colour"),
        ("http", {"name": "1st"}, "name"),
        ("http", {"name": "a" * 129}, "name"),
        ("http", {"description": "x" * 257}, "description"),
        ("timer", {}, "cronExpression"),
        ("timer", {"cronExpression": 5}, "cronExpression"),
        ("timer", {"cronExpression": "0 4 * * *"}, "with seconds first"),
        ("timer", {"cronExpression": "@every 5m", "enable": "perhaps"}, "enable"),
        ("oss", {}, "sourceArn"),
        ("oss", {"sourceArn": "My_Bucket"}, "3 to 63 lower-case"),
        ("oss", {"sourceArn": "acs:oss:cn-hangzhou:pics"}, "ACCOUNT_ID"),
        ("oss", {"bucketName": "pics", "sourceArn": "pics"}, "bucketName"),
        ("oss", {"sourceArn": "pics", "events": []}, "events"),
        ("oss", {"sourceArn": "pics", "events": ["oss:ObjectCreated:Put"]}, "such as oss:ObjectCreated:"),
        ("oss", {"sourceArn": "pics", "events": ["oss:ObjectRemoved:*", "nonsense"]}, "nonsense"),
        ("oss", {"sourceArn": "pics", "events": [""]}, "an empty name"),
        ("oss", {"sourceArn": "pics", "filter": {"prefix": "in/"}}, "filter.prefix"),
        ("oss", {"sourceArn": "pics", "filter": {"key": {"prefix": "/in"}}}, "begins with /"),
        ("oss", {"sourceArn": "pics", "filter": {"key": {"suffix": 5}}}, "filter.key.suffix"),
        ("oss", {"sourceArn": "pics", "invocationRole": "a b"}, "invocationRole"),
        ("oss", {"sourceArn": "pics", "colour": "red"}, "colour"),
        ("my type", {}, "type"),
        ("x" * 65, {}, "type"),
        ("", {}, "type"),
    ],
)
def test_from_config_refuses(kind: str, config: dict[str, Any], said: str) -> None:
    """A wrong value is refused before anything is sent, by name."""
    with pytest.raises(ValidationError, match=said):
        triggers.from_config(kind, config)


def test_nulls_in_config_count_as_absent() -> None:
    """A client that writes null for what it does not use is understood."""
    assert triggers.from_config("http", {"url": None, "authConfig": None}) == Http()
    assert triggers.from_config("http", None) == Http()


def test_other_types_keep_their_settings_as_they_are() -> None:
    """What we do not know goes on to Function Compute unchanged."""
    config = {"sourceConfig": {"logstore": "a"}, "sourceArn": "acs:log:a:b:project/c", "enable": True}
    trigger = triggers.from_config("log", config)
    assert isinstance(trigger, Other)
    assert trigger.config() == config


# ---------------------------------------------------------------- oss


def test_oss_says_its_events_always() -> None:
    """What hears of everything new when it names no events is a rule of ours: it is sent in full."""
    assert Oss(source_arn="pics").config() == {"sourceArn": "pics", "events": ["oss:ObjectCreated:*"]}


@pytest.mark.parametrize(
    ("events", "heard"),
    [
        (["oss:ObjectCreated:*"], {"PutObject", "PostObject", "CopyObject", "AppendObject", "PutSymlink"}),
        (["oss:ObjectCreated:UploadPart"], {"UploadPart"}),
        (["oss:ObjectCreated:*", "oss:ObjectRemoved:DeleteObject"], {"PutObject", "DeleteObject"}),
        (["ObjectModified:UpdateObjectMeta"], {"UpdateObjectMeta"}),
    ],
)
def test_oss_events(events: list[str], heard: set[str]) -> None:
    """A name is heard, and the wildcard what is new and whole: parts of an upload are not."""
    trigger = triggers.from_config("oss", {"sourceArn": "pics", "events": events})
    assert isinstance(trigger, Oss)
    names = [event.removeprefix("oss:") for event in oss.EVENTS if not event.endswith("*")]
    found = {name.partition(":")[2] for name in names if trigger.wants(name, "k")}
    assert heard <= found
    wildcard = "oss:ObjectCreated:*" in events
    assert not found & {"InitiateMultipartUpload", "UploadPartCopy"}
    assert ("UploadPart" in found) != wildcard or "UploadPart" not in found
    assert not trigger.wants("ObjectRestore:Done", "k")


PIECES = st.text(st.sampled_from("ab/*. é世"), max_size=4)


@PROPERTY
@given(PIECES, PIECES, PIECES)
def test_oss_prefix_and_suffix(prefix: str, middle: str, suffix: str) -> None:
    """A key that begins and ends as it should is heard; whatever the filter, its text comes back as the same."""
    config = {"sourceArn": "pics", "filter": {"key": {"prefix": prefix, "suffix": suffix}}}
    if prefix.startswith("/"):
        with pytest.raises(ValidationError, match="begins with /"):
            triggers.from_config("oss", config)
        return
    trigger = triggers.from_config("oss", config)
    assert isinstance(trigger, Oss)
    assert trigger.wants("ObjectCreated:PutObject", prefix + middle + suffix)
    assert trigger.wants("ObjectCreated:PutObject", middle) == (
        middle.startswith(prefix) and middle.endswith(suffix)
    )
    again = triggers.parse(triggers.text(trigger))
    assert triggers.from_config(again["type"], again["config"]) == trigger


def test_oss_located() -> None:
    """In an account a bucket and a role become their ARNs; what is one already stays, and without an account all."""
    there = triggers.located(Oss(source_arn="pics", invocation_role="my-role"), "cn-hangzhou", "12")
    assert isinstance(there, Oss)
    assert there.source_arn == "acs:oss:cn-hangzhou:12:pics"
    assert there.invocation_role == "acs:ram::12:role/my-role"
    assert there.bucket == "pics"
    assert triggers.located(there, "cn-beijing", "13") == there
    assert triggers.located(Oss(source_arn="pics"), "cn-hangzhou", "") == Oss(source_arn="pics")
    assert triggers.located(Http(), "cn-hangzhou", "12") == Http()


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ({"type": "oss", "config": {}}, "oss:my-bucket"),
        ({"type": "oss", "config": {"bucketName": "pics", "events": []}}, "oss:pics"),
        ({"type": "oss", "config": {"sourceArn": "Not A Bucket"}}, "oss:my-bucket"),
        ({"type": "oss", "config": 5}, "oss:my-bucket"),
        ({"type": "osss"}, "oss:my-bucket"),
    ],
)
def test_oss_instead(item: Any, shown: str) -> None:
    """What to write instead names the bucket that was meant, if there is one."""
    assert trigger_advice.instead(item) == shown


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ({"authtype": "function"}, '{"type": "http", "config": {"authType": "function"}}'),
        (
            {"authType": "JWT", "authConfig": {"k": "secret"}},
            '{"type": "http", "config": {"authType": "function"}}',
        ),
        ({"method": ["GET"], "colour": 1}, '{"type": "http", "config": {"methods": ["GET"]}}'),
        ({"url": "nowhere"}, "http"),
        (None, "http"),
    ],
)
def test_http_instead(config: Any, shown: str) -> None:
    """What to write instead keeps what was right, and never lets everybody in where a key was asked for."""
    assert trigger_advice.instead({"type": "http", "config": config}) == shown


@pytest.mark.parametrize("written", ["oss:pics/a*b*c", "oss:pics/**"])
def test_oss_with_two_stars(written: str) -> None:
    """A pattern is a prefix and a suffix: two stars are refused, with an example."""
    with pytest.raises(ValueError, match="one \\* at most"):
        triggers.parse(written)


# ---------------------------------------------------------------- names


def test_unnamed_triggers_are_numbered_by_type() -> None:
    """type-1, type-2, in order, around the names that are taken."""
    five = Timer(cron_expression="@every 5m")
    given_set = [five, Http(), five, Timer(name="timer-1", cron_expression="@every 1h"), Other(type="log")]
    assert [t.name for t in triggers.named(given_set)] == ["timer-2", "http-1", "timer-3", "timer-1", "log-1"]


SOME = [
    Http(),
    Timer(cron_expression="@every 5m"),
    Timer(cron_expression="@every 1h", name="timer-1"),
    Timer(cron_expression="@every 1h", name="t"),
    Oss(source_arn="pics"),
    Other(type="log", name="oss-1"),
]


@PROPERTY
@given(st.lists(st.sampled_from(SOME), max_size=6))
def test_naming_is_stable(items: list[triggers.Trigger]) -> None:
    """Naming twice changes nothing, the same list gets the same names, and what is named keeps its place."""
    once = triggers.named(items)
    assert triggers.named(once) == once
    assert triggers.named(items) == once
    assert all(t.name for t in once)
    assert [t.config() | {"name": None} for t in once] == [t.config() | {"name": None} for t in items]
    given_names = {t.name for t in items if t.name}
    fresh = [n.name for n, t in zip(once, items, strict=True) if not t.name]
    assert len({*fresh, *given_names}) == len(fresh) + len(given_names)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (("http-1", "timer-1", "timer-2"), (None, None, None)),
        (("http-1", "timer-2", "timer-1"), ("http-1", "timer-2", "timer-1")),
        (("http-7", "timer-1", "nightly"), ("http-7", "timer-1", "nightly")),
        (("http-1", "timer-1", "nightly"), (None, None, "nightly")),
    ],
)
def test_bare_is_the_inverse_of_named(given: tuple[str, ...], shown: tuple[str | None, ...]) -> None:
    """A name is left out only where it would be given again."""
    kinds = (Http(), Timer(cron_expression="@every 1h"), Timer(cron_expression="@every 2h"))
    whole = tuple(t.model_copy(update={"name": name}) for t, name in zip(kinds, given, strict=True))
    assert tuple(t.name for t in triggers.bare(whole)) == shown
    assert triggers.named(triggers.bare(whole)) == whole


@pytest.mark.parametrize("kind", ["tmer", "crn", "osss", "htp"])
def test_mistyped_type_alone(kind: str) -> None:
    """What to write instead may be written, also where a type alone may not."""
    item = triggers.parse(trigger_advice.instead({"type": kind}))
    triggers.from_config(item["type"], item["config"])


@pytest.mark.parametrize(
    ("schedule", "shown"),
    [
        ("0 0 25 * * *", "0 0 23 * * *"),
        ("0 0 0 32 13 *", "0 0 0 31 12 *"),
        ("0 0 9-25 * * 8", "0 0 9-23 * * SUN"),
        ("0 0 0 * * MON-9", "0 0 0 * * MON-SUN"),
        ("0 0 25 * * 7", "0 0 23 * * 7"),
        ("*/0 * * * * *", "*/1 * * * * *"),
        ("*/5 * * * *", "0 */5 * * * *"),
        ("75 * * * *", "0 59 * * * *"),
        ("0 0 4 * * * 2030", "0 0 4 * * *"),
        ("@every 0s", "@every 1s"),
        ("@every 1d", "@every 24h"),
        ("@every 90m5", "@every 90m"),
        ("@every 99999h", "@every 8784h"),
        ("9" * 5000, "@every 5m"),
        ("often", "@every 5m"),
    ],
)
def test_timer_instead(schedule: str, shown: str) -> None:
    """What to write instead is what was written, as near as there is such a time."""
    assert (
        trigger_advice.instead({"type": "timer", "config": {"cronExpression": schedule}}) == f"timer:{shown}"
    )
    Schedule.parse(shown)
