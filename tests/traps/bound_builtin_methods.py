"""Methods of library objects under names of one's own, as in small scripts."""

# %%
import itertools, re
cat = "".join
flatten = itertools.chain.from_iterable
words = re.compile(r"\w+").findall
split = str.split
zeros = "0".zfill

# %% deploy
def handler(event, context):
    return [cat("abc"), list(flatten(["ab", [1]])), words("one, two"), split("a b"), zeros(3)]

# %% expect
# answers
