"""Annotations of variables at the top need nothing once the value is a literal."""

# %%
from typing import Dict, Final
prices: "Dict[str, Undefined]" = {"a": 1}
LIMIT: Final[int] = 4
later: int

# %% deploy
def handler(event, context):
    return [prices, LIMIT]

# %% expect
# answers
