"""The API's operations as values that a session sends, and what goes around them: pages, waiting, dates, thumbnails."""
