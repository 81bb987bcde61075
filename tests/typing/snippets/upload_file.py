from pathlib import Path

from aioz_stream import AiozStream

folder = Path("videos")
with AiozStream(token="t") as stream:
    video = stream.upload(folder / "talk.mp4", title="Talk", tags=["talks"], is_public=False)
    print(video.id, video.title.upper(), video.status)
    with open("talk.mp4", "rb") as file:
        stream.upload(file, title="The same from a file object")
    stream.upload("https://example.com/talk.mp4", spool=True, max_price="2.50", thumbnail="cover.png")
