from aioz_stream import AiozStream, MetadataPair

course = {"course": "math", "lesson": "7"}
pairs = [{"key": "course", "value": "math"}]
with AiozStream() as stream:
    video = stream.videos.create(title="Lesson 7", metadata=course)
    stream.videos.create(title="Lesson 8", metadata=pairs)
    stream.videos.create(title="Lesson 9", metadata=[MetadataPair(key="course", value="math")])
    stream.videos.update(video.id, metadata={**course, "language": "en"})
    stream.videos.update(video.id, metadata=video.metadata)
    known = {pair.key: pair.value for pair in video.metadata or []}
    print(known.get("course"), [found.title for found in stream.videos.list(metadata=video.metadata)])
