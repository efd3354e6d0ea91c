"""What visitors say about readings: what is kept of it, and when."""

import json
import math

import pytest

from handwriting.app import feedback as module
from handwriting.app.feedback import Feedback
from handwriting.app.write import answer_feedback
from handwriting.errors import InputError

STROKE = [[10.5, 10], [90, 120], [20, 200]]
DRAWING = {"width": 400, "strokes": [STROKE], "baseline": 292, "x_height": 114}
REMARK = {"drawing": DRAWING, "label": "C", "guess": "c"}


def kept(folder) -> list[dict]:
    (file,) = folder.glob("*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_remark_is_one_line_with_nothing_about_the_visitor(tmp_path):
    feedback = Feedback(tmp_path / "new")
    feedback.save(REMARK | {"address": "127.0.0.1"})
    feedback.save({"drawing": [STROKE], "label": "7", "guess": "7"})
    assert kept(tmp_path / "new") == [
        {"strokes": [STROKE], "baseline": 292, "x_height": 114, "label": "C", "guess": "c"},
        {"strokes": [STROKE], "label": "7", "guess": "7"},
    ]


@pytest.mark.parametrize(
    "remark",
    [
        None,
        [],
        {},
        REMARK | {"drawing": None},
        REMARK | {"drawing": {"strokes": []}},
        REMARK | {"drawing": {"strokes": [[[math.nan, 1]]]}},
        REMARK | {"drawing": {"strokes": [[[1, 1]] * (module.MAX_POINTS + 1)]}},
        REMARK | {"label": "ab"},
        REMARK | {"label": ""},
        REMARK | {"label": "ß"},
        REMARK | {"label": ["a"]},
        REMARK | {"guess": None},
    ],
    ids=lambda remark: repr(remark)[:40],
)
def test_whatever_is_no_remark_is_refused_and_not_kept(tmp_path, remark):
    reply = answer_feedback(Feedback(tmp_path), remark)
    assert list(reply) == ["error"]
    assert "\n" not in reply["error"]
    assert list(tmp_path.iterdir()) == []


def test_the_folder_has_a_limit_for_all_processes_together(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 200)
    Feedback(tmp_path).save(REMARK)
    with pytest.raises(InputError, match="no more room"):
        Feedback(tmp_path).save(REMARK)
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("environment", "on"),
    [
        ({}, True),
        ({"HANDWRITING_FEEDBACK": "0"}, False),
        ({"SPACE_ID": "owner/space"}, False),
        ({"SPACE_ID": "owner/space", "HANDWRITING_FEEDBACK": "1"}, True),
    ],
)
def test_a_shared_space_asks_only_where_it_is_told_to(environment, on):
    assert (Feedback.from_environment(environment) is not None) == on


def test_feedback_goes_to_a_repository_where_one_is_configured(tmp_path, monkeypatch):
    schedulers = []

    class Scheduler:
        def __init__(self, **options):
            self.options = options
            self.lock = module.threading.Lock()
            schedulers.append(self)

    monkeypatch.setattr(module, "CommitScheduler", Scheduler)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    environment = {"HANDWRITING_FEEDBACK": "1", "HANDWRITING_FEEDBACK_REPO": "owner/ink"}
    Feedback.from_environment(environment).save(REMARK)
    (scheduler,) = schedulers
    assert scheduler.options["repo_id"] == "owner/ink"
    assert scheduler.options["repo_type"] == "dataset"
    assert scheduler.options["folder_path"] == tmp_path
    assert len(kept(tmp_path)) == 1
