"""Controls a server from tests: its state, its clock, faults of requests, and the request log."""
