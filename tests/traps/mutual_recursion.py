"""Functions that call each other go together."""

# %%
def even(n):
    return True if n == 0 else odd(n - 1)

# %%
def odd(n):
    return False if n == 0 else even(n - 1)

# %% deploy
def handler(event, context):
    return [even(10), odd(7), even(3)]

# %% expect
# answers
