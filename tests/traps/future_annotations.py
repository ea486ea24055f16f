"""Annotations that are never evaluated need nothing."""

# %%
from __future__ import annotations

# %%
def area(shape: NoSuchType, n: list[AlsoNot] = ()) -> Nowhere:
    return [str(area.__annotations__["shape"])]

# %% deploy
def handler(event, context):
    return area(1)

# %% expect
# answers
