"""Fetching the files of a video back."""
