"""Parts, complete and thumbnails (rulings U of docs/contract.md)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import httpx
import pytest

from aioz_stream import (
    PART_LIMITS,
    AiozStreamError,
    APIConnectionError,
    APITimeoutError,
    ArgumentError,
    BadRequestError,
    EmptySourceError,
    Part,
    PartLimits,
    plan,
)
from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream_mock import MockServer, Settings
from tests.end_to_end.rulings.examples import HELLO, HELLO_MD5, JPEG, PNG
from tests.end_to_end.rulings.service import done, form, video
from tests.end_to_end.rulings.world import Caller, refused, succeeds

if TYPE_CHECKING:
    from tests.end_to_end.rulings.examples import Json
    from tests.end_to_end.rulings.world import World


def test_u1_part_size_has_bounds(world: World) -> None:
    assert DEFAULT_PART_SIZE == 52_428_800
    assert PartLimits(50_000_000, 200_000_000) == PART_LIMITS
    sizes = [part.size for part in plan(200_000_000)]
    assert sizes == [52_428_800, 52_428_800, 52_428_800, 42_713_600]
    assert {part.size for part in plan(2**40)} <= {52_428_800, 2**40 % 52_428_800}
    assert [part.size for part in plan(11)] == [11]
    for size in (50_000_000, 200_000_000):
        assert plan(2**30, size)[0].size == size
    for size in (49_999_999, 200_000_001, 0):
        with pytest.raises(ArgumentError):
            plan(2**30, size)
        with pytest.raises(ArgumentError):
            world.client.upload(world.file(), part_size=size)
    described = world.contract.operations["uploadVideoPart"]["description"]
    assert "50 MB to 200 MB" in described
    assert Settings().min_part_size == 0
    identifier = world.rich.create()
    assert world.rich.part(identifier, b"h", 0, 11).status_code == 200
    token = {"Authorization": "Bearer token-a"}
    with (
        MockServer(Settings(min_part_size=5)) as server,
        httpx.Client(base_url=server.url, headers=token) as http,
    ):
        caller = Caller(http)
        identifier = caller.create()
        assert "at least 5 bytes" in refused(caller.part(identifier, b"hell", 0, 11), 400)
        assert caller.part(identifier, b"world", 6, 11, index="2").status_code == 200
        assert caller.part(caller.create(), b"last", 7, 11).status_code == 200
        assert caller.part(caller.create(), b"only").status_code == 200


def test_u2_part_index_counts_from_one(world: World) -> None:
    schema = world.contract.schemas["UploadVideoPartRequest"]["properties"]["index"]
    for text, taken in (
        *((text, True) for text in ("1", "2", "10", "9" * 30)),
        *((text, False) for text in ("0", "01", "-1", "+1", "1.0", "", "one", "1\n", "١")),
    ):
        assert world.contract.takes(schema, text) is taken, text
        answer = world.rich.part(world.rich.create(), HELLO, index=text)
        assert answer.status_code == (200 if taken else 400), text
    identifier = world.rich.create()
    assert world.rich.part(identifier, b"hello", 0, 11, index="70").status_code == 200
    assert world.rich.part(identifier, b" world", 5, 11, index="3").status_code == 200
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert world.rich.source(identifier) == HELLO
    service = world.service(video(), done(), done(), done(), done(), video())
    with service.client() as client:
        client.videos.upload("v", world.file(), part_size=5, part_limits=PartLimits(1, 99))
    sent = sorted(form(request)["index"] for request in service.requests if request.method == "POST")
    assert sent == [(None, b"1"), (None, b"2"), (None, b"3")]


def test_u3_part_hash_is_md5_in_either_case(world: World) -> None:
    schema = world.contract.schemas["UploadVideoPartRequest"]["properties"]["hash"]
    for text, taken in (
        (HELLO_MD5, True),
        (HELLO_MD5.upper(), True),
        (HELLO_MD5[1:], False),
        (f"{HELLO_MD5}0", False),
        ("z" * 32, False),
        (f"{HELLO_MD5}\n", False),
        (hashlib.sha256(HELLO).hexdigest(), False),
    ):
        assert world.contract.takes(schema, text) is taken, text
        answer = world.rich.part(world.rich.create(), HELLO, hash=text)
        assert answer.status_code == (200 if taken else 400), text
    service = world.service(done())
    with service.client() as client:
        client.videos.upload_part("v", world.file(), plan(len(HELLO))[0])
    assert form(service.requests[0])["hash"] == (None, HELLO_MD5.encode())


def test_u4_content_range_is_inclusive(world: World) -> None:
    parameter = world.contract.parameter("uploadVideoPart", "Content-Range")
    assert (parameter["in"], parameter["required"]) == ("header", True)
    for text, form_taken, taken in (
        ("bytes 0-10/11", True, True),
        ("bytes 0-10/12", True, True),
        ("bytes 0-11/11", True, False),
        ("bytes 0-11/12", True, False),
        ("bytes 1-11/11", True, False),
        ("bytes 10-0/11", True, False),
        ("bytes 0-10/*", False, False),
        ("bytes=0-10/11", False, False),
        ("0-10/11", False, False),
        ("", False, False),
    ):
        assert world.contract.takes(parameter["schema"], text) is form_taken, text
        answer = world.rich.part(world.rich.create(), HELLO, content_range=text)
        assert answer.status_code == (200 if taken else 400), text
    identifier = world.rich.create()
    files, fields = {"file": ("a", HELLO)}, {"index": "1", "hash": HELLO_MD5}
    refused(world.rich.http.post(f"/videos/{identifier}/part", files=files, data=fields), 400)
    assert world.rich.part(identifier, b"hello", 0, 11).status_code == 200
    refused(world.rich.part(identifier, b" world", 5, 12, index="2"), 400)
    assert world.rich.part(identifier, b" world", 5, 11, index="2").status_code == 200
    service = world.service(video(), done(), done(), done(), done(), video())
    with service.client() as client:
        client.videos.upload("v", world.file(), part_size=5, part_limits=PartLimits(1, 99))
    ranges = {request.headers["Content-Range"] for request in service.requests[1:4]}
    assert ranges == {"bytes 0-4/11", "bytes 5-9/11", "bytes 10-10/11"}


def test_u5_form_fields_have_no_order(world: World) -> None:
    def field(name: str, value: bytes, filename: str | None = None) -> bytes:
        extra = "" if filename is None else f'; filename="{filename}"'
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        return head.encode() + value + b"\r\n"

    file, number, digest = field("file", HELLO, "a.bin"), field("index", b"1"), field("hash", HELLO_MD5.encode())
    for body, status in (
        (file + number + digest, 200),
        (digest + number + file, 200),
        (number + file + digest, 200),
        (file + number * 2 + digest * 2, 200),
        (file * 2 + number + digest, 200),
        (file + number + field("index", b"2") + digest, 400),
        (file + number + digest + field("hash", b"0" * 32), 400),
        (file + field("file", b"HELLO WORLD", "a.bin") + number + digest, 400),
        (field("file", HELLO) + number + digest, 400),
        (field("file", HELLO, "") + number + digest, 400),
        (file + number + digest + field("more", b"1"), 400),
        (number + digest, 400),
    ):
        identifier = world.rich.create()
        headers = {"Content-Type": "multipart/form-data; boundary=B", "Content-Range": "bytes 0-10/11"}
        url = f"/videos/{identifier}/part"
        answer = world.rich.http.post(url, content=body + b"--B--\r\n", headers=headers)
        assert answer.status_code == status, (body, answer.text)
        assert world.rich.complete(identifier).status_code == status
        if status == 200:
            assert world.rich.source(identifier) == HELLO
    schema = world.contract.schemas["UploadVideoPartRequest"]
    assert set(schema["required"]) == set(schema["properties"]) == {"file", "index", "hash"}
    assert schema["additionalProperties"] is False
    service = world.service(done())
    with service.client() as client:
        client.videos.upload_part("v", world.file(name="my video.mp4"), plan(len(HELLO))[0])
    sent = form(service.requests[0])
    assert sent == {"index": (None, b"1"), "hash": (None, HELLO_MD5.encode()), "file": ("my video.mp4", HELLO)}


def test_u6_part_sent_again_replaces_the_first(world: World) -> None:
    identifier = world.rich.create()
    for data in (b"01234", b"01234", b"abcde"):
        succeeds(world.rich.part(identifier, data, 0, 10), "uploadVideoPart")
    (stored,) = world.server.state.store.parts(identifier)
    assert (stored.length, stored.hash) == (5, hashlib.md5(b"abcde").hexdigest())
    for data, start, number in ((b"abcde", 0, "2"), (b"abcd", 0, "1"), (b"abcdef", 0, "1"), (b"xxxxx", 4, "2")):
        refused(world.rich.part(identifier, data, start, 10, index=number), 400)
    assert len(world.server.state.store.parts(identifier)) == 1
    succeeds(world.rich.part(identifier, b"56789", 5, 10, index="2"), "uploadVideoPart")
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert world.rich.source(identifier) == b"abcde56789"
    made = world.client.videos.create("t").id
    (part,) = plan(len(HELLO))
    for data in (b"HELLO WORLD", HELLO, HELLO):
        world.client.videos.upload_part(made, world.file(data), part)
    world.client.videos.complete(made)
    assert world.rich.source(made) == HELLO


def test_u7_parts_come_in_any_order(world: World) -> None:
    identifier = world.rich.create()
    for start in (6, 0, 9, 3):
        piece = HELLO[start : start + 3]
        assert world.rich.part(identifier, piece, start, 11, index=str(start + 1)).status_code == 200
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert world.rich.source(identifier) == HELLO
    data = bytes(range(256)) * 40
    path = world.file(data)
    made = world.client.upload(path, part_size=777, part_limits=PartLimits(1, 1000), concurrency=6)
    assert world.rich.source(made.id) == data
    assert len(world.server.state.store.parts(made.id)) == 14


def test_u8_part_that_does_not_fit_is_refused(world: World) -> None:
    identifier = world.rich.create()
    odds: list[Json] = [
        {"hash": hashlib.md5(b"other").hexdigest()},
        {"content_range": "bytes 0-9/11"},
        {"content_range": "bytes 0-11/12"},
        {"content_range": "bytes 1-11/11"},
        {"content_range": "bytes 11-21/11"},
        {"content_range": "bytes 10-0/11"},
    ]
    for odd in odds:
        refused(world.rich.part(identifier, HELLO, **odd), 400)
    assert world.server.state.store.parts(identifier) == []
    assert "No part" in refused(world.rich.complete(identifier), 400)
    assert "400" in world.contract.operations["uploadVideoPart"]["responses"]
    wrong = Part(1, 0, 9, 12)
    with pytest.raises(ArgumentError):
        world.client.videos.upload_part(identifier, world.file(), wrong)
    assert world.rich.part(identifier, HELLO).status_code == 200


def test_u9_complete_needs_every_byte(world: World) -> None:
    operation = world.contract.operations["completeVideoUpload"]
    assert (operation["method"], operation["path"]) == ("GET", "/videos/{video_id}/complete")
    assert {"200", "400", "402"} <= set(operation["responses"])
    for caller in (world.rich, world.poor):
        identifier = caller.create()
        refused(caller.complete(identifier), 400)
        assert caller.part(identifier, b"o w", 4, 11, index="2").status_code == 200
        assert refused(caller.complete(identifier), 400) == "Missing bytes: 0-3, 7-10 of 11."
        assert caller.get(identifier)["status"] == "new"
    identifier = world.rich.create()
    assert world.rich.part(identifier, b"hello", 0, 11).status_code == 200
    with pytest.raises(BadRequestError, match="5-10"):
        world.client.videos.complete(identifier)
    assert world.rich.part(identifier, b" world", 5, 11, index="2").status_code == 200
    before = world.balance()
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    paid, shown = world.balance(), world.rich.get(identifier)
    assert paid != before
    assert shown["status"] == "transcoding"
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert (world.balance(), world.rich.get(identifier)) == (paid, shown)
    world.clock.advance(60)
    shown = world.rich.get(identifier)
    assert shown["status"] != "transcoding"
    world.client.videos.complete(identifier)
    assert (world.balance(), world.rich.get(identifier)) == (paid, shown)
    for status, asked in (("new", 3), ("transcoding", 2)):  # whether it was complete is asked before it is said again
        service = world.service(httpx.ReadTimeout("lost"), video(status=status), done())
        with service.client(retries=1) as client:
            client.videos.complete("v")
        paths = [request.url.path.rpartition("/")[2] for request in service.requests]
        assert paths == ["complete", "v", "complete"][:asked]


def test_u10_part_after_complete_is_refused(world: World) -> None:
    identifier = world.rich.upload()
    for data, number in ((HELLO, "1"), (b"HELLO WORLD", "1"), (HELLO, "2")):
        refused(world.rich.part(identifier, data, index=number), 400)
    with pytest.raises(BadRequestError) as caught:
        world.client.videos.upload_part(identifier, world.file(), plan(len(HELLO))[0])
    assert caught.value.video_id == identifier
    assert world.rich.source(identifier) == HELLO
    description = " ".join(world.contract.operations["uploadVideoPart"]["description"].split())
    assert "After the upload was completed, every part is refused." in description


def test_u11_empty_file_is_refused(world: World) -> None:
    path = world.file(b"")
    service = world.service(video())
    with service.client() as client:
        for upload in (client.upload, lambda file: client.videos.upload("v", file)):
            with pytest.raises(EmptySourceError):
                upload(path)
        with pytest.raises(AiozStreamError):
            client.videos.upload_part("v", path, Part(1, 0, 0, 1))
    assert service.requests == []
    with pytest.raises(ArgumentError):
        plan(0)
    identifier = world.rich.create()
    refused(world.rich.part(identifier, b"", content_range="bytes 0-0/0"), 400)
    refused(world.rich.complete(identifier), 400)


def test_u12_thumbnail_is_png_or_jpeg(world: World) -> None:
    schema = world.contract.schemas["UploadVideoThumbnailRequest"]
    assert (schema["required"], set(schema["properties"])) == (["file"], {"file"})
    content = world.contract.operations["uploadVideoThumbnail"]["requestBody"]["content"]["multipart/form-data"]
    assert content["encoding"]["file"]["contentType"] == "image/png, image/jpeg"
    identifier = world.rich.create()
    for data, name, kind in (
        (PNG, "t.png", "image/png"),
        (JPEG, "t.jpg", "image/jpeg"),
        (PNG, "T.JPG", "image/png"),
        (JPEG, "T.Png", "image/jpeg"),
    ):
        succeeds(world.rich.thumbnail(identifier, data, name), "uploadVideoThumbnail")
        shown = world.anyone.get(world.rich.get(identifier)["assets"]["thumbnail_url"])
        assert (shown.content, shown.headers["Content-Type"]) == (data, kind)
    for data, name, sent in ((PNG, "a.png", "a.png"), (JPEG, "b.JPEG", "b.jpg"), (PNG, "c.jpeg", "c.jpg")):
        world.client.videos.upload_thumbnail(identifier, world.file(data, name))
        assert world.anyone.get(world.rich.get(identifier)["assets"]["thumbnail_url"]).content == data
        service = world.service(done())
        with service.client() as client:
            client.videos.upload_thumbnail("v", world.file(data, name))
        assert form(service.requests[0])["file"] == (sent, data)
    kept = world.rich.get(identifier)
    service = world.service(done())
    with service.client() as client:
        for data, name in ((b"GIF89a", "t.png"), (b"", "t.png"), (PNG, "t.gif"), (PNG, "png"), (b"<svg/>", "t.jpg")):
            refused(world.rich.thumbnail(identifier, data, name), 400)
            with pytest.raises(AiozStreamError):
                client.videos.upload_thumbnail("v", world.file(data, name))
    assert service.requests == []
    assert world.rich.get(identifier) == kept


def test_u13_video_is_found_again_by_its_metadata(world: World) -> None:
    marker = world.word()
    pair = {"key": "upload", "value": marker}
    made = world.client.videos.create("t", metadata=[pair, {"key": "genre", "value": "rock"}])
    assert world.contract.takes("CreateVideoRequest", {"title": "t", "metadata": [pair]})
    assert world.contract.takes("ListVideosRequest", {"metadata": [pair]})
    assert world.rich.listed(metadata=[pair]) == [made.id]
    assert [one.id for one in world.client.videos.list(metadata={"upload": marker})] == [made.id]
    service = world.service(httpx.ReadTimeout("lost"), video())
    with service.client(retries=3) as client, pytest.raises(APITimeoutError) as caught:
        client.videos.create("t")
    assert isinstance(caught.value, APIConnectionError)
    assert caught.value.sent
    assert len(service.requests) == 1
