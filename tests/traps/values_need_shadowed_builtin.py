"""A value is written right though the notebook has other things under the names of builtins."""

# %%
import collections
set = frozenset = dict = bytearray = float = "gone"
seen = {1, 2, 3}
none = collections.OrderedDict([("b", 1)])
raw = (9).__class__.from_bytes(b"\x01\x02", "big")

# %%
empty = seen - seen
far = 1e999

# %% deploy
def handler(event, context):
    return [sorted(seen), len(empty), [*none.items()], raw, repr(far), set]

# %% expect
# answers
