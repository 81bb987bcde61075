from aioz_stream import AiozStream, capture_responses, request_id

with AiozStream() as stream, capture_responses() as responses:
    stream.videos.get("an-id")
    for response in responses:
        print(response.status_code, response.elapsed.total_seconds(), request_id(response))
    remaining = int(responses[-1].headers.get("X-RateLimit-Remaining", "0"))
