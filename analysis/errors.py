"""The one exception that the command line turns into a sentence instead of a traceback."""


class InputError(ValueError):
    """Something given from outside (file, key, option) is wrong; the text says what, where and why.

    The message names the file or place, the offending value and what was expected.
    """
