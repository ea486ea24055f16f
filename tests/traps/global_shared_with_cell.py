"""A helper and the deployed cell write the same global."""

# %%
hits = []
total = 0
def hit(x):
    global total
    total += x
    hits.append(x)

# %% deploy
def handler(event, context):
    global total
    hit(2)
    total += 10
    hit(3)
    return [total, hits]

# %% expect
# event: null
# event: null
# answers
