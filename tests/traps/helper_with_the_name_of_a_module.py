"""A function called like a module that a helper needs under another name."""

# %%
import random as rnd
def random():
    return "mine"
def pick():
    return [random(), rnd.Random(1).randint(5, 5)]

# %% deploy
def handler(event, context):
    return pick()

# %% expect
# answers
