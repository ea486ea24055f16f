"""A notebook's own open is that of Python."""

# %% file notes.txt
one
two

# %%
def lines(path):
    with open(path) as file:
        return file.read().split()

# %% deploy
def handler(event, context):
    with open("/tmp/notes.txt", "w") as file:
        file.write("a b")
    return lines("/tmp/notes.txt")

# %% expect
# answers
