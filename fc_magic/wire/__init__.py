"""Ground floor, shared by both halves: plain values and their spellings. No I/O, no clock, no settings."""
