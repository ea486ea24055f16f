"""A cell that was edited and run again counts as it ran last."""

# %%
def tax(x):
    return x * 0.1

# %%
def bill(x):
    return x + tax(x)

# %%
def tax(x):
    return x * 0.5

# %% deploy
def handler(event, context):
    return [bill(10)]

# %% expect
# answers
# lacks: 0.1
