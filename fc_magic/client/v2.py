"""Says it in one call: the deployments API."""

from __future__ import annotations

import dataclasses
from typing import Any

from fc_magic.client import code
from fc_magic.client.session import Session
from fc_magic.client.steps import Steps
from fc_magic.errors import ApiError, DeploymentAlreadyExists, FunctionNotFound, PathNotSupported
from fc_magic.wire import v2
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import LATEST, Function
from fc_magic.wire.spec import Deployment, Inline
from fc_magic.wire.triggers import Http, address

KEPT = "what ran before still runs"


class Deployments:
    """The verbs of ``/v2/{region}/deployments`` on one session."""

    def __init__(self, session: Session) -> None:
        self._session, self._region = session, session.target.region

    def deploy(self, deployment: Deployment) -> tuple[Function, str]:
        """The function, and what was done: created, updated or unchanged."""
        live = self._live(deployment.name)
        if live and is_same(deployment, live):
            return live, "unchanged"
        wait, steps = code.patience(deployment), Steps(deployment.name, one_call=True)
        with steps.telling(), code.sent(self._session, deployment) as sent:
            with steps.step(*(("update it", KEPT) if live else ("create it",))):
                function, outcome = self._put(sent, live, wait)
        return dataclasses.replace(function, before=live), outcome

    def _put(self, deployment: Deployment, live: Function | None, wait: float | None) -> tuple[Function, str]:
        if live is None:
            try:
                return self._write("POST", "CreateDeployment", deployment, wait), "created"
            except DeploymentAlreadyExists:
                pass  # somebody else was faster, or an earlier try of ours arrived after all
        try:
            function = self._write("PUT", "UpdateDeployment", deployment, wait)
            # a layer may have been named as latest, or by its ARN, and an address may be that of a custom domain:
            # what that means is for the endpoint to say
            may_be_same = deployment.layers or _is_same_but_for_urls(deployment, live)
            same = may_be_same and _is_as_it_was(live, function)
            return function, "unchanged" if same else "updated"
        except FunctionNotFound:
            return self._write("POST", "CreateDeployment", deployment, wait), "created"

    def _live(self, name: str) -> Function | None:
        """What runs now; None also where the endpoint has only the published POST."""
        try:
            return self.get(name)
        except (FunctionNotFound, PathNotSupported):
            return None
        except ApiError as error:
            if error.status in (404, 405):
                return None
            raise

    def _write(self, method: str, action: str, deployment: Deployment, wait: float | None) -> Function:
        path, body = v2.path(self._region, "" if method == "POST" else deployment.name), v2.encode(deployment)
        reply = self._session.call(action, v2.VERSION, method, path, body=body, read_timeout=wait)
        return reply.read(v2.decode_function)

    def get(self, name: str) -> Function:
        reply = self._session.call("GetDeployment", v2.VERSION, "GET", v2.path(self._region, name))
        return reply.read(v2.decode_function)

    def list(self, prefix: str = "") -> tuple[list[Function], list[str]]:
        """Every function, and warnings about what could not be listed."""
        found: list[Function] = []
        warnings: list[str] = []
        token = ""
        while True:
            query = {k: v for k, v in {"prefix": prefix, "nextToken": token, "limit": "100"}.items() if v}
            reply = self._session.call(
                "ListDeployments", v2.VERSION, "GET", v2.path(self._region), query=query
            )
            page, warned, token = reply.read(_page)
            found += page
            warnings += warned
            if not token:
                return found, warnings

    def glance(self) -> None:
        path = v2.path(self._region)
        self._session.call("ListDeployments", v2.VERSION, "GET", path, query={"limit": "1"})

    def delete(self, name: str) -> None:
        # deleted by a try whose answer got lost: then the next one finds nothing, and that is as it should be
        path, steps = v2.path(self._region, name), Steps(name, "delete", one_call=True)
        with steps.telling(), steps.step("delete it"):
            self._session.call("DeleteDeployment", v2.VERSION, "DELETE", path, done_status=404)


def _page(answer: Any) -> tuple[list[Function], list[str], str]:
    page = [v2.decode_function(found) for found in answer.get("deployments") or []]
    return page, [str(text) for text in answer.get("warnings") or []], answer.get("nextToken") or ""


def _is_as_it_was(live: Function | None, function: Function) -> bool:
    """Other triggers make no other revision, and dates are of a second: so they are looked at, too."""
    return (
        live is not None
        and _revision(live) == _revision(function)
        and _without_urls(live.settings()) == _without_urls(function.settings())
        and _addresses(live) == _addresses(function)
    )


def _addresses(function: Function) -> set[tuple[str, str]]:
    """Where it answers, whoever says so."""
    said = [trigger.url for trigger in function.triggers if isinstance(trigger, Http)]
    return {address(url) for url in (*said, *(u.url for u in function.urls)) if url}


def _revision(function: Function) -> tuple[str, str, int, str]:
    return function.function_id, function.version, function.revision, function.last_modified_time


def is_same(deployment: Deployment, live: Function) -> bool:
    """Whether deploying would change nothing. Code that is elsewhere may have changed, so it never is."""
    return _has_same_code(deployment, live) and deployment.settings() == live.settings()


def _has_same_code(deployment: Deployment, live: Function) -> bool:
    return (
        isinstance(deployment.code, Inline)
        and not (deployment.publish and live.version == LATEST)
        and not live.source
        and live.code_checksum == crc64(deployment.code.zip)
    )


def _is_same_but_for_urls(deployment: Deployment, live: Function | None) -> bool:
    if live is None or not _has_same_code(deployment, live):
        return False
    return _without_urls(deployment.settings()) == _without_urls(live.settings())


def _without_urls(settings: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "triggers": [{**trigger, "url": None} for trigger in settings["triggers"]]}
