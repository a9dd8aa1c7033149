"""What each command of the command line does; a module is imported when one of its commands is called."""

OK, FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130
"""Exit statuses: done, something is missing, wrong input, stopped by the user."""
