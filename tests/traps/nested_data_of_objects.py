"""Objects in lists in dicts in objects, with a table of functions among them."""

# %%
class Rule:
    def __init__(self, test, act):
        self.test, self.act, self.parts = test, act, {}
def is_even(n): return n % 2 == 0
RULES = [Rule(is_even, lambda n: n // 2), Rule(lambda n: n % 2 == 1, lambda n: 3 * n + 1)]
RULES[0].parts["next"] = [RULES[1], ("deep", {"rule": RULES[0]})]

# %%
def step(n):
    return next(rule.act(n) for rule in RULES if rule.test(n))

# %% deploy
def handler(event, context):
    return [step(6), step(7), RULES[0].parts["next"][1][1]["rule"] is RULES[0]]

# %% expect
# answers
