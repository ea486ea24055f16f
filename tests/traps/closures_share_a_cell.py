"""Two closures that share a variable still share it."""

# %%
def account(balance):
    def put(x):
        nonlocal balance
        balance += x
        return balance
    def get():
        return balance
    return put, get

# %%
put, get = account(100)
put(5)

# %% deploy
def handler(event, context):
    before = get()
    put(1)
    return [before, get()]

# %% expect
# event: null
# event: null
# answers
