"""Steering a server from tests: its state, its clock, faults on the wire, and the log of its requests."""
