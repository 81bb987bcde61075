from pathlib import Path

from aioz_stream import AiozStream, AsyncAiozStream, UploadItem, UploadResult

items = [UploadItem(source=path, title=path.stem, tags=["course"]) for path in Path("course").glob("*.mp4")]


def line(result: UploadResult) -> str:
    return f"{result.item.source}: {result.video.id if result.video else result.error}"


with AiozStream() as stream:
    results = list(stream.upload_many(items, files=8))
    failed = [result for result in results if result.error is not None]
    for result in stream.upload_many(Path("more").iterdir()):
        print(line(result), result.unwrap().title)
    for result in stream.upload_many(["a.mp4", items[0]]):
        print(line(result))


async def all_of(stream: AsyncAiozStream) -> list[str]:
    return [result.unwrap().id async for result in stream.upload_many(items)]
