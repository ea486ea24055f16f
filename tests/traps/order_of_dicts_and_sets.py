"""A dict keeps its order, a set its members."""

# %%
ranks = {"z": 1, "a": 2}
ranks["m"] = ranks.pop("z")
found = {"b", "a", ("t", 1), None, 2.5, frozenset({1, 2})}

# %% deploy
def handler(event, context):
    return [list(ranks.items()), len(found), ("t", 1) in found, frozenset({2, 1}) in found]

# %% expect
# answers
