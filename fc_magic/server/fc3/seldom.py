"""All of FC 3.0's API but functions themselves: asked for seldom, so that a server starts without it."""

from __future__ import annotations

from starlette.routing import Route

from fc_magic.server.auth import Verifier
from fc_magic.server.engine import Engine
from fc_magic.server.fc3 import (
    account,
    aliases,
    async_config,
    code,
    concurrency,
    domains,
    layers,
    legacy,
    provision,
    restriction,
    stats,
    tags,
    tasks,
    triggers,
    unserved,
    versions,
)
from fc_magic.server.grants import Grants
from fc_magic.server.links import Links
from fc_magic.server.objects.late import Late


def routes(engine: Engine, verifier: Verifier, objects: Late, grants: Grants, links: Links) -> list[Route]:
    return [
        *versions.routes(engine, verifier),
        *aliases.routes(engine, verifier),
        *async_config.routes(engine, verifier),
        *tasks.routes(engine, verifier),
        *concurrency.routes(engine, verifier),
        *provision.routes(engine, verifier),
        *layers.routes(engine, verifier, links),
        *triggers.routes(engine, verifier),
        *domains.routes(engine, verifier),
        *tags.routes(engine, verifier),
        *restriction.routes(engine, verifier),
        *account.routes(engine, verifier),
        *code.routes(engine, verifier, links),
        *stats.routes(engine, verifier),
        *legacy.routes(objects, grants, engine.identity, verifier),
        *unserved.routes(verifier),
    ]
