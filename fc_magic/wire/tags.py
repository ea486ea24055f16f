"""Tags: ``{"Key": …, "Value": …}``, what they may be, and which resource a request about them means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire.wording import clipped

#: of one function, and of one request
MAX_TAGS = 20
MAX_KEY, MAX_VALUE = 64, 128
#: UNCONFIRMED: of one request
MAX_RESOURCES = 50
#: as answers spell it; requests may write it in other ways
RESOURCE_TYPE = "ALIYUN::FC::FUNCTION"
_TYPES = ("function", "aliyun::fc::function", "aliyun::fc:function")
_RESERVED = re.compile(r"aliyun|acs:", re.IGNORECASE)


def read(place: str, value: Any) -> tuple[dict[str, str], list[Problem]]:
    """Tags as they are sent -> by key; and everything that is wrong with them."""
    if not isinstance(value, list):
        return {}, [Problem(place, 'is not a list of {"Key": …, "Value": …}')]
    found: dict[str, str] = {}
    wrong = []
    for number, item in enumerate(value[: MAX_TAGS + 1]):
        key, text = _pair(item)
        why = _problem(key, text) or (f"has the key {clipped(str(key))} twice" if key in found else "")
        if why:
            wrong.append(Problem(f"{place}.{number}", why))
        else:
            found[str(key)] = str(text)
    if len(value) > MAX_TAGS:
        wrong.append(Problem(place, f"has {len(value)} tags", f"at most {MAX_TAGS}"))
    return found, wrong


def _pair(item: Any) -> tuple[Any, Any]:
    """A tag without a value has an empty one."""
    return (item.get("Key"), item.get("Value") or "") if isinstance(item, Mapping) else (None, None)


def _problem(key: Any, value: Any) -> str:
    if not isinstance(key, str) or not isinstance(value, str):
        return 'is not {"Key": …, "Value": …} of texts'
    if not 1 <= len(key) <= MAX_KEY or len(value) > MAX_VALUE:
        return f"has a key that is not 1 to {MAX_KEY} characters, or a value of more than {MAX_VALUE}"
    if _RESERVED.match(key) or "http://" in key or "https://" in key:
        return (
            f"has the key {clipped(key)}, which begins with aliyun or acs:, or has http:// or https:// in it"
        )
    return ""


def encode(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def filters(place: str, text: str) -> list[tuple[str, str | None]]:
    """Tags as JSON that a list is narrowed by: key, and value if one is asked for. Raises InvalidArgument."""
    items = _json(place, text)
    pairs = [(i.get("Key"), i.get("Value")) if isinstance(i, dict) else (None, None) for i in items]
    if any(not isinstance(k, str) or not isinstance(v, str | None) for k, v in pairs):
        raise InvalidArgument(f'{place} is not a list of {{"Key": …, "Value": …}} as JSON')
    return [(str(key), value or None) for key, value in pairs]


def texts(place: str, text: str) -> list[str]:
    """A list of texts as JSON, as a query has it. Raises InvalidArgument."""
    found = _json(place, text)
    if not all(isinstance(item, str) for item in found):
        raise InvalidArgument(f'{place} is not a list of texts as JSON, such as ["a", "b"]')
    return found


def _json(place: str, text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise InvalidArgument(f"{place} is not a list as JSON")
    return found


def check_type(given: Any) -> None:
    """Raises InvalidArgument unless it means functions, however it is spelled."""
    if not isinstance(given, str) or given.lower() not in _TYPES:
        allowed = f"function, {RESOURCE_TYPE}"
        said = clipped(str(given)) if given else "missing"
        raise InvalidArgument(f"ResourceType is {said}; allowed are {allowed}")


def check_resources(given: Any, least: int = 1) -> list[str]:
    """The resources of a request. Raises InvalidArgument."""
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise InvalidArgument("ResourceId is not a list of ARNs")
    if not least <= len(given) <= MAX_RESOURCES:
        raise InvalidArgument(f"ResourceId has {len(given)} items; allowed are {least} to {MAX_RESOURCES}")
    return given


def function_of(resource: str, region: str, account_id: str) -> str:
    """The name of the function that an ARN means; a bare name stands for itself. Nothing if it is no ARN of here."""
    if not resource.startswith("acs:"):
        return resource
    prefix = f"acs:fc:{region}:{account_id}:functions/"
    return resource.removeprefix(prefix).partition("/")[0] if resource.startswith(prefix) else ""


def rows(found: Iterable[tuple[str, str, str]], arn: str) -> Iterator[dict[str, str]]:
    """(function, key, value) as items of ListTagResources; ``arn`` is what stands before a function's name."""
    for function, key, value in found:
        yield {
            "ResourceId": f"{arn}{function}",
            "ResourceType": RESOURCE_TYPE,
            "TagKey": key,
            "TagValue": value,
        }
