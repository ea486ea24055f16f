"""Defaults that were set on the function are those."""

# %%
def f(a, b=1, *, c=2):
    return [a, b, c]

# %%
f.__defaults__ = (10,)
f.__kwdefaults__ = {"c": 20}

# %% deploy
def handler(event, context):
    return f(0)

# %% expect
# answers
