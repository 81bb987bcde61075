from aioz_stream import AiozStream, UnfinishedUpload

with AiozStream() as stream:
    left: list[UnfinishedUpload] = stream.uploads.unfinished()
    for upload in left:
        print(upload.source, upload.title)
        stream.uploads.abort(upload)
