"""A long text goes as a file beside the code."""

# %%
story = "once upon a time, é\n" * 5000
words = story.split()

# %% deploy
def handler(event, context):
    return [len(story), story[-5:], len(words), words[-1]]

# %% expect
# answers
