from aioz_stream import AiozStream, Video, WaitTimeoutError


def players(video: Video) -> dict[str, str]:
    assets = video.assets
    if assets is None:
        return {}
    return {"hls": assets.hls_player_url or "", "dash": assets.dash_player_url or ""}


with AiozStream(timeout=30) as stream:
    video = stream.upload("talk.mp4")
    try:
        video = stream.videos.wait(video.id, timeout=600)
    except WaitTimeoutError:
        print("still", stream.videos.get(video.id).status)
    if video.status == "done":
        print(players(video))
    for quality in video.qualities or []:
        print(quality.name, quality.status)
