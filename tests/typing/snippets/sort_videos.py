from datetime import UTC, datetime

from aioz_stream import AiozStream

with AiozStream() as stream:
    videos = list(stream.videos.list(sort_by="created_at", order_by="asc", page_size=50))
    dated = [video for video in videos if video.created_at]
    newest_first = sorted(videos, key=lambda video: video.created_at or datetime.min.replace(tzinfo=UTC), reverse=True)
    for video in newest_first[:10]:
        if video.created_at is not None:
            print(f"{video.created_at:%Y-%m-%d} {video.title} ({(video.duration or 0) / 60:.1f} min)")
