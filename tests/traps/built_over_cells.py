"""A table that is built over several cells goes whole."""

# %%
table = {}

# %%
for word in "one two three".split():
    table[word] = len(word)

# %%
table.update(four=4)
del table["one"]

# %% deploy
def handler(event, context):
    return [list(table.items()), "one" in table]

# %% expect
# answers
