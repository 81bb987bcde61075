"""The two clients, and the methods of `stream.videos` for each."""
