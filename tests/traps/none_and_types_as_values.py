"""Types, modules and functions of libraries held in tables are spelled by name."""

# %%
import collections, math, os.path
KINDS = {"int": int, "none": type(None), "deque": collections.deque, "sqrt": math.sqrt, "m": math, "join": os.path.join}

# %% deploy
def handler(event, context):
    return [KINDS["int"]("3"), KINDS["none"].__name__, list(KINDS["deque"]("ab")), KINDS["sqrt"](9), KINDS["m"].floor(2.5), KINDS["join"]("a", "b")]

# %% expect
# answers
