import asyncio
from collections.abc import AsyncIterator

from aioz_stream import AsyncAiozStream, Video


async def blocks() -> AsyncIterator[bytes]:
    yield b"some bytes"


async def publish(title: str) -> Video:
    async with AsyncAiozStream(public_key="p", secret_key="s") as stream:
        video = await stream.upload("talk.mp4", title=title)
        await stream.upload(blocks(), title="Streamed", size=10)
        created = await stream.videos.create(title="Empty", metadata={"course": "math"})
        await stream.videos.upload(created.id, "talk.mp4")
        async for other in stream.videos.list(status="done"):
            print(other.title)
        return await stream.videos.wait(video.id)


async def main() -> None:
    videos = await asyncio.gather(publish("One"), publish("Two"))
    print([video.assets.hls_url for video in videos if video.assets])


asyncio.run(main())
