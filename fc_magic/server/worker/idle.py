"""Looks at what instances hold that nobody calls: a thread of the function may go on meanwhile, and grow."""

from __future__ import annotations

import asyncio

from fc_magic.server.worker.pool import Pool

#: each is looked at once in that time
ROUND_S = 1.5


async def watch(pool: Pool) -> None:
    """Without end, one after the other: all at once would hold up the calls of others."""
    while True:
        idle = pool.idle()
        for held in idle:
            await asyncio.sleep(ROUND_S / len(idle))
            if held.instance.alive and not held.leases:
                await held.instance.glance()
                if not held.instance.alive:
                    pool.reclaim()
        if not idle:
            await asyncio.sleep(ROUND_S)
