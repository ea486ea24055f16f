"""A name that is excluded is not followed; the cell binds it itself."""

# %%
connection = open("/dev/null")
def ask(x):
    return [connection, x]

# %% deploy --exclude connection
connection = "made up there"
def handler(event, context):
    return ask(1)

# %% expect
# answers
