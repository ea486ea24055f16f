"""Names of a star import are imported."""

# %%
from math import *

# %%
def hyp(a, b):
    return sqrt(a * a + b * b)

# %% deploy
def handler(event, context):
    return [hyp(3, 4), floor(pi)]

# %% expect
# answers
