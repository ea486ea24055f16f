"""The lines of a shell command, made a plain list, go."""

# %%
# lines = !printf 'a\nb\n'
plain = [str(line) for line in lines]

# %% deploy
def handler(event, context):
    return plain

# %% expect
# answers
