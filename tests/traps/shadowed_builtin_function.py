"""A function of one's own that is called like a builtin is used."""

# %%
def len(x):
    return "len of mine"
def size(x):
    return len(x)

# %% deploy
def handler(event, context):
    return [size([1, 2, 3])]

# %% expect
# answers
