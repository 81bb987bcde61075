import hashlib
from pathlib import Path

from aioz_stream import AiozStream, AssetNotReadyError, AsyncAiozStream

with AiozStream() as stream:
    path = stream.videos.download("an-id", Path("downloads"), overwrite=True)
    print(path.stat().st_size, path.suffix)
    try:
        stream.videos.download("an-id", "talk.mp4", asset="mp4", on_progress=lambda progress: print(progress.sent))
    except AssetNotReadyError:
        print("not yet")
    digest = hashlib.sha256()
    for block in stream.videos.iter_bytes("an-id"):
        digest.update(block)


async def copy(stream: AsyncAiozStream) -> int:
    fetched = await stream.videos.download("an-id", "talk.mp4")
    size = 0
    async for block in stream.videos.iter_bytes("an-id", "thumbnail"):
        size += len(block)
    return size + fetched.stat().st_size
