"""What was kept of a function before it was redefined is the older one."""

# %%
def f(x):
    return f"old {x}"

# %%
g = f

# %%
def f(x):
    return f"new {x}, was {g(x)}"

# %% deploy
def handler(event, context):
    return [f(1), g(1), g.__name__]

# %% expect
# answers
