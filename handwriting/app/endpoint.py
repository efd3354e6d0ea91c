"""How an endpoint says what is wrong with a question."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import gradio as gr

from handwriting.errors import InputError


def told(look_up: Callable) -> Callable:
    """The same function, but what is wrong with a question becomes an answer's error."""

    @wraps(look_up)
    def ask(*args, **kwargs):
        try:
            return look_up(*args, **kwargs)
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return ask
