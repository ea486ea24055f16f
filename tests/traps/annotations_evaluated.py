"""Annotations are evaluated when a function is made, so what they name goes along."""

# %%
from typing import Callable, Optional
Vector = list

# %%
def add(a: Vector, f: Optional[Callable[[int], int]] = None) -> "Vector":
    return [add.__annotations__["a"].__name__, a]

# %% deploy
def handler(event, context):
    return add([1])

# %% expect
# answers
