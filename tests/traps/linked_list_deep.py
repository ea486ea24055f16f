"""A linked list of ten thousand nodes goes, and ends in no RecursionError."""

# %%
deep = None
for n in range(10_000):
    deep = [n, deep]

# %% deploy
def handler(event, context):
    count, one = 0, deep
    while one:
        count, one = count + 1, one[1]
    return [count]

# %% expect
# answers
