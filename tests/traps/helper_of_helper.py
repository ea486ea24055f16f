"""A helper that calls a helper, with a constant: all three go, and nothing else."""

# %%
RATE = 0.25
UNUSED = "nobody needs this"

# %%
def net(price):
    return price / (1 + RATE)

# %%
def shown(price):
    return f"{net(price):.2f}"
def unused():
    return UNUSED

# %% deploy
def handler(event, context):
    return [shown(120), shown(99.5)]

# %% expect
# answers
# has: RATE = 0.25
# lacks: UNUSED
# lacks: def unused
