"""typing.get_type_hints needs what annotations name in quotes."""

# %%
from typing import get_type_hints
class Order:
    pass
def ship(order: "Order", count: "int") -> "Order":
    return order

# %%
def hints():
    return sorted(f"{k} {v.__name__}" for k, v in get_type_hints(ship).items())

# %% deploy
def handler(event, context):
    return hints()

# %% expect
# answers
