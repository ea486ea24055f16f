"""A function that took the place of an import is the function."""

# %%
from math import floor

# %%
def area(r):
    return floor(r * 10)

# %%
def floor(x):
    return f"floor of {x}"

# %% deploy
def handler(event, context):
    return [area(2.5)]

# %% expect
# answers
