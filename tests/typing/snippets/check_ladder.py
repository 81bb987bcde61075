import json
from pathlib import Path

from aioz_stream.encoding import Source, check, ladder

findings = check(ladder(source_height=1080), source="talk.mp4")
errors = [finding for finding in findings if finding.severity == "error"]
for finding in errors:
    print(f"{finding.code}: {finding.message}", finding.suggestion or "")
print(len(check(json.loads(Path("ladder.json").read_text()), source=Source(height=1080), strict=True)))
