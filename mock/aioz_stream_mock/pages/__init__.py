"""Pages for people: the index of videos, the players, the contract's documentation. All of it works offline."""
