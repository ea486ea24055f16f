"""The config of event sources that one machine does not have, as FC 3.0's API documents them: checked, and kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fc_magic.wire.fields import CAMEL

_Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = CAMEL


class _Pascal(BaseModel):
    """EventBridge writes the innermost names with a capital letter."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: "".join(part.capitalize() for part in name.split("_")),
        hide_input_in_errors=True,
        defer_build=True,
    )


class _Logstore(_Part):
    logstore: _Text
    start_time: int | None = None


class _Job(_Part):
    max_retry_time: Annotated[int, Field(ge=0, le=100)] = 3
    trigger_interval: Annotated[int, Field(ge=3, le=600)] = 60


class _RunLog(_Part):
    project: str = ""
    logstore: str = ""


class _Log(_Part):
    source_config: _Logstore
    job_config: _Job = Field(default_factory=_Job)
    log_config: _RunLog = Field(default_factory=_RunLog)
    function_parameter: dict[str, Any] = {}
    enable: bool = True


class _MnsTopic(_Part):
    filter_tag: Annotated[str, Field(max_length=16)] = ""
    notify_content_format: Literal["STREAM", "JSON"] = "STREAM"
    notify_strategy: Literal["BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"] = "BACKOFF_RETRY"


class _Tablestore(_Part):
    pass


class _Cdn(_Part):
    event_name: Literal[
        "LogFileCreated",
        "CachedObjectsRefreshed",
        "CachedObjectsPushed",
        "CachedObjectsBlocked",
        "CdnDomainStarted",
        "CdnDomainStopped",
        "CdnDomainAdded",
        "CdnDomainDeleted",
    ]
    event_version: Literal["1.0.0"] = "1.0.0"
    filter: dict[str, list[str]] = {}
    notes: str = ""


class _Source(_Part):
    event_source_type: Literal["Default", "MNS", "RocketMQ", "RabbitMQ", "Kafka", "MQTT", "DTS"]
    event_source_parameters: dict[str, Any] | None = None


class _Delivery(_Part):
    concurrency: Annotated[int, Field(ge=1)] | None = None
    event_schema: Literal["CloudEvents", "RawData"] | None = None


class _Sink(_Part):
    delivery_option: _Delivery | None = None


class _Retry(_Pascal):
    push_retry_strategy: str | None = None


class _Window(_Pascal):
    count_based_window: Annotated[int, Field(ge=0)] | None = None
    time_based_window: Annotated[int, Field(ge=0)] | None = None


class _Queue(_Pascal):
    arn: str | None = None


class _Run(_Part):
    mode: Literal["event-driven", "event-streaming"] | None = None
    errors_tolerance: Literal["NONE", "ALL"] | None = None
    retry_strategy: _Retry | None = None
    batch_window: _Window | None = None
    dead_letter_queue: _Queue | None = None


class _EventBridge(_Part):
    trigger_enable: bool = True
    async_invocation_type: bool = False
    event_rule_filter_pattern: str = "{}"
    event_source_config: _Source
    event_sink_config: _Sink | None = None
    run_options: _Run | None = None

    @field_validator("event_rule_filter_pattern")
    @classmethod
    def _json(cls, value: str) -> str:
        try:
            found = json.loads(value or "{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ValueError("is not a JSON object as text, such as {}")
        return value


_CONFIGS: dict[str, type[_Part]] = {
    "log": _Log,
    "mns_topic": _MnsTopic,
    "tablestore": _Tablestore,
    "cdn_events": _Cdn,
    "eventbridge": _EventBridge,
}
#: what a source's ARN looks like; eventbridge needs none, and that of a table is not documented
_ARNS = {
    "log": r"acs:log:[a-z0-9-]+:[0-9]+:project/[a-z0-9-]+",
    "mns_topic": r"acs:mns:[a-z0-9-]+:[0-9]+:/topics/.+",
    "tablestore": r"acs:ots:.+",
    "cdn_events": r"acs:cdn:\*:[0-9]+",
    "oss": r".+",
}
EXAMPLES = {
    "log": "acs:log:cn-hangzhou:1234567890123456:project/my-project",
    "mns_topic": "acs:mns:cn-hangzhou:1234567890123456:/topics/my-topic",
    "tablestore": "acs:ots:cn-hangzhou:1234567890123456:instance/my-instance/table/my-table",
    "cdn_events": "acs:cdn:*:1234567890123456",
    "oss": "acs:oss:cn-hangzhou:1234567890123456:my-bucket",
}


def check(kind: str, config: Mapping[str, Any]) -> None:
    """Raises pydantic's ValidationError with all that is wrong in the config of a source that is not ours."""
    if kind in _CONFIGS:
        _CONFIGS[kind].model_validate(dict(config))


def arn_problem(kind: str, arn: str) -> str:
    """What is wrong with the ``sourceArn`` of a trigger of this type; nothing if it is right."""
    if not arn:
        return f"is required with the type {kind}" if kind in _ARNS else ""
    return "" if re.fullmatch(_ARNS.get(kind, ".*"), arn) else f"is no ARN of {kind}"
