"""Tests of the contract: against the mock server, against a deployment, and what both share."""
