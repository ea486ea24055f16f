"""A global that a function sets is what it is now, and both write to one variable afterwards."""

# %%
state = 0
def bump():
    global state
    state += 1
    return state

# %%
bump(); bump()

# %% deploy
def handler(event, context):
    first = bump()
    return [first, state]

# %% expect
# event: null
# event: null
# answers
