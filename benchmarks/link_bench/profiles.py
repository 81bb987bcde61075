"""The links, as data. Imports nothing: the emulator and the namespaces read it, too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A link."""

    name: str
    rate: int
    """Bits per second, in each direction."""
    round_trip: float
    """Seconds, without the time in the queue."""
    loss: float = 0.0
    """The share of packets that are lost on the way up."""
    congestion_control: str = "cubic"
    seconds: int = 60
    """How long a run takes."""
    is_alone: bool = False
    """Whether nothing else is measured meanwhile: it takes most of a small machine to carry its packets."""

    @property
    def queue(self) -> int:
        """Bytes that wait at the link's entrance before packets are dropped: what is on the way at full rate."""
        return max(64_000, int(self.rate / 8 * self.round_trip))


MBIT = 1_000_000
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("fibre", 200 * MBIT, 0.005, is_alone=True),
        Profile("cable", 50 * MBIT, 0.020),
        Profile("home", 10 * MBIT, 0.040),
        Profile("intercontinental", 100 * MBIT, 0.150, seconds=180),
        Profile("wireless", 50 * MBIT, 0.060, loss=0.005, congestion_control="reno"),
        Profile("satellite", 20 * MBIT, 0.600, seconds=180),
    )
}
