"""A deployed cell may begin with a future import; it comes first in the file."""

# %%
from typing import List
def f(x: List[int]) -> int:
    return [x, str(f.__annotations__["return"])]

# %% deploy
from __future__ import annotations
def handler(event: NoSuchType, context):
    return f([1])

# %% expect
# answers
