"""Where Function Compute finds the code of a deployment: in the request, or as an object of OSS."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from fc_magic.client.session import Session
from fc_magic.errors import ConnectionFailed, InvalidArgument
from fc_magic.wire import checks, sources, translation, v2
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import Function
from fc_magic.wire.source import INLINE_BYTES, MAX_PACKAGE_BYTES, Image, InFile, Inline, Oss, Zip, public
from fc_magic.wire.spec import Deployment

#: the URL of an object in OSS, by bucket, region and key
_OSS_URL = re.compile(r"https?://([a-z0-9-]{3,63})\.oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com/([^?#]+)")
FETCH_S = 60.0
#: of a ZIP that travels in the request, and may be seconds on its way
TOLD_BYTES = 4 << 20
#: until a package that came by OSS is read and unpacked
BIG_READ_S = 600.0


@contextlib.contextmanager
def located(
    session: Session, deployment: Deployment, live: Function | None = None
) -> Iterator[Mapping[str, Any]]:
    """``code`` of CreateFunction and UpdateFunction; empty if ``live`` has the same already, or an image has it."""
    code = deployment.code
    if isinstance(code, Image):
        yield {}
        return
    if isinstance(code, Zip):
        code = _fetched(session, deployment.name, code)
    if isinstance(code, Oss):
        yield _at(code)
        return
    assert isinstance(code, Inline)
    if live and live.code_checksum == crc64(code.zip) and live.runtime != translation.CONTAINER:
        yield {}
        return
    with placed(session, f"functions/{deployment.name}", code.zip) as where:
        yield where


@contextlib.contextmanager
def placed(session: Session, place: str, raw: bytes | InFile) -> Iterator[Mapping[str, Any]]:
    """A ZIP where Function Compute takes it from, as long as that takes: the request, or OSS. ``place`` says whose
    it is, such as ``functions/NAME``."""
    if len(raw) <= INLINE_BYTES:
        with _told(session, place, len(raw)):
            yield {"zipFile": base64.b64encode(raw[:]).decode(), "checksum": crc64(raw)}
        return
    from fc_magic.client import upload

    with upload.passing(session, place, raw) as where:
        yield {**_at(where), "checksum": crc64(raw)}


@contextlib.contextmanager
def sent(session: Session, deployment: Deployment) -> Iterator[Deployment]:
    """The deployment as one request can say it, as long as that takes: big code is named as an object of OSS."""
    code, place = deployment.code, f"functions/{deployment.name}"
    if not isinstance(code, Inline) or len(code.zip) <= INLINE_BYTES:
        with _told(session, place, len(code.zip) if isinstance(code, Inline) else 0):
            yield deployment
        return
    from fc_magic.client import upload

    with upload.passing(session, place, code.zip) as where:
        yield deployment.model_copy(update={"code": where})


@contextlib.contextmanager
def _told(session: Session, place: str, size: int) -> Iterator[None]:
    """A request that takes its time is told of: that it began, and that it is over."""
    if size < TOLD_BYTES:
        yield
        return
    with session.progress(place.rpartition("/")[2], size) as told:
        told(0)
        yield
        told(size)


def patience(deployment: Deployment) -> float | None:
    """How long an answer may take, if that is longer than it usually is."""
    code = deployment.code
    return BIG_READ_S if isinstance(code, Inline) and len(code.zip) > INLINE_BYTES else None


def _at(code: Oss) -> dict[str, str]:
    return {"ossBucketName": code.oss_bucket, "ossObjectName": code.oss_object_key}


def _fetched(session: Session, name: str, code: Zip) -> Inline | Oss:
    """Function Compute fetches no URL: an object of the region is named as one, anything else is fetched here."""
    found = _OSS_URL.fullmatch(code.zip_file)
    if found and found[2] == session.target.region:
        from urllib.parse import unquote

        return Oss(oss_bucket=found[1], oss_object_key=unquote(found[3]))
    field = "code" if code.from_code else "zip_file"
    raw = _get(code.zip_file)
    if len(raw) > MAX_PACKAGE_BYTES:
        what = f"has more than {MAX_PACKAGE_BYTES >> 20} MB"
        raise v2.refusal([checks.problem(field, what, hint="a smaller package, or a container image")], name)
    if broken := sources.zip_problem(raw):
        raise v2.refusal([checks.problem(field, broken, public(code.zip_file))], name)
    return Inline(zip=raw)


def _get(url: str) -> bytes:
    import requests

    shown = public(url)
    try:
        with requests.get(url, timeout=FETCH_S, stream=True) as reply:
            if reply.status_code != 200:
                raise InvalidArgument(f"{shown} answered HTTP {reply.status_code}, and no ZIP")
            found = BytesIO()
            for piece in reply.iter_content(1 << 20):
                found.write(piece)
                if found.tell() > MAX_PACKAGE_BYTES:
                    break
            return found.getvalue()
    except requests.RequestException as error:
        # not chained: the exception has the URL, and with it what may be secret in it
        raise ConnectionFailed(f"{shown} could not be fetched: {type(error).__name__}") from None
