"""Sending: connections, credentials, retries, and what an answer means."""
