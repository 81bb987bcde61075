from aioz_stream import AiozStream, AsyncAiozStream
from aioz_stream_api.api.videos import create_video, get_video, list_videos
from aioz_stream_api.models import CreateVideoRequest, ListVideosRequest

with AiozStream() as stream:
    made = stream.send(create_video, body=CreateVideoRequest(title="Talk"))
    answer = stream.send(get_video, made.data.id)
    print(answer.data.title.upper())
    found = stream.send(list_videos, body=ListVideosRequest(limit=10))
    print([video.title for video in found.data.videos or []])


async def title_of(stream: AsyncAiozStream, video_id: str) -> str:
    answer = await stream.send(get_video, video_id)
    return answer.data.title
