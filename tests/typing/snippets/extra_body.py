from aioz_stream import AiozStream, Extra

tracing: Extra = {"extra_headers": {"X-Trace": "1"}, "extra_query": {"debug": True}}
with AiozStream() as stream:
    video = stream.videos.create("Talk", extra_body={"is_panoramic": True}, extra_headers={"X-Team": "web"})
    stream.videos.get(video.id, **tracing)
    print(video.additional_properties.get("a_new_field"))
