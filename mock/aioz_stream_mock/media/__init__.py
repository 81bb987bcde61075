"""Real media: sources are probed, transcoded with ffmpeg, and served to players.

`probe` and `plan` decide, `transcoder` acts, `hls` and `dash` describe the outputs to players, `playback` serves them.
`backend` is what all requests share.
"""
