"""Attributes that cells gave a function which a library has decorated."""

# %%
from contextlib import contextmanager
from functools import lru_cache, wraps
@lru_cache(None)
def double(x):
    double.calls += 1
    return 2 * x

@contextmanager
def opened(name):
    yield [name, opened.mode]

# %%
double.calls = 0
double.unit = ["m"]
setattr(opened, "mode", "r")

# %%
double(1), double(1), double(2)
double.unit.append("km")

# %% deploy
def handler(event, context):
    with opened("a") as found:
        return [double.calls, double.unit, double(5), double.calls, found]

# %% expect
# answers
