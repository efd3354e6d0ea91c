"""The report folder: complete, self-contained, replaced whole, and read back with care."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import accuracy_score
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from handwriting.errors import InputError
from handwriting.evaluation import figures, page
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import SCHEMA_VERSION, Report, list_reports, write_report

MODEL = {"name": "small <b>net</b>", "parameters": 1234, "trained_on": {"scan": ["part"]}}
DATASET = {"name": "mnist", "part": "test"}


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 10
    probabilities = rng.dirichlet(np.full(10, 0.3), 200)
    probabilities[np.arange(200), labels] += 0.5
    return Predictions.from_probabilities(tuple("0123456789"), labels, probabilities / 1.5)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (200, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def written(predictions, images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports") / "small"
    return write_report(folder, predictions, MODEL, DATASET, images, ["A note & more."])


@pytest.fixture
def copy(written, tmp_path):
    """A report whose `report.json` a test may damage."""
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "report.json").write_bytes((written.folder / "report.json").read_bytes())
    return folder


@pytest.fixture
def without_figures(monkeypatch):
    """For tests that write several reports and look at none of their pictures."""
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])


def test_a_written_report_is_read_back_the_same(written):
    assert Report.load(written.folder) == written
    assert written.dataset["samples"] == 200


def test_json_keeps_its_promises(written):
    content = json.loads((written.folder / "report.json").read_text())
    assert content["schema_version"] == SCHEMA_VERSION
    assert content.keys() >= {"model", "dataset", "metrics", "classes", "confusions"}
    assert content.keys() >= {"created", "environment", "notes"}
    for name in ("accuracy", "top3_accuracy", "bymerge_accuracy", "case_insensitive_accuracy"):
        assert 0 <= content["metrics"][name] <= 1
    for name in ("balanced_accuracy", "macro_f1", "log_loss", "expected_calibration_error"):
        low, high = content["metrics"][f"{name}_ci95"]
        assert low <= content["metrics"][name] <= high
    assert content["classes"][3].keys() == {
        "character", "support", "accuracy", "accuracy_ci95", "precision", "recall", "f1",
        "most_confused_with",
    }  # fmt: skip
    assert content["confusions"][0].keys() == {"true", "predicted", "count"}


def test_accuracy_is_that_of_the_stored_predictions(written):
    stored = np.load(written.folder / "predictions.npz", allow_pickle=False)
    assert written.metrics.accuracy == accuracy_score(stored["labels"], stored["predicted"])


def test_confusions_give_back_scikit_learns_matrix(written, predictions):
    np.testing.assert_array_equal(
        Report.load(written.folder).confusion_matrix.counts,
        sklearn_confusion_matrix(predictions.labels, predictions.predicted),
    )


def test_figures_are_there_in_both_themes(written):
    for name in ("confusion", "class-accuracy", "reliability", "risk-coverage", "mistakes"):
        for theme in ("light", "dark"):
            with Image.open(written.figure(name, theme)) as image:
                assert min(image.size) > 300
            svg = written.folder / "figures" / f"{name}-{theme}.svg"
            assert svg.read_text().lstrip().startswith("<?xml")
    assert written.figure("confusion-bymerge", "light") is None, "ten digits have nothing to merge"


class Sources(HTMLParser):
    """Collects what a page would fetch or run."""

    def __init__(self):
        super().__init__()
        self.addresses, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        wanted = ("src", "srcset", "href", "data", "poster")
        self.addresses += [value for name, value in attributes if name in wanted]


def test_the_page_needs_nothing_but_itself(written):
    page = (written.folder / "index.html").read_text()
    sources = Sources()
    sources.feed(page)
    assert len(sources.addresses) == 10, "five figures in two themes"
    assert all(address.startswith("data:image/svg+xml;base64,") for address in sources.addresses)
    assert not {"link", "iframe", "object"} & set(sources.tags)
    assert "@import" not in page
    assert "url(" not in page


def test_the_page_shows_figures_and_escapes_names(written):
    page = (written.folder / "index.html").read_text()
    assert "small &lt;b&gt;net&lt;/b&gt;" in page
    assert "<b>net</b>" not in page
    assert "A note &amp; more." in page
    assert f"{100 * written.metrics.accuracy:.2f} %" in page
    _, _, characters = page.partition('<section id="classes">')
    assert len(re.findall(r'<tr><th scope="row">', characters)) == 10


def test_the_page_tells_how_many_labels_are_suspect(written):
    page = (written.folder / "index.html").read_text()
    issues = written.label_issues
    assert 0 < len(issues.suspects) < 200
    assert f"the labels of {len(issues.suspects)} misread" in " ".join(page.split())
    assert f"{100 * issues.accuracy_without_suspects:.2f} % at the very most" in page


def test_the_readme_links_figures_that_exist(written):
    readme = (written.folder / "README.md").read_text()
    links = re.findall(r'(?:src|srcset)="([^"]+)"', readme)
    assert len(links) == 10
    assert all((written.folder / link).is_file() for link in links)


def test_the_same_predictions_give_the_same_bytes(written, predictions, images, tmp_path):
    again = write_report(tmp_path / "again", predictions, MODEL, DATASET, images)
    for name in ("figures/confusion-light.svg", "figures/mistakes-dark.png"):
        assert (again.folder / name).read_bytes() == (written.folder / name).read_bytes()


def test_without_images_or_mistakes_there_is_no_picture_of_them(predictions, images, tmp_path):
    blind = write_report(tmp_path / "blind", predictions, MODEL, DATASET)
    assert blind.figure("mistakes", "light") is None
    perfect = Predictions.from_probabilities(
        predictions.classes, predictions.labels, np.eye(10)[predictions.labels]
    )
    flawless = write_report(tmp_path / "flawless", perfect, MODEL, DATASET, images)
    assert flawless.figure("mistakes", "light") is None
    assert flawless.confusions == ()
    assert Report.load(flawless.folder) == flawless


def test_a_new_report_replaces_the_old_one_and_leaves_nothing_beside(
    predictions, tmp_path, without_figures
):
    folder = tmp_path / "reports" / "net"
    write_report(folder, predictions, {"name": "first"}, DATASET)
    write_report(folder, predictions, {"name": "second"}, DATASET)
    assert Report.load(folder).model["name"] == "second"
    assert [entry.name for entry in folder.parent.iterdir()] == ["net"]


def test_a_killed_run_leaves_the_previous_report_whole(
    predictions, tmp_path, without_figures, monkeypatch
):
    folder = tmp_path / "net"
    write_report(folder, predictions, {"name": "first"}, DATASET)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "render_page", killed)
    with pytest.raises(KeyboardInterrupt):
        write_report(folder, predictions, {"name": "second"}, DATASET)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_folder_of_other_things_is_not_replaced(predictions, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"thesis\.tex"):
        write_report(tmp_path, predictions, MODEL, DATASET)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_file_is_not_replaced(predictions, tmp_path):
    (tmp_path / "net").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        write_report(tmp_path / "net", predictions, MODEL, DATASET)


def test_images_of_another_set_are_refused(predictions, images, tmp_path):
    with pytest.raises(InputError, match=r"images are \(100, 28, 28\)"):
        write_report(tmp_path / "net", predictions, MODEL, DATASET, images[:100])


def edit(**changes):
    def damage(content):
        content.update(changes)

    return damage


def drop_accuracy(content):
    del content["metrics"]["accuracy"]


def lose_a_class(content):
    del content["classes"][0]


def confuse_with_nothing(content):
    content["confusions"][0]["predicted"] = "?"


def suspect_a_sample_that_there_is_not(content):
    content["label_issues"]["mislabelled"] = [200]


def answer_more_than_there_is(content):
    content["trust"]["answered"][0] = 201


def confuse_more_than_there_are(content):
    content["confusions"][0]["count"] = 10_000


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (edit(schema_version=SCHEMA_VERSION + 1), "update handwriting"),
        (edit(schema_version="one"), "names no schema"),
        (edit(metrics=None), "metrics"),
        (edit(model={}), "need a name"),
        (edit(dataset={"name": ["mnist"], "part": "test", "samples": 200}), "need a name"),
        (drop_accuracy, r"metrics\.accuracy: Field required"),
        (lose_a_class, "supports do not sum"),
        (confuse_with_nothing, "not in classes"),
        (edit(similarity={"byclass": "012345678x"}), "has other classes"),
        (edit(trust={"bins": []}), r"trust\.thresholds: Field required"),
        (answer_more_than_there_is, "trust counts other samples"),
        (suspect_a_sample_that_there_is_not, "suspects samples that there are not"),
        (confuse_more_than_there_are, "more confusions than samples"),
    ],
)
def test_a_damaged_report_says_what_is_wrong(copy, damage, message):
    content = json.loads((copy / "report.json").read_text())
    damage(content)
    (copy / "report.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message) as caught:
        Report.load(copy)
    assert "\n" not in str(caught.value)


def test_a_report_from_before_similarity_is_read(copy):
    content = json.loads((copy / "report.json").read_text())
    del content["similarity"]
    (copy / "report.json").write_text(json.dumps(content))
    assert Report.load(copy).similarity == {}


def test_a_report_from_before_trust_and_label_issues_is_read(copy):
    content = json.loads((copy / "report.json").read_text())
    del content["trust"], content["label_issues"]
    (copy / "report.json").write_text(json.dumps(content))
    report = Report.load(copy)
    assert (report.trust, report.label_issues) == (None, None)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "[" * 100_000, '{"schema_version": NaN}', '{"accuracy": 1}', "\xff"],
)
def test_what_is_no_report_says_so(tmp_path, text):
    (tmp_path / "report.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"report\.json"):
        Report.load(tmp_path)


def test_one_bad_report_harms_no_other(predictions, tmp_path, without_figures):
    write_report(tmp_path / "good", predictions, MODEL, DATASET)
    (tmp_path / "foreign").mkdir()
    (tmp_path / ".good-unfinished").mkdir()
    (tmp_path / "notes.txt").write_text("not a folder")
    reports, problems = list_reports(tmp_path)
    assert [report.name for report in reports] == ["good"]
    assert list(problems) == ["foreign"]
    assert "no report.json" in problems["foreign"]


def test_the_largest_test_set_comes_first_and_then_the_newest_report(
    predictions, tmp_path, without_figures
):
    for name, samples, created in (("old", 200, 2023), ("new", 200, 2024), ("few", 100, 2025)):
        some = Predictions.from_probabilities(
            predictions.classes, predictions.labels[:samples], predictions.probabilities[:samples]
        )
        write_report(tmp_path / name, some, MODEL, DATASET)
        path = tmp_path / name / "report.json"
        path.write_text(re.sub(r'"created": "\d{4}', f'"created": "{created}', path.read_text()))
    assert [report.name for report in list_reports(tmp_path)[0]] == ["new", "old", "few"]


def test_a_folder_of_reports_that_is_not_there_is_empty(tmp_path):
    assert list_reports(tmp_path / "nowhere") == ([], {})
