"""Hears the one call of API 2016-08-15 that Serverless Devs still makes: where to upload code, and by which keys."""

from __future__ import annotations

import asyncio
import re
import uuid

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import FcError, InvalidArgument
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.grants import Grants
from fc_magic.server.identity import Identity
from fc_magic.server.objects.late import Late
from fc_magic.wire.wording import clipped

PATH = "/2016-08-15/tempBucketToken"
#: UNCONFIRMED: what the bucket is called, and for how many seconds its keys are good
BUCKET = "fc-temporary-code"
GOOD_S = 3600


def routes(objects: Late, grants: Grants, identity: Identity, verifier: Verifier) -> list[Route]:
    api = _Uploads(objects, grants, identity, verifier)
    return [http.route(PATH, http.answering(api.answer), methods=["GET"])]


class _Uploads:
    def __init__(self, objects: Late, grants: Grants, identity: Identity, verifier: Verifier) -> None:
        self._objects, self._grants, self._identity, self._verifier = objects, grants, identity, verifier

    async def answer(self, request: Request) -> Response:
        try:
            return await self._token(request)
        except FcError as error:
            return _in_old_words(error, request.state.request_id)

    async def _token(self, request: Request) -> Response:
        headers = http.head(request.scope)
        self._verifier.check_legacy("GET", request.scope["path"], request.query_params.multi_items(), headers)
        # the client puts the account that it was told before the name, whichever that is
        account = headers.get("x-fc-account-id") or self._identity.account_id
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", account):
            raise InvalidArgument(f"x-fc-account-id is {clipped(account)!r}, which is no account")
        from fc_magic.server.objects import temporary  # the object store is opened when it is needed

        store = await self._objects.store()
        await asyncio.to_thread(temporary.prepare, store, BUCKET)
        name = f"{uuid.uuid4().hex}.zip"
        grant = self._grants.give(BUCKET, f"{account}/{name}", GOOD_S)
        keys = {
            "AccessKeyId": grant.key_id,
            "AccessKeySecret": grant.secret,
            "SecurityToken": grant.token,
        }
        return http.answer({"credentials": keys, "ossBucket": BUCKET, "objectName": name})


def _in_old_words(error: FcError, request_id: str) -> Response:
    """Clients of that API read ErrorCode and ErrorMessage."""
    said = http.refusal(error, request_id)
    return http.answer(
        {**said, "ErrorCode": error.code, "ErrorMessage": error.message},
        error.status or 400,
        {"X-Fc-Request-Id": request_id},
    )
