"""Two names of one list, and a list within a dict, stay one list."""

# %%
shared = [1]
also = shared
holder = {"one": shared, "two": [shared, shared]}

# %% deploy
def handler(event, context):
    shared.append(2)
    return [also, holder, also is holder["two"][1]]

# %% expect
# answers
