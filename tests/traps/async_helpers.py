"""Coroutines, async generators and async comprehensions of helpers."""

# %%
import asyncio
async def tick(n):
    for k in range(n):
        await asyncio.sleep(0)
        yield k
async def gather(n):
    return [k async for k in tick(n)]

# %% deploy
def handler(event, context):
    async def both():
        return await asyncio.gather(gather(2), gather(3))
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(both())
    finally:
        loop.close()

# %% expect
# answers
