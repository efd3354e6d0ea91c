"""The app's endpoints about reports, called as a program and as an assistant would."""

import asyncio
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from serving import serve

from handwriting.alphabet import CHARACTERS
from handwriting.app import upload
from handwriting.app.analysis import ReportDesk
from handwriting.app.page import LAUNCH, build_page
from handwriting.app.service import ReportService
from handwriting.app.upload import Finished, Progress, check_name, check_upload, run
from handwriting.datasets.idx import write_idx
from handwriting.datasets.splits import SPLITS
from handwriting.errors import InputError
from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report, write_report

SAMPLES = 400
LABELS = np.arange(SAMPLES) % 62


def probabilities(seed):
    random = np.random.default_rng(seed)
    values = random.dirichlet(np.full(62, 0.1), SAMPLES)
    values[np.arange(SAMPLES), LABELS] += 0.4
    return values / 1.4


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Two reports of the same 400 samples, without figures, which take time to draw."""
    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        for seed, name in enumerate(("old", "new")):
            predictions = Predictions.from_probabilities(
                tuple(CHARACTERS), LABELS, probabilities(seed)
            )
            dataset = {"name": "byclass", "part": "test"}
            write_report(folder / name, predictions, {"name": f"{name} net"}, dataset)
    return folder


@pytest.fixture(scope="module")
def address(reports, tmp_path_factory):
    """Where the app answers; its machine has the test images."""
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDWRITING_DATA", str(data))
        images_path, labels_path = SPLITS["byclass"].paths("test")
        random = np.random.default_rng(0)
        write_idx(images_path, random.integers(0, 256, (SAMPLES, 28, 28), dtype=np.uint8))
        write_idx(labels_path, LABELS)
        with serve(build_page(None, reports), **LAUNCH) as url:
            yield url


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture
def predictions_file(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, probabilities=probabilities(5))
    return path


def test_reports_are_listed(client, reports):
    listed = client.predict(api_name="/reports")
    assert {report["name"] for report in listed} == {"old", "new"}
    for report in listed:
        assert report["accuracy"] == Report.load(reports / report["name"]).metrics.accuracy


def test_metrics_are_the_reports(client, reports):
    told = client.predict("old", api_name="/metrics")
    report = Report.load(reports / "old")
    assert told["metrics"]["accuracy"] == report.metrics.accuracy
    assert told["classes"][10]["character"] == "A"


def test_confusions_of_a_pair_count_as_the_matrix_does(client, reports):
    report = Report.load(reports / "old")
    most = report.confusions[0]
    (told,) = client.predict("old", most.true, most.predicted, api_name="/confusions")
    assert told == {"true": most.true, "predicted": most.predicted, "count": most.count}
    assert len(client.predict("old", api_name="/confusions")) == 20
    assert len(client.predict("old", "", "", 500, api_name="/confusions")) == len(report.confusions)


def test_reports_are_compared(client, reports):
    told = client.predict("old", "new", api_name="/compare")
    old, new = (Report.load(reports / name).predictions for name in ("old", "new"))
    assert told["mcnemar"]["only_first"] == np.sum(old.correct & ~new.correct)
    assert told["figures"]["accuracy"]["difference"] == pytest.approx(
        new.correct.mean() - old.correct.mean()
    )
    assert all(isinstance(end, float) for end in told["figures"]["accuracy"]["ci95"])


def test_misread_samples_are_shown(client, reports):
    report = Report.load(reports / "old")
    most = report.confusions[0]
    picture, details = client.predict("old", most.true, most.predicted, 3, api_name="/misread")
    assert details["problem"] == ""
    assert details["total"] == most.count
    assert len(details["samples"]) == min(3, most.count)
    assert Path(picture).read_bytes()[1:4] == b"PNG"


def test_where_nothing_is_misread_it_is_told(client):
    picture, details = client.predict("old", "A", "A", api_name="/misread")
    assert picture is None
    assert details == {"total": 0, "samples": [], "problem": "no misread sample is of that kind"}


def test_predictions_are_evaluated(client, predictions_file, reports, tmp_path):
    told, files = client.predict(
        handle_file(predictions_file), "mine <b>", "old", api_name="/evaluate"
    )
    expected = np.mean(probabilities(5).argmax(axis=1) == LABELS)
    assert f"{expected:.2%}".replace("%", " %") in told
    assert "mine b on byclass" in told
    page, comparison, archive = map(Path, files)
    assert "mine b" in page.read_text()
    assert "old net" in comparison.read_text()
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    report = Report.load(tmp_path / "unpacked" / "report")
    assert report.metrics.accuracy == pytest.approx(expected)
    assert not list(Path(upload.tempfile.gettempdir()).glob("handwriting-*/report"))


@pytest.mark.parametrize(
    ("endpoint", "question", "message"),
    [
        ("/metrics", ("gone",), "no report 'gone'"),
        ("/metrics", ("../old",), "no report"),
        ("/metrics", (3,), "name of a report"),
        ("/confusions", ("old", "é"), "no class of this report"),
        ("/confusions", ("old", "", "", 0), "count is 0"),
        ("/confusions", ("old", "", "", "many"), "count is 'many'"),
        ("/compare", ("old", "gone"), "no report 'gone'"),
        ("/misread", ("old", "", "", 5, "size"), "order is 'size'"),
        ("/misread", ("", "", "", 5), "name of a report"),
        ("/evaluate", (None, "", "old"), "choose a file"),
    ],
)
def test_a_question_that_cannot_be_answered_gets_a_sentence(client, endpoint, question, message):
    with pytest.raises(AppError, match=message):
        client.predict(*question, api_name=endpoint)


@pytest.mark.parametrize("name", ["net.keras", "net.onnx", "net.pkl"])
def test_models_are_not_run(client, tmp_path, name):
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(AppError, match="on your own machine with python -m handwriting evaluate"):
        client.predict(handle_file(tmp_path / name), "", "old", api_name="/evaluate")


def test_a_fault_in_the_file_is_told(client, tmp_path):
    path = tmp_path / "wrong.npz"
    np.savez(path, probabilities=probabilities(0)[:100])
    with pytest.raises(AppError, match=r"wrong.npz: probabilities is \(100, 62\)"):
        client.predict(handle_file(path), "", "old", api_name="/evaluate")


def test_an_assistant_finds_and_uses_the_tools(address):
    async def talk():
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            answer = await session.call_tool("confusions", {"report": "old", "count": 1})
            return tools, answer

    # In a thread of its own: where browser tests have run, this one has an event loop already.
    with ThreadPoolExecutor(1) as thread:
        tools, answer = thread.submit(asyncio.run, talk()).result()
    assert tools.keys() >= {
        "guess", "read", "reports", "metrics", "confusions", "compare", "misread", "evaluate",
    }  # fmt: skip
    assert all(tool.description for tool in tools.values())
    assert "Its name, as listed by reports" in str(tools["confusions"].inputSchema)
    assert "predicted" in answer.content[0].text
    for name in ("metrics", "confusions", "compare", "misread", "evaluate"):
        # Gradio keeps one line of what is said of an argument.
        arguments = tools[name].inputSchema["properties"].values()
        assert all(argument["description"].endswith((".", "}")) for argument in arguments)
    assert "name" not in tools["evaluate"].inputSchema.get("required", [])


def test_a_run_tells_how_far_it_is(predictions_file, reports, tmp_path):
    states = list(run(predictions_file, "mine", Report.load(reports / "old"), tmp_path / "work"))
    assert [state.step for state in states[:-1]] == sorted(state.step for state in states[:-1])
    assert isinstance(states[-1], Finished)
    assert "McNemar" in states[-1].told


def test_a_closed_run_leaves_no_process(predictions_file, reports, tmp_path, monkeypatch):
    started = []
    popen = upload.subprocess.Popen

    def start(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(upload.subprocess, "Popen", start)
    work = run(predictions_file, "mine", Report.load(reports / "old"), tmp_path)
    assert isinstance(next(work), Progress)
    work.close()
    assert started[0].returncode is not None


def test_a_run_without_end_is_given_up(predictions_file, reports, tmp_path, monkeypatch):
    monkeypatch.setattr(upload, "PATIENCE", 0.0)
    with pytest.raises(InputError, match="given up"):
        list(run(predictions_file, "mine", Report.load(reports / "old"), tmp_path))


def test_an_upload_is_looked_at_from_outside_first(tmp_path, monkeypatch):
    big = tmp_path / "big.npz"
    big.write_bytes(b"12345")
    monkeypatch.setattr(upload, "MAX_BYTES", 4)
    with pytest.raises(InputError, match="larger"):
        check_upload(str(big))
    with pytest.raises(InputError, match="here no more"):
        check_upload(str(tmp_path / "gone.npz"))
    with pytest.raises(InputError, match=r"\.npz, \.csv, \.parquet"):
        check_upload(str(tmp_path / "notes.txt"))


def test_a_name_says_what_it_may():
    assert check_name("  My net <script>", Path("x.npz")) == "My net script"
    assert check_name(None, Path("forest.npz")) == "forest"
    assert check_name("/../", Path("x.npz")) == ".."
    assert check_name("<>", Path("x.npz")) == "yours"
    assert check_name("ResNet-18/v2: lr=0.1, 5 %", Path("x.npz")) == "ResNet-18-v2: lr=0.1, 5 %"
    assert len(check_name("a" * 500, Path("x.npz"))) == 40


def test_one_shelf_serves_many_at_once(reports):
    service = ReportService(ReportDesk(reports))
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(service.reports()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [2] * 8
