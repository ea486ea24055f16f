"""Strings, numbers, lists and sets of one's own classes."""

# %%
class Symbol(str): pass
class Metres(float):
    def km(self): return self / 1000
class Stack(list):
    def top(self): return self[-1]
class Missing(dict):
    def __missing__(self, key): return key * 2

# %%
word, far, pile, twice = Symbol("if"), Metres(1500), Stack("abc"), Missing(a="x")
word.line = 3
pile.name = "letters"

# %% deploy
def handler(event, context):
    return [word, type(word).__name__, word.line, far.km(), pile.top(), pile.name, twice["a"], twice["b"]]

# %% expect
# answers
