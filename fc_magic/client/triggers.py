"""The triggers of a function in FC 3.0's words: one resource each, brought in line with a deployment."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from fc_magic.client.session import Session
from fc_magic.client.steps import Steps
from fc_magic.errors import FcError, TriggerAlreadyExists, TriggerNotFound
from fc_magic.wire import fc3, translation, triggers
from fc_magic.wire.signature import percent
from fc_magic.wire.spec import Deployment
from fc_magic.wire.triggers import Trigger

#: which UpdateTrigger cannot change at all
NOT_UPDATED = ("mns_topic", "tablestore")
_CHANGEABLE = ("triggerConfig", "description", "invocationRole", "qualifier")


class Triggers:
    def __init__(self, session: Session) -> None:
        self._session = session
        #: what was said of those that were created or changed
        self.warnings: list[str] = []

    def of(self, name: str) -> list[dict[str, Any]]:
        """As Function Compute answers them."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"limit": "100", **({"nextToken": token} if token else {})}
            reply = self._session.call("ListTriggers", fc3.VERSION, "GET", _path(name), query=query)
            page, token = reply.read(
                lambda said: (list(said.get("triggers") or ()), said.get("nextToken") or "")
            )
            found += page
            if not token:
                return found

    def plan(self, deployment: Deployment, there: Iterable[Mapping[str, Any]]) -> list[str]:
        """The steps that :meth:`align` would take."""
        before = {item["triggerName"]: item for item in there}
        gone = [name for name in before if name not in {t.name for t in deployment.triggers}]
        new = [t.name for t in deployment.triggers if t.name not in before]
        other = [t.name for t in deployment.triggers if t.name in before and not _is_same(t, before[t.name])]
        words = {"delete": gone, "create": new, "update": other}
        return [f"{verb} trigger {name}" for verb, names in words.items() for name in names]

    def align(self, deployment: Deployment, there: Iterable[Mapping[str, Any]], steps: Steps) -> bool:
        """New ones are created, those that are gone are deleted, others updated; whether anything was done."""
        name, before = deployment.name, {item["triggerName"]: item for item in there}
        count = len(steps.done)
        for gone in [item for item in before if item not in {t.name for t in deployment.triggers}]:
            with steps.step(f"delete trigger {gone}"):
                self.delete(name, gone)
        for trigger in deployment.triggers:
            old = before.get(trigger.name or "")
            if old is None:
                with steps.step(f"create trigger {trigger.name}"):
                    self._create(name, trigger)
            elif not _is_same(trigger, old):
                kept = "it works as before" if _can_change(trigger, old) else ""
                with steps.step(f"update trigger {trigger.name}", kept):
                    self._change(name, trigger, old)
        return len(steps.done) > count

    def _create(self, name: str, trigger: Trigger) -> None:
        try:
            self._sent("CreateTrigger", "POST", _path(name), translation.encode_trigger(trigger))
        except TriggerAlreadyExists:
            # of an earlier try whose answer got lost, if it is the same
            path = _path(name, trigger.name or "")
            old = self._session.call("GetTrigger", fc3.VERSION, "GET", path).read(dict)
            if not _is_same(trigger, old):
                self._change(name, trigger, old)

    def _sent(self, action: str, method: str, path: str, body: Mapping[str, Any]) -> None:
        answer = self._session.call(action, fc3.VERSION, method, path, body=body).read(dict)
        self.warnings += [str(text) for text in answer.get("warnings") or ()]

    def _change(self, name: str, trigger: Trigger, old: Mapping[str, Any]) -> None:
        if not _can_change(trigger, old):
            self._replace(name, trigger, old)
            return
        body = translation.encode_trigger(trigger)
        changes = {key: body[key] for key in _CHANGEABLE if key in body}
        changes.setdefault("description", "")
        self._sent("UpdateTrigger", "PUT", _path(name, trigger.name or ""), changes)

    def _replace(self, name: str, trigger: Trigger, old: Mapping[str, Any]) -> None:
        """What cannot be updated is deleted and created; if that fails, the one before is put back."""
        self.delete(name, old["triggerName"])
        try:
            self._create(name, trigger)
        except FcError as error:
            keys = ("triggerName", "triggerType", "sourceArn", *_CHANGEABLE)
            before = {key: old[key] for key in keys if old.get(key)}
            try:
                self._sent("CreateTrigger", "POST", _path(name), before)
                state = "the one before was put back"
            except FcError:
                state = "it was removed, and could not be put back"
            error.message = f"{error.message.rstrip('.')}. Trigger {trigger.name}: {state}"
            error.args = (error.message,)
            raise

    def delete(self, name: str, trigger: str) -> None:
        with contextlib.suppress(TriggerNotFound):  # somebody else was faster
            self._session.call("DeleteTrigger", fc3.VERSION, "DELETE", _path(name, trigger), done_status=404)


def _path(name: str, trigger: str = "") -> str:
    return fc3.functions_path(name) + "/triggers" + (f"/{percent(trigger)}" if trigger else "")


def _can_change(trigger: Trigger, old: Mapping[str, Any]) -> bool:
    """Whether UpdateTrigger makes the one of the other."""
    kind, source = old.get("triggerType"), old.get("sourceArn") or ""
    asked = translation.encode_trigger(trigger).get("sourceArn", "")
    return kind not in NOT_UPDATED and kind == trigger.type and source == asked


def _is_same(trigger: Trigger, item: Mapping[str, Any]) -> bool:
    """As what they mean: how the config is written does not count, nor an address, which is a custom domain."""
    mine, theirs = triggers.meaning(trigger), triggers.meaning(translation.decode_trigger(item))
    return {**mine, "url": None} == {**theirs, "url": None}
