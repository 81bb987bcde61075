"""Mistakes made in the client's own code, one at a time, and which test notices each."""
