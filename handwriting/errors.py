"""The one error that a user is meant to read."""


class InputError(ValueError):
    """Something from outside cannot be used: a file, an option, an upload, a drawing.

    The message is one line that says what is wrong and how to mend it. The command line prints
    it and exits with 2; the app shows it to the visitor.
    """
