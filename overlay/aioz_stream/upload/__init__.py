"""Uploading: a plan says which bytes, a source gives them, the engine sends them, progress tells people."""
