from aioz_stream import AiozStream, AudioConfig, Quality, VideoConfig
from aioz_stream.encoding import audio, dash, hls, ladder

whole = ladder(source_height=1080)
chosen = [hls("1080p", codec="h265", container="mp4"), hls("720p", bitrate=3_000_000), audio("hls", language="en")]
for resolution in ("360p", "480p"):
    chosen.append(dash(resolution))
by_hand = Quality(
    resolution="720p",
    type_="hls",
    container_type="mpegts",
    video_config=VideoConfig(codec="h264", bitrate=3_000_000),
    audio_config=AudioConfig(codec="aac", bitrate=128_000, channels="2"),
)
as_json = [
    {
        "resolution": "720p",
        "type": "hls",
        "container_type": "mpegts",
        "video_config": {"codec": "h264", "bitrate": 3_000_000},
        "audio_config": {"codec": "aac", "bitrate": 128_000},
    }
]
with AiozStream() as stream:
    stream.upload("a.mp4", qualities=whole)
    stream.upload("b.mp4", qualities=chosen + [by_hand], strict=True)
    stream.videos.create("C", qualities=as_json)
    stream.videos.create("D", qualities=[*whole, *as_json])
