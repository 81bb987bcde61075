"""Models print what they have, in short, and nothing that may be secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from aioz_stream_api.models import Quality, Video, VideoAssets, VideoConfig, VideoMetadataPair


def test_only_what_a_video_has_is_printed() -> None:
    video = Video(id="v1", title="Talk", status="done", tags=["a", "b"], description="", metadata=[])
    video.duration, video.is_public, video.created_at = 12.5, False, datetime(2026, 11, 3, 12, tzinfo=UTC)
    assert str(video) == repr(video)
    assert repr(video) == (
        "Video(id='v1', title='Talk', status='done', tags=['a', 'b'], duration=12.5, is_public=False, "
        "created_at=2026-11-03T12:00:00+00:00)"
    )
    assert repr(Quality(type_="hls", container_type="mp4", video_config=VideoConfig(codec="h264", bitrate=1))) == (
        "Quality(type_='hls', container_type='mp4', video_config=VideoConfig(codec='h264', bitrate=1, index=0))"
    )


def test_what_is_long_is_cut() -> None:
    pairs = [VideoMetadataPair(key=f"key {number}", value="v" * 300) for number in range(50)]
    video = Video(id="v1", title="T" * 300, status="done", metadata=pairs, subtitles={"en": [["x"] * 100] * 100})
    assert len(repr(video)) < 400
    assert repr(Video(id="v", title="t", status="s", chapters=[[[[[[[1]]]]]]])).endswith("chapters=[[[[[[…]]]]]])")
    assert repr(Video(id="v", title="t", status="s", chapters={"a": {"b": 1}})).endswith("chapters={'a': {'b': 1}})")


def test_secrets_of_addresses_and_unknown_values_are_not_printed() -> None:
    video = Video(id="v1", title="https://me:SECRET@example.com/talk", status="done")
    video["upload_token"] = "SECRET"
    video.player_theme = {"logo": ["https://example.com/logo?key=SECRET'SECRET"]}
    video.assets = VideoAssets(source_url="https://example.com/v?token=SECRET#t", hls_url="https://example.com/v#SECRET")
    assets = VideoAssets(hls_iframe='<iframe src="https://me@example.com/v?a=1&amp;b=SECRET" width="3"></iframe>')
    assert "SECRET" not in f"{video} {video.assets} {assets}"
    assert repr(video).startswith("Video(id='v1', title='https://…@example.com/talk', ")
    assert repr(video).endswith(", additional_keys=['upload_token'])")
    assert repr(video.assets) == (
        "VideoAssets(source_url='https://example.com/v?…', hls_url='https://example.com/v#…')"
    )
    assert repr(assets) == """VideoAssets(hls_iframe='<iframe src="https://…@example.com/v?…" width="3"></iframe>')"""
    assert "SECRET" in json.dumps(video.to_dict())


def test_hostile_values_are_printed_in_short() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    video = Video(id="://" * 1_000_000, title="t", status="s", chapters=nested, subtitles=["x"] * 1_000_000)
    assert len(repr(video)) < 400  # neither for minutes, nor too deep for the interpreter
