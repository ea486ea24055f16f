"""Walrus, match, starred assignments and f-strings bind and need names."""

# %%
from dataclasses import dataclass
@dataclass
class P:
    x: int
    y: int
LIMIT, *rest = [3, 4, 5]
if (n := len(rest)) > 1:
    label = f"{n=} {LIMIT:>{n}}"

# %%
def look(v):
    match v:
        case P(x=0, y=yy):
            return f"axis {yy}"
        case [first, *others] if others:
            return [first, others, width]
        case {"k": k, **more}:
            return [k, more]
        case _:
            return label
width = 80

# %% deploy
def handler(event, context):
    return [look(P(0, 2)), look([1, 2]), look({"k": 1, "z": 2}), look(5), rest]

# %% expect
# answers
