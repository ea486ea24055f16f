"""FC 3.0's own API, by the official SDKs."""
