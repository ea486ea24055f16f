"""A set of texts has no order of its own; what is made of it sorted is the same everywhere."""

# %%
letters = set("the quick brown fox")

# %%
def ordered():
    return sorted(letters)

# %% deploy
def handler(event, context):
    return ordered()

# %% expect
# answers
