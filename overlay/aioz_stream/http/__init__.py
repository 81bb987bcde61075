"""Sending requests: connections, credentials, retries, and what an answer means."""
