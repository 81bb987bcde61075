from datetime import date, timedelta

from aioz_stream import AiozStream, Status


def titles(stream: AiozStream, status: Status | None = None) -> list[str]:
    return [video.title for video in stream.videos.list(status=status, tags=["talks"], metadata={"genre": "rock"})]


def total_size(stream: AiozStream) -> int:
    week = date.today() - timedelta(days=7)
    return sum(video.size or 0 for video in stream.videos.list(created_after=week, created_before="yesterday"))


with AiozStream() as stream:
    print(titles(stream), titles(stream, "done"), total_size(stream))
    page = stream.videos.page(limit=100, search="talk")
    print(f"{len(page.videos)} of {page.total}", page.videos[0].title)
