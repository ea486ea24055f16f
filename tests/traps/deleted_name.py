"""A name that was deleted is undefined, whatever older cells say."""

# %%
helper_value = 1

# %%
del helper_value

# %%
def use():
    return helper_value

# %% deploy
def handler(event, context):
    return [use()]

# %% expect
# refused: helper_value
