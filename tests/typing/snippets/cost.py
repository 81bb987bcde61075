from decimal import Decimal

from aioz_stream import AiozStream
from aioz_stream.encoding import ladder

budget = Decimal("2.50")
with AiozStream() as stream:
    cost = stream.videos.cost(["720p", "1080p"], duration=90)
    print(cost.price, cost.is_enough)
    whole = stream.videos.ladder_cost(ladder(source_height=1080), source="talk.mp4")
    if whole.cost.price * 10 < budget:
        stream.upload("talk.mp4", qualities=ladder(source_height=1080), max_price=budget)
