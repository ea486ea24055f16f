"""Data classes with slots, __post_init__, InitVar, keyword-only fields and inheritance."""

# %%
from dataclasses import InitVar, dataclass, field, asdict
@dataclass(slots=True)
class Base:
    name: str
    tags: list[str] = field(default_factory=list, repr=False)
@dataclass
class Order(Base):
    price: float = 1.0
    rate: InitVar[float] = 0.5
    total: float = field(init=False, default=0)
    note: str = field(default="-", kw_only=True)
    def __post_init__(self, rate):
        self.total = self.price * (1 + rate)

# %%
order = Order("a", price=10, rate=0.1)
order.total += 1
order.tags.append("new")

# %% deploy
def handler(event, context):
    return [asdict(order), Order("b", note="n").total, repr(order)]

# %% expect
# answers
