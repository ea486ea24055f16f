"""The lines that a shell command gave go as the list of texts that they are."""

# %%
# lines = !printf 'a\nb\n'

# %% deploy
def handler(event, context):
    return lines + [len(lines)]

# %% expect
# answers
# has: lines = ["a", "b"]
