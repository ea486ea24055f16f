"""Values of the standard library are the same up there."""

# %%
import re
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from types import SimpleNamespace
from uuid import UUID

# %%
when = datetime(2024, 2, 29, 12, 30, tzinfo=timezone(timedelta(hours=8)))
last = deque([1, 2, 3], maxlen=3); last.append(4)
groups = defaultdict(list); groups["a"].append(1)
tally = Counter("abracadabra"); tally["z"] = 0
order = OrderedDict(b=1, a=2); order.move_to_end("b")
both = ChainMap({"a": 1}, {"a": 2, "b": 3})
word = re.compile(r"(\w+)@(\w+)", re.I | re.X)
box = SimpleNamespace(a=1, b=[2])
ratio, cash, day = Fraction(6, 4), Decimal("1.10"), date(2024, 1, 31)
uid, path = UUID(int=5), PurePosixPath("/a/b.txt")

# %% deploy
def handler(event, context):
    groups["b"].append(2)
    last.append(5)
    return [str(x) for x in (when, last, dict(groups), tally, [*order.items()], both, word, box, ratio, cash, day, uid, path)]

# %% expect
# answers
