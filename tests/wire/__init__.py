"""The ground floor's tests: pure values, no server, no clock."""
