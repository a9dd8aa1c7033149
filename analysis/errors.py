"""The one exception that the command line turns into a sentence instead of a traceback."""

import sys


class InputError(ValueError):
    """Something given from outside (file, key, option) is wrong; the text says what, where and why.

    The message names the file or place, the offending value and what was expected.
    """


def say(error: InputError) -> None:
    """Print what is wrong as one sentence on the error output."""
    sentence = " ".join(str(error).split())
    print(f"kreisblick: {sentence[:1000]}", file=sys.stderr)
