"""A closure that calls itself, and two that call each other."""

# %%
def make(step):
    def down(n):
        return [n] if n <= 0 else [n, *down(n - step)]
    def ping(n):
        return "end" if n == 0 else pong(n - 1)
    def pong(n):
        return "END" if n == 0 else ping(n - 1)
    return down, ping
down2, ping = make(2)

# %% deploy
def handler(event, context):
    return [down2(5), ping(3), down2.__name__]

# %% expect
# answers
