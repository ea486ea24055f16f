"""An object with much in it is read from a file, by what is written before it is read."""

# %%
class Vocabulary:
    def __init__(self, words):
        self.words = set(words)
        self.by_size = {}
        for word in words:
            self.by_size.setdefault(len(word), []).append(word)

# %%
english = Vocabulary([f"{'a' * (n % 7)}{n}" for n in range(3000)])

# %%
def known(word):
    return word in english.words

# %% deploy
def handler(event, context):
    return [known("aa9"), known("b"), len(english.words), sorted(english.by_size)]

# %% expect
# answers
