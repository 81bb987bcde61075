"""`python -m aioz_stream` runs the command `aioz-stream`, which is in a package of its own."""

import runpy

runpy.run_module("aioz_stream_cli", run_name="__main__")
