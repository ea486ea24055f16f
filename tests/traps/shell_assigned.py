"""What a shell line returned is a value: its lines."""

# %%
# lines = !printf 'a\nb\n'

# %%
count = len(lines)

# %% deploy
def handler(event, context):
    return [list(lines), count, lines.n]

# %% expect
# refused: lines | SList
