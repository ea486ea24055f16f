"""A function's name and doc that were set by hand."""

# %%
def f(x):
    "Old doc."
    return x
f.__name__ = "renamed"
f.__doc__ = "New doc."

# %% deploy
def handler(event, context):
    return [f(1), f.__name__, f.__doc__]

# %% expect
# answers
