"""What a shell line returned knows more than its lines; code that asks for that is refused."""

# %%
# lines = !printf 'a\nb\n'

# %%
count = len(lines)

# %% deploy
def handler(event, context):
    return [list(lines), count, lines.n]

# %% expect
# refused: lines | SList
