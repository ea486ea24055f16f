"""A name that the deployed cell binds itself is its own, for the helpers too."""

# %%
rate = 1
def price(x):
    return x * rate

# %% deploy
rate = 7
def handler(event, context):
    return [price(2)]

# %% expect
# answers
