"""A cell that awaits at its top level, and what it defined."""

# %%
import asyncio
async def fetch():
    await asyncio.sleep(0)
    return [1, 2]
rows = await fetch()
def count():
    return len(rows)

# %% deploy
def handler(event, context):
    return [count()]

# %% expect
# answers
