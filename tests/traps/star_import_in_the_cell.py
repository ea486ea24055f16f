"""A star import in the deployed cell hides what the notebook has of these names."""

# %%
def sqrt(x):
    return "mine"
def area(x):
    return sqrt(x)

# %% deploy
from math import *
def handler(event, context):
    return [area(16), sqrt(4)]

# %% expect
# answers
