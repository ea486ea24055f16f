"""A cache of the library's begins empty: what it holds is what the function would return."""

# %%
from functools import cache
runs = []
@cache
def square(n):
    runs.append(n)
    return n * n
square(4)

# %% deploy
def handler(event, context):
    return [square(4), square(5)]

# %% expect
# answers
