from aioz_stream import CLEAR, AiozStream


def rename(stream: AiozStream, video_id: str, title: str | None = None, description: str | None = None) -> None:
    stream.videos.update(video_id, title=title, description=description or CLEAR)


with AiozStream() as stream:
    rename(stream, "an-id", title="A better title")
    stream.videos.update("an-id", player_id=CLEAR, tags=[], is_public=True)
    video = stream.videos.get("an-id")
    stream.videos.update(video.id, tags=[*(video.tags or []), "new"], description=video.description)
    stream.videos.delete(video.id)
