"""A function that yields goes as any other."""

# %%
def countdown(n):
    while n:
        got = yield n
        n -= 1
    return "done"
def chained(n):
    yield (yield from countdown(n))

# %% deploy
def handler(event, context):
    return list(chained(3))

# %% expect
# answers
