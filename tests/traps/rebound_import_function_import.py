"""A name that was an import, then a function, then an import again is what it is now."""

# %%
from math import sqrt as root

# %%
def root(x):
    return "mine"

# %%
from math import isqrt as root

# %% deploy
def handler(event, context):
    return [root(17)]

# %% expect
# answers
# lacks: mine
