"""Objects of the notebook as keys and in sets are found again by their hash."""

# %%
class Card:
    def __init__(self, rank, suit):
        self.rank, self.suit = rank, suit
    def __eq__(self, other):
        return (self.rank, self.suit) == (other.rank, other.suit)
    def __hash__(self):
        return hash((self.rank, self.suit))

# %%
prices = {Card(1, "♠"): "high", Card(2, "♥"): "low"}
hand = {Card(3, "♦")}

# %% deploy
def handler(event, context):
    return [prices[Card(2, "♥")], Card(3, "♦") in hand, Card(9, "♦") in hand]

# %% expect
# answers
