"""``--dry-run``: asks the target what is live and compares; where nobody can be asked, shows what it can."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from fc_magic.errors import (
    ApiError,
    ConnectionFailed,
    FcError,
    InvalidArgument,
    NotSupported,
    ServerStartFailed,
    UsageError,
)
from fc_magic.language.speech import say, translated
from fc_magic.notebook import place
from fc_magic.notebook.line import options
from fc_magic.notebook.plan import costs
from fc_magic.notebook.plan.comparing import UNCHANGED, Plan, compare, unreached
from fc_magic.notebook.preview import Preview
from fc_magic.wire import prices

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.build import Built
    from fc_magic.notebook.line.options import Line
    from fc_magic.notebook.reach import Reach

RATE = "rate"


def preview(reach: Reach, line: Line, built: Built) -> Preview:
    """Raises UsageError, and what a deployment would be refused for before anything is sent."""
    rate = prices.rate(line.extra[RATE]) if RATE in line.extra else None
    with reach.at(place.of(line.extra)):
        try:
            return Preview(line.name, built, _planned(reach, built, rate))
        except (InvalidArgument, NotSupported) as error:
            options.on_the_line(error, line.origins)
            raise


def _planned(reach: Reach, built: Built, rate: prices.Rate | None) -> Plan:
    try:
        client = _client(reach)
        plan = compare(client, built)
    except (InvalidArgument, NotSupported):
        raise
    except _Unreached as error:
        return _estimated(unreached(built, error.why), rate, None)
    except (ApiError, ConnectionFailed) as error:
        return _estimated(unreached(built, _why(reach, error)), rate, None)
    return _estimated(plan, rate, client)


class _Unreached(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _client(reach: Reach) -> Client:
    try:
        return reach.client()
    except (ApiError, ConnectionFailed, ServerStartFailed) as error:
        raise _Unreached(_why(reach, error)) from error
    except UsageError as error:
        if not error.problems:
            raise  # a wrong name of a target; for want of a key there is a list of what was tried
        raise _Unreached(_why(reach, error)) from error


def _why(reach: Reach, error: FcError) -> str:
    said = translated(error.message.partition("\n")[0].rstrip("."))
    return say("what is live on {0} is not known: {1}", reach.where(), said)


def _estimated(plan: Plan, rate: prices.Rate | None, client: Client | None) -> Plan:
    if plan.outcome == UNCHANGED or not plan.memory:
        return plan
    function = plan.function
    found = costs.measured(client, function.name) if client and function else None
    usual = rate or prices.rate(costs.USUAL_RATE)
    estimate = costs.of(plan.memory, plan.timeout, usual, found, function)
    return dataclasses.replace(plan, estimate=dataclasses.replace(estimate, is_rate_given=rate is not None))
