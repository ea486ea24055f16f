"""A function whose code was replaced by that of another runs that."""

# %%
def f(x):
    return "old"
def g(x):
    return "swapped"
f.__code__ = g.__code__

# %% deploy
def handler(event, context):
    return [f(1)]

# %% expect
# answers
