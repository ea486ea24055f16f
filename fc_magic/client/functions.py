"""Says a deployment in Function Compute 3.0's own words: a function, then its triggers and addresses, then a version.

There is no transaction over these calls, so each is made in a way that it can be repeated: what an earlier try has
done is found and left, and when one fails the error says what is done and what is not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fc_magic.client import code
from fc_magic.client.domains import Domains
from fc_magic.client.layers import Layers
from fc_magic.client.ready import until_ready
from fc_magic.client.session import Session
from fc_magic.client.steps import Steps
from fc_magic.client.triggers import Triggers
from fc_magic.client.versions import Versions
from fc_magic.errors import (
    BadResponse,
    FunctionAlreadyExists,
    FunctionNotFound,
    LayerVersionNotFound,
    UsageError,
)
from fc_magic.wire import fc3, translation
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import LATEST, Function
from fc_magic.wire.spec import Deployment, Inline, Layer
from fc_magic.wire.translation import Address

#: functions whose triggers are asked for at once
AT_ONCE = 8
PAGE = "100"
KEPT = "what ran before still runs"


class Functions:
    """The verbs of a deployment on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._layers, self._triggers, self._versions = Layers(session), Triggers(session), Versions(session)

    # ------------------------------------------------------------ reading

    def get(self, name: str) -> Function:
        """The function with its triggers and addresses. Raises FunctionNotFound."""
        answer = self._answer(name)
        found = self._triggers.of(name)
        return _decoded(
            answer, found, Domains(self._session).of(name, found), self._versions.deployed(name, answer)
        )

    def _answer(self, name: str) -> dict[str, Any]:
        reply = self._session.call("GetFunction", fc3.VERSION, "GET", fc3.functions_path(name))
        return reply.read(_object)

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            query = {k: v for k, v in {"prefix": prefix, "nextToken": token, "limit": PAGE}.items() if v}
            path = fc3.functions_path()
            answer = self._session.call("ListFunctions", fc3.VERSION, "GET", path, query=query).read(_object)
            yield from answer.get("functions") or ()
            token = answer.get("nextToken") or ""
            if not token:
                return

    def glance(self) -> None:
        path = fc3.functions_path()
        self._session.call("ListFunctions", fc3.VERSION, "GET", path, query={"limit": "1"})

    def delete(self, name: str) -> None:
        """The function and everything of it; routes of custom domains that led to it too."""
        self._answer(name)  # a name that is not there is said to be so
        steps = Steps(name, "delete")
        with steps.telling():
            self._delete(name, steps)

    def _delete(self, name: str, steps: Steps) -> None:
        found = self._triggers.of(name)
        with steps.step("withdraw its addresses"):
            Domains(self._session).withdraw(name)
        for trigger in found:
            with steps.step(f"delete trigger {trigger['triggerName']}"):
                self._triggers.delete(name, trigger["triggerName"])
        with steps.step("delete its aliases and versions"):
            self._versions.clear(name)
        with steps.step("delete the function"):
            path = fc3.functions_path(name)
            self._session.call("DeleteFunction", fc3.VERSION, "DELETE", path, done_status=404)

    # ------------------------------------------------------------ deploying

    def deploy(self, deployment: Deployment) -> tuple[Function, str]:
        """The function, and what was done: created, updated or unchanged."""
        steps = Steps(deployment.name)
        with steps.telling():
            return self._deploy(self._pinned(deployment), steps)

    def _deploy(self, deployment: Deployment, steps: Steps) -> tuple[Function, str]:
        name, domains, triggers = deployment.name, Domains(self._session), Triggers(self._session)
        live = self._live(name)
        called_by = triggers.of(name) if live else []
        before = _before(live, called_by)
        domains.check(deployment)
        steps.ahead = triggers.plan(deployment, called_by)
        steps.ahead += ["publish a version"] if deployment.publish else []
        answer, outcome = self._write(deployment, live, steps)
        if live is None and outcome != "created":  # an earlier try of ours, or somebody else, was faster
            called_by, outcome = triggers.of(name), "created"
        withdrawn = domains.take_back(deployment, called_by, steps)
        changed = triggers.align(deployment, called_by, steps)
        called_by = triggers.of(name) if changed else called_by
        moved = domains.lead(deployment, steps) or changed or withdrawn
        version = self._versions.deployed(name, answer) if outcome == "unchanged" else ""
        if deployment.publish and not version:
            with steps.step("publish a version"):
                version, moved = self._versions.publish(name, deployment.description).id, True
        answer = {
            **answer,
            "warnings": [*(answer.get("warnings") or ()), *triggers.warnings, *domains.warnings],
        }
        outcome = "updated" if moved and outcome == "unchanged" else outcome
        function = _decoded(answer, called_by, domains.of(name, called_by), version)
        return dataclasses.replace(function, before=before), outcome

    def _live(self, name: str) -> dict[str, Any] | None:
        try:
            return self._answer(name)
        except FunctionNotFound:
            return None

    def _pinned(self, deployment: Deployment) -> Deployment:
        """With numbers for layers that are named as their latest version."""
        return deployment.model_copy(update={"layers": tuple(self._pin(one) for one in deployment.layers)})

    def _pin(self, layer: Layer) -> Layer:
        if layer.version != "latest":
            return layer
        found = self._layers.versions(layer.name)
        if not found:
            raise LayerVersionNotFound(f"there is no layer {layer.name} here", hint="%fclayers lists them")
        return Layer(name=layer.name, version=str(found[0].version))

    def _arns(self, deployment: Deployment, live: Mapping[str, Any] | None) -> list[str]:
        target = self._session.target
        account = target.account_id or ((live or {}).get("functionArn") or ":::").split(":")[3]
        own = [layer.name for layer in deployment.layers if ":" not in layer.name]
        if own and not account:
            what = f"layer {own[0]} has no ARN without the account id"
            raise UsageError(what, hint="set account_id, or name the layer by its ARN")
        return [translation.layer_arn(layer, target.region, account) for layer in deployment.layers]

    def _write(
        self, deployment: Deployment, live: dict[str, Any] | None, steps: Steps
    ) -> tuple[dict[str, Any], str]:
        """The function as it is then, and what was done."""
        layers = self._arns(deployment, live)
        if live is None:
            with code.located(self._session, deployment) as where, steps.step("create the function"):
                body = translation.encode(deployment, where, layers)
                try:
                    return self._sent("CreateFunction", "POST", "", body, deployment), "created"
                except FunctionAlreadyExists:
                    # an earlier try arrived after all, or somebody else was faster
                    live = self._answer(deployment.name)
        there = translation.decode(live)
        if _is_same(deployment, there, live, layers):
            return live, "unchanged"
        with code.located(self._session, deployment, there) as where, steps.step("update the function", KEPT):
            body = translation.encode_changes(deployment, there, where, layers)
            return self._sent("UpdateFunction", "PUT", deployment.name, body, deployment), "updated"

    def _sent(
        self, action: str, method: str, place: str, body: Any, deployment: Deployment
    ) -> dict[str, Any]:
        path, wait = fc3.functions_path(place), code.patience(deployment)
        reply = self._session.call(action, fc3.VERSION, method, path, body=body, read_timeout=wait)
        return until_ready(self._session, deployment.name, reply.read(_object))

    # ------------------------------------------------------------ all of them

    def _called_by(self, item: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """None if the function was deleted meanwhile."""
        try:
            return self._triggers.of(item["functionName"])
        except FunctionNotFound:
            return None

    def list(self, prefix: str = "") -> tuple[list[Function], list[str]]:
        """Every function, without its version, and warnings about what could not be listed."""
        found = [{**item, "version": ""} for item in self._pages(prefix)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            called_by = list(pool.map(self._called_by, found))
        domains = Domains(self._session)
        return [
            translation.decode(item, triggers, domains.of(item["functionName"], triggers))
            for item, triggers in zip(found, called_by, strict=True)
            if triggers is not None
        ], []


def _before(live: dict[str, Any] | None, called_by: Sequence[Mapping[str, Any]]) -> Function | None:
    """Without its addresses; the version is not known where the answer has none."""
    return _decoded(live, called_by, (), str(live.get("version") or "")) if live else None


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TypeError("the answer is not a JSON object")
    return answer


def _decoded(
    answer: Mapping[str, Any],
    called_by: Sequence[Mapping[str, Any]],
    addresses: Sequence[Address],
    version: str,
) -> Function:
    try:
        return translation.decode({**answer, "version": version or LATEST}, called_by, addresses)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"the endpoint answered, and not as Function Compute does: {type(error).__name__}"
        raise BadResponse(what, hint="check the address of the target") from error


def _is_same(
    deployment: Deployment, live: Function, answer: Mapping[str, Any], layers: Sequence[str]
) -> bool:
    """Whether UpdateFunction would change nothing. Code that is elsewhere may have changed, so it never is."""
    if not isinstance(deployment.code, Inline) or crc64(deployment.code.zip) != live.code_checksum:
        return False
    asked, there = deployment.settings(), live.settings()
    had = [layer["arn"] for layer in answer.get("layers") or ()]
    beside = ("triggers", "layers")
    return list(layers) == had and all(asked[key] == there[key] for key in asked if key not in beside)
