"""What the help of each command ends with: lines to copy."""

from __future__ import annotations

_EXAMPLES = {
    "aioz-stream": (
        'aioz-stream upload talk.mp4 --title "My talk" --tag talk --wait',
        'aioz-stream list --tag talk --since "2 weeks ago"',
        "aioz-stream get VIDEO_ID --json",
        "aioz-stream download VIDEO_ID -o talk.mp4",
        "aioz-stream check ladder.json --source talk.mp4",
    ),
    "abort": ("aioz-stream abort talk.mp4", "aioz-stream abort VIDEO_ID --keep-video"),
    "check": (
        "aioz-stream check ladder.json --source talk.mp4",
        "aioz-stream ladder --height 1080 | aioz-stream check - --strict",
    ),
    "complete": ("aioz-stream complete VIDEO_ID",),
    "completion": (
        "aioz-stream completion bash --install",
        'eval "$(aioz-stream completion zsh)"',
        "aioz-stream completion fish | source",
    ),
    "cost": ("aioz-stream cost 360p 1080p --duration 60",),
    "delete": ("aioz-stream delete VIDEO_ID", "aioz-stream delete VIDEO_ID --yes"),
    "download": ("aioz-stream download VIDEO_ID", "aioz-stream download VIDEO_ID --asset mp4 -o talk.mp4"),
    "get": ("aioz-stream get VIDEO_ID", "aioz-stream get VIDEO_ID --json"),
    "ladder": (
        "aioz-stream ladder --height 1080 > ladder.json",
        "aioz-stream ladder --source talk.mp4 --type dash",
        "aioz-stream ladder --height 720 | aioz-stream upload talk.mp4 --qualities -",
    ),
    "list": (
        'aioz-stream list --tag talk --since "2 weeks ago"',
        "aioz-stream list --status fail",
        "aioz-stream list --metadata speaker=Ada --sort-by title --json",
    ),
    "login": ("aioz-stream login", "aioz-stream login --profile work < token.txt"),
    "logout": ("aioz-stream logout --profile work",),
    "resume": ("aioz-stream resume", "aioz-stream resume VIDEO_ID"),
    "thumbnail": ("aioz-stream thumbnail VIDEO_ID cover.png",),
    "update": (
        'aioz-stream update VIDEO_ID --title "A better title" --tag talk --tag 2026',
        'aioz-stream update VIDEO_ID --private --description ""',
    ),
    "upload": (
        'aioz-stream upload talk.mp4 --title "My talk" --wait',
        'aioz-stream upload recordings/ --exclude "*draft*" --tag course',
        "aioz-stream upload --manifest items.csv --private",
        "aioz-stream upload talk.mp4 --qualities ladder.json --max-price 2.50",
        "aioz-stream upload recordings/ --qualities ladder.json --dry-run",
        "aioz-stream upload https://files.example.com/talk.mp4 --max-speed 2MB",
        "cat talk.mp4 | aioz-stream upload - --title Live",
    ),
    "uploads": ("aioz-stream uploads",),
    "whoami": ("aioz-stream whoami", "aioz-stream whoami --profile work"),
    "wait": ("aioz-stream wait VIDEO_ID --timeout 600", "aioz-stream wait VIDEO_ID && echo playable"),
}


def epilog(command: str) -> str | None:
    """The end of a command's help."""
    lines = _EXAMPLES.get(command, ())
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)]) if lines else None
