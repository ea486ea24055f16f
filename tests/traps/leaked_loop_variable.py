"""A loop leaves its variable behind, and a function that uses it gets the last value."""

# %%
for row in ["a", "b", "c"]:
    pass

# %%
def last():
    return row

# %% deploy
def handler(event, context):
    return [last()]

# %% expect
# answers
