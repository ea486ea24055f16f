"""A closure goes with what it counts."""

# %%
def counter():
    n = 0
    def more():
        nonlocal n
        n += 1
        return n
    return more

# %%
ticket = counter()
ticket(); ticket()

# %% deploy
def handler(event, context):
    return [ticket(), ticket()]

# %% expect
# event: null
# event: null
# answers
