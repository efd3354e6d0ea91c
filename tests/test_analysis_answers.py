"""What the Analysis tab answers its page: the report's figures, and its mistakes with images."""

import base64
import io
import json
import shutil
import time

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix

from handwriting.alphabet import CHARACTERS
from handwriting.app.analysis import MOST_TILES, ReportDesk, answer
from handwriting.datasets import download
from handwriting.datasets.idx import write_idx
from handwriting.datasets.splits import SPLITS
from handwriting.datasets.strokes import HELD_OUT
from handwriting.datasets.testset import load_test_set
from handwriting.errors import InputError
from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report, write_report

SAMPLES = 400
LABELS = np.arange(SAMPLES) % 62
IMAGES = np.random.default_rng(0).integers(0, 256, (SAMPLES, 28, 28), dtype=np.uint8)


def provide_images(labels=LABELS) -> None:
    """Put the test set where the app looks for it; EMNIST's files are transposed."""
    images_path, labels_path = SPLITS["byclass"].paths("test")
    write_idx(images_path, IMAGES.transpose(0, 2, 1))
    write_idx(labels_path, labels)


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.full(62, 0.1), SAMPLES)
    probabilities[np.arange(SAMPLES), LABELS] += 0.4
    return Predictions.from_probabilities(tuple(CHARACTERS), LABELS, probabilities / 1.4)


@pytest.fixture(scope="module")
def report_folder(predictions, tmp_path_factory):
    """A report without figures, which take time to draw, but for a stand-in of one."""
    folder = tmp_path_factory.mktemp("reports") / "net"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        write_report(folder, predictions, {"name": "net"}, {"name": "byclass", "part": "test"})
    (folder / "figures" / "mistakes-dark.png").write_bytes(b"a picture")
    return folder


@pytest.fixture
def desk(report_folder, tmp_path, monkeypatch):
    """A desk whose machine has the test images."""
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    provide_images()
    return ReportDesk(report_folder.parent)


@pytest.fixture
def bare_desk(report_folder, tmp_path, monkeypatch):
    """A desk whose machine has no images; `fetch` waits for nobody and brings nothing."""
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    return ReportDesk(report_folder.parent)


def ask_until(state: str, desk, **question) -> dict:
    """Ask as the page does: again and again while the images are on their way."""
    deadline = time.monotonic() + 30
    while True:
        found = desk.find_mistakes({"report": "net", "count": 10} | question)
        if found["images"]["state"] == state or time.monotonic() > deadline:
            assert found["images"]["state"] == state
            return found
        question.pop("retry", None)
        time.sleep(0.02)


def sheet_of(found: dict) -> np.ndarray:
    """uint8 (m, 28, 28): the images that an answer shows."""
    png = base64.b64decode(found["sheet"].removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(png))).reshape(-1, 28, 28)


def test_every_cell_of_the_matrix_has_as_many_mistakes_as_it_counts(desk, predictions):
    expected = confusion_matrix(LABELS, predictions.predicted, labels=np.arange(62))
    shown = desk.open_report({})["report"]["matrices"][0]
    np.testing.assert_array_equal(shown["counts"], expected)
    for i, j in np.argwhere(expected - np.diag(expected.diagonal())):
        cell = {"true": CHARACTERS[i], "predicted": CHARACTERS[j]}
        found = desk.find_mistakes({"report": "net", "count": MOST_TILES, **cell})
        assert found["total"] == len(found["tiles"]) == expected[i, j]
        assert {(t["true"], t["predicted"]) for t in found["tiles"]} == {tuple(cell.values())}


def test_merged_cells_take_in_their_members(desk, predictions):
    merged = desk.open_report({})["report"]["matrices"][1]
    row, column = merged["classes"].index("C"), merged["classes"].index("e")
    assert merged["members"][row] == "Cc"
    found = desk.find_mistakes({"report": "net", "true": "Cc", "predicted": "e"})
    assert found["total"] == merged["counts"][row][column]


def test_every_fold_counts_as_the_filters_find(desk):
    for matrix in desk.open_report({})["report"]["matrices"][1:]:
        k = len(matrix["classes"])
        counts, members = np.array(matrix["counts"]), matrix["members"]
        for i, j in np.random.default_rng(2).integers(0, k, (40, 2)):
            if i != j:
                cell = {"report": "net", "true": members[i], "predicted": members[j]}
                assert desk.find_mistakes(cell)["total"] == counts[i, j]


def test_folds_are_those_that_merge_and_leave_something_apart(desk):
    matrices = desk.open_report({})["report"]["matrices"]
    sizes = {matrix["name"]: len(matrix["classes"]) for matrix in matrices}
    assert sizes == {"62 classes": 62, "ByMerge": 47, "Any case": 36, "Kinds": 3}
    assert matrices[3]["classes"] == ["0–9", "A–Z", "a–z"]
    for matrix in matrices:
        for order in matrix["orders"].values():
            assert sorted(order) == list(range(len(matrix["classes"])))


def test_the_diagonals_of_the_folds_are_the_reports_accuracies(desk, report_folder):
    matrices = desk.open_report({})["report"]["matrices"]
    metrics = Report.load(report_folder).metrics
    for matrix, accuracy in zip(
        matrices,
        (metrics.accuracy, metrics.bymerge_accuracy, metrics.case_insensitive_accuracy),
        strict=False,
    ):
        assert np.trace(matrix["counts"]) / SAMPLES == accuracy


def test_pages_bring_every_mistake_once_the_surest_first(desk, predictions):
    seen = []
    for start in range(0, SAMPLES, 50):
        page = desk.find_mistakes({"report": "net", "start": start, "count": 50})
        seen += [(tile["sample"], tile["confidence"]) for tile in page["tiles"]]
    samples, confidences = zip(*seen, strict=True)
    assert sorted(samples) == list(np.flatnonzero(predictions.predicted != LABELS))
    assert list(confidences) == sorted(confidences, reverse=True)


def test_the_range_keeps_the_mistakes_of_that_confidence(desk, predictions):
    wrong = predictions.confidence[predictions.mistakes]
    found = desk.find_mistakes({"report": "net", "least": 40, "most": 55})
    assert found["total"] == ((wrong >= 0.4) & (wrong <= 0.55)).sum() > 0


def test_the_other_orders_bring_the_same_mistakes(desk, predictions):
    def samples(sort):
        found = desk.find_mistakes({"report": "net", "count": MOST_TILES, "sort": sort})
        return [tile["sample"] for tile in found["tiles"]]

    surest, disagreed, shuffled = map(samples, ("", "disagreement", "random"))
    given = predictions.probabilities[disagreed, LABELS[disagreed]]
    assert list(given) == sorted(given)
    assert surest[:5] != shuffled[:5]
    assert shuffled == samples("random")
    if len(surest) < MOST_TILES:
        assert sorted(surest) == sorted(disagreed) == sorted(shuffled)


@pytest.fixture
def imageless(tmp_path, monkeypatch):
    """A machine without the test images, and without a network to fetch them."""

    def fetch(*_, **__):
        raise InputError("nist.gov cannot be reached")

    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(download, "fetch", fetch)


@pytest.fixture(scope="module")
def suspicious_folder(tmp_path_factory):
    """A report of a sure model whose test set has a few wrong labels."""
    labels = np.arange(62 * 60) % 62
    shown = labels.copy()
    shown[[7, 70, 333]] = [CHARACTERS.index(c) for c in "Wq4"]
    shown[[12, 12 + 62]] = CHARACTERS.index("c")  # whose labels are C
    sure = np.random.default_rng(3).uniform(0.86, 0.96, len(labels))
    sure[shown != labels] = 0.98
    probabilities = np.repeat((1 - sure)[:, None] / 61, 62, axis=1)
    probabilities[np.arange(len(labels)), shown] = sure
    given = Predictions.from_probabilities(tuple(CHARACTERS), labels, probabilities)
    folder = tmp_path_factory.mktemp("suspicious") / "net"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        write_report(folder, given, {"name": "net"}, {"name": "byclass", "part": "test"})
    return folder


@pytest.fixture
def suspicious_desk(suspicious_folder, imageless):
    return ReportDesk(suspicious_folder.parent)


def test_suspects_are_the_mistakes_whose_label_is_suspect(suspicious_desk):
    def samples(kind, **cell):
        question = {"report": "net", "count": MOST_TILES, "suspects": kind, **cell}
        found = suspicious_desk.find_mistakes(question)
        assert found["total"] == len(found["tiles"])
        return {tile["sample"] for tile in found["tiles"]}

    labels = suspicious_desk.open_report({})["report"]["labels"]
    assert labels["totals"] == {"mislabelled": 3, "unsure": 0, "alike": 2}
    assert samples("mislabelled") == {7, 70, 333}
    assert samples("alike") == {12, 74}
    assert samples("all") == {7, 70, 333, 12, 74}
    assert samples("all", true="7") == {7}
    assert labels["accuracy_without_mislabelled"] == 3715 / 3717
    assert labels["accuracy_without_suspects"] == 1


def test_the_most_suspect_labels_come_first(suspicious_desk, desk, report_folder, predictions):
    def order(desk):
        found = desk.find_mistakes({"report": "net", "count": MOST_TILES, "sort": "label"})
        return [tile["sample"] for tile in found["tiles"]]

    assert set(order(suspicious_desk)[:3]) == {7, 70, 333}
    issues = Report.load(report_folder).label_issues
    suspects, rest = order(desk)[: len(issues.suspects)], order(desk)[len(issues.suspects) :]
    assert suspects == list(issues.suspects)[:MOST_TILES]
    margin = predictions.label_probability - predictions.confidence
    assert list(margin[rest]) == sorted(margin[rest])


def test_a_sample_tells_why_its_label_is_suspect(suspicious_desk):
    def suspicion(sample):
        return suspicious_desk.show_sample({"report": "net", "sample": sample})["suspicion"]

    assert [suspicion(i) for i in (7, 74, 8)] == ["mislabelled", "alike", ""]


def test_trust_counts_the_mistakes_that_the_range_of_confidence_leaves(desk):
    trust = desk.open_report({})["report"]["trust"]
    for least in (0, 20, 40, 55, 99):
        found = desk.find_mistakes({"report": "net", "least": least})
        assert found["total"] == trust["answered"][least] - trust["right"][least]


def test_an_older_report_has_no_trust_and_no_suspects(report_folder, tmp_path, imageless):
    folder = tmp_path / "reports" / "net"
    shutil.copytree(report_folder, folder)
    content = json.loads((folder / "report.json").read_text())
    del content["trust"], content["label_issues"]
    (folder / "report.json").write_text(json.dumps(content))
    desk = ReportDesk(folder.parent)
    opened = desk.open_report({})["report"]
    assert (opened["trust"], opened["labels"], opened["sure"]) == (None, None, True)
    assert desk.find_mistakes({"report": "net", "suspects": "all"})["total"] == 0
    assert len(desk.find_mistakes({"report": "net", "sort": "label", "count": 5})["tiles"]) == 5
    sample = desk.find_mistakes({"report": "net"})["tiles"][0]["sample"]
    assert desk.show_sample({"report": "net", "sample": sample})["suspicion"] == ""


def test_a_report_of_answers_alone_has_no_trust_either(
    predictions, tmp_path, monkeypatch, imageless
):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    answers = Predictions.from_labels(predictions.classes, LABELS, predictions.predicted)
    dataset = {"name": "byclass", "part": "test"}
    write_report(tmp_path / "reports" / "net", answers, {"name": "net"}, dataset)
    desk = ReportDesk(tmp_path / "reports")
    opened = desk.open_report({})["report"]
    assert (opened["trust"], opened["labels"], opened["sure"]) == (None, None, False)
    assert desk.find_mistakes({"report": "net", "sort": "label"})["total"] == opened["mistakes"]


def test_a_sample_comes_with_its_probabilities_and_its_nearest(desk, predictions):
    ask_until("ready", desk)
    sample = int(predictions.mistakes[0])
    found = desk.show_sample({"report": "net", "sample": sample})
    best = np.sort(predictions.probabilities[sample])[::-1][:5]
    assert [guess["probability"] for guess in found["guesses"]] == best.tolist()
    assert found["guesses"][0]["character"] == found["predicted"]
    assert found["images"] == "ready"
    sheet = sheet_of(found)
    np.testing.assert_array_equal(sheet[0], IMAGES[sample])
    assert [near["character"] for near in found["nearest"]] == [found["true"], found["predicted"]]
    shown = [int(np.flatnonzero((image == IMAGES).all(axis=(1, 2)))[0]) for image in sheet[1:]]
    expected = [near["character"] for near in found["nearest"] for _ in range(near["count"])]
    assert [CHARACTERS[LABELS[i]] for i in shown] == expected
    assert predictions.correct[shown].all()


def test_the_sheet_holds_the_images_of_the_tiles(desk):
    found = ask_until("ready", desk)
    samples = [tile["sample"] for tile in found["tiles"]]
    np.testing.assert_array_equal(sheet_of(found), IMAGES[samples])


def test_a_selection_without_mistakes_has_no_sheet(desk):
    ask_until("ready", desk)
    found = desk.find_mistakes({"report": "net", "true": "A", "predicted": "A"})
    assert (found["total"], found["tiles"], found["sheet"]) == (0, [], None)


def test_images_of_another_test_set_are_not_shown(desk):
    provide_images(labels=LABELS[::-1])
    found = ask_until("missing", desk)
    assert "not the report's" in found["images"]["problem"]
    assert found["sheet"] is None
    assert found["tiles"]


def test_a_report_on_pen_strokes_shows_them_as_images(small_data, tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    monkeypatch.setitem(HELD_OUT, "test", ("tos",))
    pens = load_test_set("unipen")
    unsure = np.full((len(pens.labels), 62), 1 / 62)
    predictions = Predictions.from_probabilities(tuple(CHARACTERS), pens.labels, unsure)
    dataset = {"name": "unipen", "part": pens.part}
    write_report(tmp_path / "reports" / "net", predictions, {"name": "net"}, dataset)
    found = ask_until("ready", ReportDesk(tmp_path / "reports"))
    samples = [tile["sample"] for tile in found["tiles"]]
    np.testing.assert_array_equal(sheet_of(found), pens.images[samples])


def test_missing_images_are_fetched_in_the_background(bare_desk, monkeypatch):
    asked = []

    def fetch(names, part, **_):
        asked.append((list(names), part))
        provide_images()

    monkeypatch.setattr(download, "fetch", fetch)
    found = ask_until("ready", bare_desk)
    assert len(sheet_of(found)) == 10
    assert asked == [(["byclass"], "test")]


def test_without_a_network_the_mistakes_are_listed_and_the_reason_is_told(bare_desk, monkeypatch):
    def fetch(*_, **__):
        raise InputError("nist.gov cannot be reached")

    monkeypatch.setattr(download, "fetch", fetch)
    found = ask_until("missing", bare_desk)
    assert found["images"]["problem"] == "nist.gov cannot be reached"
    assert len(found["tiles"]) == 10
    picture = bare_desk.get_picture({"report": "net", "theme": "dark"})["picture"]
    assert base64.b64decode(picture.removeprefix("data:image/png;base64,")) == b"a picture"
    monkeypatch.setattr(download, "fetch", lambda *_, **__: provide_images())
    assert ask_until("missing", bare_desk), "it does not try again unasked"
    assert ask_until("ready", bare_desk, retry=True)["sheet"]


def test_drawings_that_are_not_here_cannot_be_fetched(predictions, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path / "data"))
    dataset = {"name": "unipen", "part": "contributors aga and imp"}
    write_report(tmp_path / "reports" / "net", predictions, {"name": "net"}, dataset)
    desk = ReportDesk(tmp_path / "reports")
    assert desk.open_report({})["report"]["about"].endswith("of unipen, contributors aga and imp")
    problem = ask_until("missing", desk)["images"]["problem"]
    assert problem == "UNIPEN's drawings are not on this machine and cannot be fetched"


def test_a_fault_while_fetching_leaves_the_page_in_peace(bare_desk, monkeypatch):
    def fetch(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(download, "fetch", fetch)
    assert "server's log" in ask_until("missing", bare_desk)["images"]["problem"]


def test_a_new_report_appears_and_a_broken_one_is_named(
    report_folder, predictions, tmp_path, monkeypatch
):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    desk = ReportDesk(tmp_path)
    assert desk.open_report({})["reports"] == []
    shutil.copytree(report_folder, tmp_path / "first")
    assert desk.open_report({})["report"]["name"] == "first"
    write_report(
        tmp_path / "second", predictions, {"name": "newer"}, {"name": "mnist", "part": "test"}
    )
    (tmp_path / "foreign").mkdir()
    answered = desk.open_report({"report": "first"})
    assert {listed["name"] for listed in answered["reports"]} == {"first", "second"}
    assert len(answered["problems"]) == 1
    assert "foreign" in answered["problems"][0]


@pytest.mark.parametrize(
    "question",
    [
        None,
        "net",
        {"report": "../net"},
        {"report": None},
        {"report": ["net"]},
        {"report": "net", "true": 3},
        {"report": "net", "start": "0"},
        {"report": "net", "count": True},
        {"report": "net", "count": 1e9},
    ],
)
def test_odd_questions_get_a_sentence(desk, question):
    assert set(answer(desk.find_mistakes, question)) == {"error"}


def test_questions_beyond_the_end_get_an_empty_page(desk):
    beyond = {"report": "net", "start": 10**12, "count": 10**12}
    assert answer(desk.find_mistakes, beyond)["tiles"] == []
    assert len(desk.find_mistakes({"report": "net", "count": 10**12})["tiles"]) <= MOST_TILES
