"""Functions of a file that %run ran, with what they need of that file."""

# %% file tools.py
FACTOR = 3
def scale(x):
    return inner(x) * FACTOR
def inner(x):
    return x + 1

# %%
# %run tools.py

# %% deploy
def handler(event, context):
    return [scale(1), FACTOR]

# %% expect
# answers
