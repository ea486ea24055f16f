"""A list is what it is now, not what its assignment said."""

# %%
orders = [3, 1, 2]

# %%
orders.append(7)

# %%
orders.sort()

# %%
orders[0] = "first"

# %% deploy
def handler(event, context):
    return orders

# %% expect
# answers
