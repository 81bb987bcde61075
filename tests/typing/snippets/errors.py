import sys
import time

from aioz_stream import (
    AiozStream,
    AiozStreamError,
    APIStatusError,
    EncodingError,
    NotFoundError,
    PaymentRequiredError,
    RateLimitError,
    SourceError,
)

stream = AiozStream()
try:
    stream.upload("talk.mp4", title="Talk", qualities=[{"resolution": "720p", "type": "hls"}])
except EncodingError as error:
    for finding in error.findings:
        print(finding.pointer, finding.message, finding.severity == "error")
except SourceError as error:
    sys.exit(f"{error.filename}: {error}")
except PaymentRequiredError as error:
    print("complete it later:", error.video_id)
except (RateLimitError, NotFoundError) as error:
    if error.status == 429:
        time.sleep(60)
except APIStatusError as error:
    print(error.status, error.request_id, error.response.headers if error.response else None)
except AiozStreamError as error:
    print(type(error).__name__, error)
finally:
    stream.close()
