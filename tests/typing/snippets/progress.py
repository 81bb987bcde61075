from aioz_stream import AiozStream, AsyncAiozStream, Cancellation, Progress
from aioz_stream.bar import progress_bar

cancellation = Cancellation()


def show(progress: Progress) -> None:
    print(f"{progress.sent / progress.total:.0%}, {progress.safe:,} bytes safe, {progress.speed / 1e6:.1f} MB/s")
    if progress.retries > 10:
        cancellation.cancel()


async def show_later(progress: Progress) -> None:
    print(progress.parts_done, progress.parts_total)


with AiozStream() as stream:
    stream.upload("talk.mp4", on_progress=show, on_created=print, cancel=cancellation, deadline=3600)
    stream.upload("talk.mp4", on_progress=lambda progress: print(progress.sent))
    with progress_bar("talk.mp4") as bar:
        stream.upload("talk.mp4", on_progress=bar)


async def upload(stream: AsyncAiozStream) -> None:
    await stream.upload("talk.mp4", on_progress=show_later)
    await stream.upload("talk.mp4", on_progress=show)
