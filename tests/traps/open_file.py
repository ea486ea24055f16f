"""An open file stays where it is."""

# %% file notes.txt
one
two

# %%
log = open("notes.txt")

# %% deploy
def handler(event, context):
    return log.read().split()

# %% expect
# refused: log | file
