"""What an upload would send, and what it would cost, without sending it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from aioz_stream import AiozStream
from aioz_stream.errors import AiozStreamError, ArgumentError, CredentialsError, EncodingError, SourceError
from aioz_stream.upload.many import details
from aioz_stream.upload.options import check_options
from aioz_stream.upload.upload import Upload
from aioz_stream_cli.client import open_client
from aioz_stream_cli.failures import exit_status, print_notes
from aioz_stream_cli.media import warn_unless_media
from aioz_stream_cli.records import print_as_json, print_records
from aioz_stream_cli.sources import Found, shown
from aioz_stream_cli.terminal import clean, notes, print_always

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aioz_stream import UploadItem
    from aioz_stream.encoding import LadderCost
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.upload import Planned
    from aioz_stream_cli.parameters import Form


_COLUMNS = ("source", "title", "size", "parts", "price")
_NO_LADDER = "Without --qualities the service chooses what it makes."
_NO_LENGTH = "--duration says how long a video is where PyAV can't see it (pip install 'aioz-stream[probe]')."


@frozen
class Estimate:
    """What one source would be uploaded as, and its price."""

    source: str
    planned: Planned | None = None
    duration: float | None = None
    """Seconds that the price is for."""
    priced: LadderCost | None = None
    unknown: str = ""
    """Why there is no price."""
    error: AiozStreamError | None = None
    """Why it would not be uploaded."""

    @property
    def price(self) -> Decimal | None:
        return self.priced.cost.price if self.priced else None

    def as_json(self) -> dict[str, Any]:
        planned, priced = self.planned, self.priced
        return {
            "source": self.source,
            "title": planned and planned.video.title,
            "size": planned and planned.size,
            "parts": planned and planned.parts,
            "duration": self.duration,
            "price": None if self.price is None else f"{self.price:f}",
            "is_enough": priced and priced.cost.is_enough,
            "priced": priced and list(priced.names),
            "unpriced": priced and [str(one) for one in priced.unpriced],
            "error": self.error and str(self.error),
        }


def estimate(found: Found, sending: Sending, form: Form, *, is_alone: bool) -> None:
    """Checks uploads and prints what they would send and cost. Only the price list is asked.

    Exits with the status of the first that would be refused. Without credentials all but the price is checked.
    """
    stream, refusal = _client(is_needed=any(item.max_price is not None for item in found.items))
    if refusal:
        notes.print(f"Warning: the price is not known. {refusal}", style="yellow", markup=False)
    estimates = [
        Estimate(clean(str(error.filename)), error=SourceError(f"The folder can't be read: {error.strerror}."))
        for error in found.unreadable
    ]
    with stream:
        estimates += [_estimate(stream, item, check_options(sending), refusal) for item in found.items]
    if form:
        print_as_json((one.as_json() for one in estimates), form, single=is_alone)
    else:
        accepted = [one.as_json() for one in estimates if not one.error]
        print_records(accepted, None, _COLUMNS, None, none="Nothing would be uploaded.")
        _sum_up(estimates)
    _end(estimates)


def _client(*, is_needed: bool) -> tuple[AiozStream, str]:
    """A client, and why it can't ask the service for prices."""
    try:
        return open_client(), ""
    except CredentialsError as error:
        if is_needed:
            raise
        return AiozStream(token="none"), str(error)  # noqa: S106 - is sent nowhere


def _estimate(stream: AiozStream, item: UploadItem, sending: Sending, refusal: str) -> Estimate:
    warn_unless_media(item.source)
    result = Estimate(clean(shown(item)))
    try:
        upload = Upload(stream._session, item.source, sending)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - of the same program
        planned = upload.plan_new(**details(item))
        of_file = planned.media.duration if planned.media else None
        result = evolve(result, planned=planned, duration=of_file if item.duration is None else item.duration)
        qualities = planned.video.qualities or None
        if refusal or qualities is None:
            return evolve(result, unknown="" if refusal else _NO_LADDER)
        try:
            priced = stream.videos.ladder_cost(qualities, source=planned.media, duration=item.duration)
        except EncodingError as error:
            return evolve(result, unknown=str(error))
        except ArgumentError:  # in which the library does not speak of options
            return evolve(result, unknown=_NO_LENGTH)
        result = evolve(result, priced=priced)
        if planned.limit:
            planned.limit.check(priced.cost)
    except AiozStreamError as error:
        return evolve(result, error=error)
    return result


def _sum_up(estimates: Sequence[Estimate]) -> None:
    """For people: why prices are not known, what would be refused, and the sum."""
    for reason in dict.fromkeys(one.unknown for one in estimates if one.unknown):
        notes.print(clean(f"The price is not known: {reason}"), markup=False)
    accepted = [one for one in estimates if one.error is None]
    said = f"{len(accepted)} of {len(estimates)} would be uploaded; nothing was sent."
    if prices := [one.price for one in accepted if one.price is not None]:
        said += f" Transcoding costs {sum(prices, Decimal()):f}" + (" and more" if len(prices) < len(accepted) else "")
        poor = any(one.priced and not one.priced.cost.is_enough for one in accepted)
        said += ", which the balance does not cover." if poor else "."
    notes.print(said, markup=False)


def _end(estimates: Sequence[Estimate]) -> None:
    refused = [(one, one.error) for one in estimates if one.error]
    for one, error in refused:
        said = f"Error: {one.source}: {error}"
        print_always("\n".join(map(clean, said.splitlines())), "red")
        print_notes(error)
    if refused:
        raise SystemExit(exit_status(refused[0][1]))
