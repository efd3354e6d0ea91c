import os

from handwriting.quiet import _without_noise


def test_tensorflow_is_hushed_and_nothing_else(capfd):
    with _without_noise():
        os.write(2, b"I0000 port.cc:153] oneDNN custom operations are on. You may see\n")
        os.write(2, b"a warning that matters\n")
    assert capfd.readouterr().err == "a warning that matters\n"
