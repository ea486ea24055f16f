"""A cell that ran twice is in the slice once, and its value is that after the second run."""

# %%
items = globals().get("items", [])
items.append(len(items))

# %%
items = globals().get("items", [])
items.append(len(items))

# %% deploy
def handler(event, context):
    return items

# %% expect
# answers
