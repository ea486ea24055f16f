"""A function that was made by another holds its data, large and small."""

# %%
def lookup(table):
    return lambda key: table.get(key, "?")

# %%
table = {"a": 1}
find = lookup(table)
table["b"] = 2

# %%
table = "another thing"

# %% deploy
def handler(event, context):
    return [find("a"), find("b"), find("c")]

# %% expect
# answers
