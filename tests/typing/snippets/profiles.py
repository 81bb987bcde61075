import os

from aioz_stream import AiozStream, AsyncAiozStream, ConfigurationError, CredentialsError


def connect(profile: str | None = None) -> AiozStream:
    try:
        return AiozStream(profile=profile, base_url=os.environ.get("STREAM_URL"))
    except CredentialsError:
        return AiozStream(token=os.environ["TOKEN"])
    except ConfigurationError as error:
        raise SystemExit(str(error)) from error


with connect("work") as stream:
    print(stream.videos.get("an-id").title)

other = AsyncAiozStream(profile="home", user_agent="my-app/1.0")
