"""A cell that could not be read has bound nothing, and does not stand in the way."""

# %%
def f(x):
    return x

# %% fails
def f(x) return broken

# %% deploy
def handler(event, context):
    return [f(1)]

# %% expect
# answers
