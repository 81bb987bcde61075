import httpx

from aioz_stream import AiozStream, RetryPolicy

stream = AiozStream(timeout=httpx.Timeout(10, read=60), max_retries=RetryPolicy(max_retries=6))
patient = stream.with_options(timeout=120, max_retries=10)
print(patient.videos.get("an-id").title)
stream.with_options(max_retries=0).videos.delete("an-id")
