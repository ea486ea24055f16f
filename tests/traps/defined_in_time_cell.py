"""A function defined in a %%time cell has its source."""

# %%
# %%time
def double(x):
    return x * 2
base = double(4)

# %% deploy
def handler(event, context):
    return [double(base)]

# %% expect
# answers
