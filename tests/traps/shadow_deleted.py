"""A builtin that was shadowed and is free again is the builtin."""

# %%
max = 3

# %%
del max

# %%
def top(xs):
    return max(xs)

# %% deploy
def handler(event, context):
    return [top([1, 5, 2])]

# %% expect
# answers
# lacks: max = 3
