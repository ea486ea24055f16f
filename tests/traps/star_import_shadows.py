"""A star import takes names away, builtins too, and the last one counts."""

# %%
def e():
    return "mine"
pow_ = pow

# %%
from math import *

# %%
def f():
    return [round(e, 3), pow(2, 3), pow_(2, 3)]

# %% deploy
def handler(event, context):
    return [repr(x) for x in f()]

# %% expect
# answers
