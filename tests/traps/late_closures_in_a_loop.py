"""Lambdas made in a loop have the variable of the loop as it is now."""

# %%
makers = []
for i in range(3):
    makers.append(lambda: i)
bound = [lambda x, k=k: x * k for k in range(3)]

# %%
i = 40

# %% deploy
def handler(event, context):
    return [[m() for m in makers], [b(10) for b in bound]]

# %% expect
# answers
