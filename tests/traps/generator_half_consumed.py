"""A generator that is half consumed has no source that says where it is."""

# %%
def naturals():
    n = 0
    while True:
        yield n
        n += 1
numbers = naturals()
next(numbers)

# %% deploy
def handler(event, context):
    return [next(numbers)]

# %% expect
# refused: numbers | generator
