"""Reads what is to be deployed: what is wrong with it, for itself and beside what is here already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fc_magic.errors import NotSupported, Problem
from fc_magic.server import served
from fc_magic.server.domains import Domains
from fc_magic.server.identity import Identity
from fc_magic.server.layers import Layers
from fc_magic.server.rules import Rules
from fc_magic.server.worker import runtimes
from fc_magic.wire import spec, v2
from fc_magic.wire.function_fields import Asked
from fc_magic.wire.spec import Deployment
from fc_magic.wire.triggers import Trigger


class Reading:
    """May run in threads: a package may be large, and the first look for an interpreter runs it."""

    def __init__(self, identity: Identity, layers: Layers, domains: Domains, rules: Rules) -> None:
        self._identity, self._layers, self._domains, self._rules = identity, layers, domains, rules

    def decode(
        self, body: Any, wrong: Iterable[Problem] = (), needs_role: bool = True
    ) -> tuple[Deployment, list[str]]:
        """A body as this server can run it. Every problem, and what is ``wrong`` beside it, in one refusal."""
        read = v2.read(body, self.serves(body), needs_role)
        taken = self.taken(read.name, read.triggers)
        missing = self._layers.problems(read.layers, str(body.get("runtime")))
        wrong = [*wrong, *taken, *missing, *served.wrong(read)]
        deployment, warnings = read.whole(wrong, served.unserved(read))
        return deployment.located(self._identity.region, self._identity.account_id), warnings

    def taken(self, name: str, triggers: Mapping[int, Trigger]) -> list[Problem]:
        """What of the triggers another function has, or no function here can have."""
        return [*self._domains.problems(name, triggers), *self._rules.problems(name, triggers)]

    def serves(self, body: Any) -> tuple[str, ...]:
        # an image needs custom-container: then it is not the runtime that cannot be served, but the image
        image = isinstance(body, Mapping) and any(body.get(n) for n in spec.IMAGE_FIELDS)
        return (*runtimes.served(), "custom-container") if image else runtimes.served()

    def asked(self, asked: Asked) -> tuple[Deployment, list[str]]:
        """The same of what FC 3.0's own API asks for, which publishes nothing."""
        if asked.unserved:
            text = "not everything that is asked for exists here"
            raise NotSupported(text, problems=(*asked.unserved, *asked.wrong))
        deployment, warnings = self.decode(asked.body, asked.wrong, needs_role=False)
        return deployment.model_copy(update={"publish": False}), [*asked.warnings, *warnings]
