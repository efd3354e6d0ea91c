"""The app, and the entry point of its Hugging Face Space: `python app.py`."""

from pathlib import Path

from handwriting import Recognizer
from handwriting.app.feedback import Feedback
from handwriting.app.page import LAUNCH, build_page
from handwriting.app.warmup import WarmingRecognizer

demo = build_page(
    WarmingRecognizer(Recognizer.load),
    Path(__file__).parent / "reports",
    Feedback.from_environment(),
)

if __name__ == "__main__":
    demo.launch(**LAUNCH)
