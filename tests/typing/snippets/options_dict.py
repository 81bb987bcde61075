import os

from aioz_stream import AiozStream, Sending

options: Sending = {"part_size": 100_000_000, "concurrency": 8, "journal": "uploads/talk.json"}
if os.environ.get("SLOW_LINK"):
    options["max_speed"] = 1_000_000
    options["concurrency"] = "auto"

with AiozStream() as stream:
    stream.upload("talk.mp4", title="Talk", **options)
    stream.videos.upload("an-id", "talk.mp4", **options)
    for result in stream.upload_many(["a.mp4", "b.mp4"], files=2, **options):
        print(result.index)
