"""Real media: sources looked into, transcoded with ffmpeg, and played.

`probe` and `plan` decide, `transcoder` acts, `outcome` is what is remembered, `hls` and `dash` describe what there is
to players, `playback` serves it and `pages` shows it.
"""
