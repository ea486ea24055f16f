"""Attributes of a function go with it."""

# %%
def price(x):
    return x * price.factor
price.factor = 3
price.table = {"a": [1]}

# %%
price.factor = 4
price.table["a"].append(2)

# %% deploy
def handler(event, context):
    return [price(10), price.table]

# %% expect
# answers
