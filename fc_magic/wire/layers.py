"""Layer versions: what exists, and its JSON in FC 3.0's own API (``/2023-03-30/layers/…``)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import checks, runtimes, sources
from fc_magic.wire.fc3 import VERSION
from fc_magic.wire.signature import percent
from fc_magic.wire.source import MAX_CODE_BYTES, InFile, Oss
from fc_magic.wire.spec import LAYER_NAME
from fc_magic.wire.wording import clipped, first_few

MAX_RUNTIMES, MAX_DESCRIPTION, MAX_LICENSE = 20, 256, 256
#: bytes of one layer's ZIP, and of all of a function. UNCONFIRMED: whether FC counts them packed or unpacked
MAX_LAYER_BYTES, MAX_LAYERS_BYTES = 500 << 20, 2 << 30
#: what FC 3.0 takes beside the runtimes that we know
_OLD_RUNTIMES = ("nodejs8", "nodejs10", "python2.7", "dotnetcore2.1", "micro-sandbox")
_ZIP = "base64 of a ZIP"


@dataclass(frozen=True)
class LayerVersion:
    """One version of a layer. No ``runtimes`` means that it says nothing of any; ``code_size`` in bytes."""

    name: str
    version: int
    arn: str
    runtimes: tuple[str, ...] = ()
    description: str = ""
    license: str = ""
    code_size: int = 0
    code_checksum: str = ""
    created_time: str = ""
    public: bool = False
    warnings: tuple[str, ...] = ()
    #: what publishing did: published or unchanged; nothing if it was only looked up
    outcome: str = field(default="", compare=False)
    elapsed_s: float = field(default=0.0, compare=False)
    #: the distributions in it, ``name version``, if it was made of requirements just now
    contents: tuple[str, ...] = field(default=(), compare=False)
    #: what was done with its files to make a layer of them
    layout: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """As a deployment names it on the line."""
        return f"{self.name}:{self.version}"


class LayerVersions(tuple[LayerVersion, ...]):
    """The versions of the layer ``name``, the newest first; without a name the latest version of each layer."""

    name: str = ""


@dataclass(frozen=True)
class LayerInput:
    """What is published: the ZIP, or where in the object store it is."""

    code: bytes | Oss = field(repr=False)
    runtimes: tuple[str, ...] = ()
    description: str = ""
    license: str = ""
    checksum: str = ""


def path(name: str = "", version: int = 0) -> str:
    """The path of all layers, of the versions of one, or of one version."""
    if not name:
        return f"/{VERSION}/layers"
    return f"/{VERSION}/layers/{percent(name)}/versions" + (f"/{version}" if version else "")


def arn(region: str, account: str, name: str, version: int | str) -> str:
    return f"acs:fc:{region}:{account}:layers/{name}/versions/{version}"


# ---------------------------------------------------------------- answers


def encode(layer: LayerVersion) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "layerName": layer.name,
        "version": layer.version,
        "layerVersionArn": layer.arn,
        "compatibleRuntime": list(layer.runtimes),
        "description": layer.description,
        "license": layer.license,
        "codeSize": layer.code_size,
        "codeChecksum": layer.code_checksum,
        "createTime": layer.created_time,
        "acl": str(int(layer.public)),
    }
    # ours: other clients ignore what they do not know
    return {**answer, "warnings": list(layer.warnings)} if layer.warnings else answer


def decode(answer: Mapping[str, Any]) -> LayerVersion:
    """Raises KeyError, TypeError or ValueError if it is no layer."""
    return LayerVersion(
        name=answer["layerName"],
        version=int(answer["version"]),
        arn=answer.get("layerVersionArn") or "",
        runtimes=tuple(answer.get("compatibleRuntime") or ()),
        description=answer.get("description") or "",
        license=answer.get("license") or "",
        code_size=answer.get("codeSize") or 0,
        code_checksum=str(answer.get("codeChecksum") or ""),
        created_time=answer.get("createTime") or "",
        public=answer.get("acl") == "1",
        warnings=tuple(answer.get("warnings") or ()),
    )


def decode_page(answer: Mapping[str, Any]) -> tuple[list[LayerVersion], str]:
    """The layers of a page, and where the next one begins ("" if this is the last)."""
    found = [decode(layer) for layer in answer.get("layers") or ()]
    return found, str(answer.get("nextToken") or answer.get("nextVersion") or "")


# ---------------------------------------------------------------- requests


def encode_input(
    where: Mapping[str, Any], asked: Sequence[str], description: str, license_: str
) -> dict[str, Any]:
    """``where``: the ZIP, or where it is, in FC's keys."""
    return {
        "code": dict(where),
        "compatibleRuntime": list(asked),
        "description": description,
        "license": license_,
    }


def check(name: str, raw: bytes | InFile, asked: Sequence[str], description: str, license_: str) -> None:
    """Raises InvalidArgument that names every wrong value."""
    broken = sources.zip_problem(raw)
    wrong = [Problem("code.zipFile", broken, _ZIP)] if broken else []
    texts = {"description": description, "license": license_}
    wrong = [*_name(name), *wrong, *_runtimes(list(asked)), *_texts(texts)]
    if wrong:
        raise refusal(name, wrong)


def read(name: str, body: Any) -> LayerInput:
    """A body of CreateLayerVersion. Raises InvalidArgument that names every wrong field."""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object")
    given = {key: value for key, value in body.items() if value is not None}
    code, wrong = _code(given.get("code"))
    wrong = [*_name(name), *wrong, *_runtimes(given.get("compatibleRuntime", [])), *_texts(given)]
    if wrong or code is None:
        raise refusal(name, wrong)
    return LayerInput(
        code,
        tuple(dict.fromkeys(given.get("compatibleRuntime", ()))),
        given.get("description", ""),
        given.get("license", ""),
        str(given["code"].get("checksum") or ""),
    )


def refusal(name: str, wrong: Sequence[Problem]) -> InvalidArgument:
    return InvalidArgument(f"the layer {clipped(name)} was not published: {first_few(wrong)}", problems=wrong)


def _name(name: str) -> Iterator[Problem]:
    if not re.fullmatch(LAYER_NAME, name):
        allowed = "1 to 128 letters, digits, _ or -, not starting with a digit or -"
        yield Problem("layerName", "is not a name", allowed, clipped(name), "my-layer")


def _runtimes(given: Any) -> Iterator[Problem]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        yield Problem("compatibleRuntime", "is not a list of texts", hint='["python3.10"]')
        return
    if len(given) > MAX_RUNTIMES:
        yield Problem("compatibleRuntime", f"has more than {MAX_RUNTIMES} items")
    known = (*runtimes.KNOWN, *_OLD_RUNTIMES)
    for name in [name for name in given if name not in known][:1]:
        allowed = ", ".join(runtimes.KNOWN)
        wrong = "is not a runtime of Function Compute"
        yield Problem("compatibleRuntime", wrong, allowed, clipped(name), runtimes.nearest(name))


def _texts(given: Mapping[str, Any]) -> Iterator[Problem]:
    for key, most in (("description", MAX_DESCRIPTION), ("license", MAX_LICENSE)):
        text = given.get(key, "")
        why = checks.unfit(text) if isinstance(text, str) else "is not text"
        if not why and len(text) > most:
            why = "is too long"
        if why:
            yield Problem(key, why, f"at most {most} characters")


def _code(given: Any) -> tuple[bytes | Oss | None, list[Problem]]:
    if not isinstance(given, Mapping):
        return None, [Problem("code", "is required", "zipFile, or ossBucketName with ossObjectName")]
    text = given.get("zipFile")
    bucket, key = given.get("ossBucketName"), given.get("ossObjectName")
    if text and (bucket or key):
        return None, [Problem("code", "has two sources", "zipFile, or ossBucketName with ossObjectName")]
    if bucket or key:
        try:
            return Oss.model_validate({"oss_bucket": bucket, "oss_object_key": key}), []
        except ValidationError as error:
            spelled = {"oss_bucket": "code.ossBucketName", "oss_object_key": "code.ossObjectName"}
            found = checks.problems(error, {"oss_bucket": bucket, "oss_object_key": key})
            return None, [Problem(spelled.get(p.field, "code"), p.problem, p.allowed, p.given) for p in found]
    return _zip(text)


def _zip(text: Any) -> tuple[bytes | None, list[Problem]]:
    if not isinstance(text, str) or not text:
        return None, [Problem("code.zipFile", "is required", _ZIP)]
    if len(text) > MAX_CODE_BYTES:
        what = f"is larger than {MAX_CODE_BYTES >> 20} MB"
        return None, [Problem("code.zipFile", what, _ZIP, hint="ossBucketName, ossObjectName")]
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None, [Problem("code.zipFile", "is not base64", _ZIP)]
    broken = sources.zip_problem(raw)
    return (None, [Problem("code.zipFile", broken, _ZIP)]) if broken else (raw, [])
