"""Which code a body names: exactly one source, read and checked. Only what is written is looked at."""

from __future__ import annotations

import base64
import binascii
import struct
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from pydantic import ValidationError

from fc_magic.errors import Problem
from fc_magic.wire import checks, spec
from fc_magic.wire.source import MAX_CODE_BYTES, InFile
from fc_magic.wire.spec import Code, Image, Inline, Oss, Zip


def named(given: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [name for name in names if given.get(name) not in (None, "", {}, [])]


def of_body(given: Mapping[str, Any]) -> tuple[Code | None, list[Problem]]:
    """Exactly one source. An explicit one makes ``code`` ignored; two explicit ones are refused, not guessed."""
    explicit = [names for names in (spec.IMAGE_FIELDS, spec.OSS_FIELDS, ("zip_file",)) if named(given, names)]
    if len(explicit) > 1:
        names = [named(given, group)[0] for group in explicit]
        what = f"conflicts with {', '.join(names[1:])}: one code source only"
        # not what that field allows by itself, such as a digest
        wrong = checks.problem(names[0], what, given[names[0]], hint="")
        return None, [replace(wrong, allowed="code, zip_file, oss_bucket or image_url")]
    if not explicit:
        return _inline(given.get("code"))
    kinds: dict[str, type[Image] | type[Oss] | type[Zip]] = {
        "image_url": Image,
        "oss_bucket": Oss,
        "zip_file": Zip,
    }
    cls = kinds[explicit[0][0]]
    values = {name: given[name] for name in named(given, explicit[0])}
    try:
        code = cls.model_validate(values)
    except ValidationError as error:
        return None, checks.problems(error, values)
    return code, _image_rules(given, code) if isinstance(code, Image) else []


def _image_rules(given: Mapping[str, Any], code: Image) -> list[Problem]:
    found = []
    inner = (code.custom_container_config or {}).get("image")
    if not code.image_url and not inner:
        found.append(checks.problem("image_url", "is required with the other image fields"))
    if given.get("runtime") not in (None, "custom-container"):
        what = "must be custom-container with an image"
        found.append(checks.problem("runtime", what, given["runtime"], hint="custom-container"))
    address, _, digest = (code.image_url or "").partition("@")
    tag = address.rsplit("/", 1)[-1].partition(":")[2]
    if tag and code.image_tag and tag != code.image_tag:
        found.append(
            checks.problem("image_tag", f"differs from the tag {tag} in image_url", code.image_tag, hint=tag)
        )
    if (
        digest
        and code.image_digest_value
        and digest != f"sha256:{code.image_digest_value.rpartition(':')[2]}"
    ):
        what = "differs from the digest in image_url"
        found.append(checks.problem("image_digest_value", what, code.image_digest_value, hint=digest))
    return found


def _inline(text: Any) -> tuple[Code | None, list[Problem]]:
    if text in (None, ""):
        return None, [checks.problem("code", "is required unless another code source is given")]
    if isinstance(text, Inline):
        return text, []
    if not isinstance(text, str):
        return None, [checks.problem("code", "is not text")]
    if text.startswith(("http://", "https://")):
        try:
            return Zip(zip_file=text, from_code=True), []
        except ValidationError as error:
            return None, [checks.problem("code", p.problem) for p in checks.problems(error, {})]
    if len(text) > MAX_CODE_BYTES:
        return None, [checks.problem("code", f"is larger than {MAX_CODE_BYTES >> 20} MB", hint="oss_bucket")]
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None, [checks.problem("code", "is not base64", hint="base64 of the ZIP, without line breaks")]
    broken = zip_problem(raw)
    return (
        (None, [checks.problem("code", broken, hint="zip the files again")])
        if broken
        else (Inline(zip=raw), [])
    )


def zip_problem(raw: bytes | InFile) -> str:
    """Why these bytes are not a readable ZIP, or nothing. Only the directory is read, not the files."""
    if not isinstance(raw, bytes):
        return ""  # what is in a file was packed here
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            return "" if archive.namelist() else "is a ZIP with no file in it"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        return f"is not a readable ZIP ({str(error) or 'damaged'})"


def warnings(given: Mapping[str, Any], code: Code) -> list[str]:
    if given.get("code") and not isinstance(code, Inline) and not (isinstance(code, Zip) and code.from_code):
        name = named(given, spec.FIELDS)
        other = next(n for n in name if n in (*spec.IMAGE_FIELDS, *spec.OSS_FIELDS, "zip_file"))
        return [f"code was ignored: {other} is given, and another code source wins"]
    return []
