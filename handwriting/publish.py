"""A report, and the model that it is about, as a model repository on the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

from handwriting.errors import InputError
from handwriting.evaluation.report import CONTENT, Report
from handwriting.recognizer import MODELS, find_path_model, load_account

CARD, README = "model-card.md", "README.md"


def publish(
    report: Report, repository: str, model: str | None = None, private: bool = False
) -> str:
    """Upload in one commit, with the login that `hf auth login` has stored or `HF_TOKEN` names.

    Args:
        report: What is uploaded: its model card becomes the repository's README, everything else
            keeps its name.
        repository: `owner/name`; made where there is none.
        model: The model's file, or the name of a shipped model, to upload beside it, with what
            the trainer wrote down about it.
        private: Whether a new repository is for its owner alone.

    Returns:
        The repository's address.

    Raises:
        InputError: The report has no card, there is no such model, or the Hub refuses.
    """
    # Takes a second. What huggingface_hub speaks through is part of what it raises.
    from httpx2 import HTTPError
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

    files = _list_files(report, model)
    api = HfApi()
    try:
        address = api.create_repo(repository, private=private, exist_ok=True)
        api.create_commit(
            address.repo_id,
            [CommitOperationAdd(name, path) for name, path in files.items()],
            commit_message=f"{report.model['name']} on {report.dataset['name']}",
        )
    except LocalTokenNotFoundError:
        raise InputError("nobody is logged in to the Hub: run `hf auth login`") from None
    except HFValidationError as error:
        raise InputError(f"{repository} is no name of a repository: {_line(error)}") from None
    except HfHubHTTPError as error:
        raise InputError(f"the Hub refuses {repository}: {_line(error)}") from None
    except (HTTPError, OSError) as error:
        raise InputError(f"the Hub cannot be reached: {_line(error)}") from None
    return str(address)


def _list_files(report: Report, model: str | None) -> dict[str, Path]:
    """What goes up, by its name there."""
    folder = report.folder
    card = folder / CARD
    if not card.is_file():
        raise InputError(f"{folder} has no {CARD}: evaluate the model again")
    files = {
        path.relative_to(folder).as_posix(): path
        for name in sorted(CONTENT - {CARD, README})
        for path in sorted([folder / name, *(folder / name).rglob("*")])
        if path.is_file()
    }
    files[README] = card
    if model:
        shipped = MODELS / f"{model}.keras"
        path = shipped if shipped.exists() else Path(model)
        if not path.is_file():
            raise InputError(f"no model {model}: give its file, or leave --model out")
        account = path.with_suffix(".json")
        beside = [account] if account.is_file() else []
        if follower := find_path_model(path, load_account(path)):
            beside.append(follower)
        files |= {file.name: file for file in [path, *beside]}
    return files


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
