"""A cell that was pasted with an indent ran, and its functions go."""

# %%
    K = 3
    def f(x):
        text = """
        kept as it was read
        """
        return [x * K, text]

# %% deploy
def handler(event, context):
    return f(2)

# %% expect
# answers
