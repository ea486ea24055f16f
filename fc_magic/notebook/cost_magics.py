"""``%fccost``: what calls of a deployed function cost.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fc_magic.notebook.line.arguments import named

if TYPE_CHECKING:
    from fc_magic.notebook.plan.cost_card import Costs

USAGE = "%fccost NAME [--rate 10/s]"


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    return [
        (
            "fccost",
            CostMagics(magics).fccost,
            lambda: f"{USAGE}: what its calls cost, by what was measured of them, and what would suit better",
        )
    ]


class CostMagics:
    """``magics``: the settings and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    def fccost(self, line: str, cell: str | None = None) -> Costs:
        from fc_magic.notebook.plan import costs
        from fc_magic.notebook.plan.cost_card import Costs
        from fc_magic.wire import prices

        name, given = named(line, {"rate": costs.USUAL_RATE}, USAGE)
        rate, client = prices.rate(given["rate"]), self._magics.client()
        function = self._magics.named(name, lambda: client.get(name).info)
        found = costs.measured(client, name)
        return Costs(name, costs.of(function.memory, function.timeout, rate, found, function))
