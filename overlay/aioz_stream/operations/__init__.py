"""The API's operations as values that a session sends, and what belongs to them: pages, waiting, dates, thumbnails."""
