"""A module beside the notebook goes as a file, with what it imports beside it."""

# %% file shop.py
from prices import PRICES
import json
def total(names):
    return sum(PRICES[n] for n in names)

# %% file prices.py
PRICES = {"tea": 3, "bun": 2}

# %% file unused_one.py
raise RuntimeError("nobody imports this")

# %%
import shop
from prices import PRICES as P

# %% deploy
def handler(event, context):
    return [shop.total(["tea", "bun"]), P["tea"], sorted(shop.__name__)]

# %% expect
# answers
