import ssl

import httpx

from aioz_stream import AiozStream, AsyncAiozStream


def log(request: httpx.Request) -> None:
    print(request.method, request.url)


with httpx.Client(event_hooks={"request": [log]}, timeout=30) as http, AiozStream(http_client=http) as stream:
    print(stream.videos.page(limit=1).total)

AiozStream(proxy="http://proxy.example:3128", verify=ssl.create_default_context())
AiozStream(transport=httpx.HTTPTransport(retries=1))
AsyncAiozStream(http_client=httpx.AsyncClient(), upload_client=httpx.Client())
