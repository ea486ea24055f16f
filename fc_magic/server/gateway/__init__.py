"""HTTP triggers: a request comes in at an address, is let in or not, and a function answers it."""
