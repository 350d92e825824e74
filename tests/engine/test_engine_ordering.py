"""Large models go first, all others as they are asked for."""

from pathlib import Path

from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.engine.job import Job
from pytest_tfgrade.engine.ordering import largest_first


def handed_in(folder: Path, sizes: dict[str, int]) -> dict[str, Submission]:
    found = {}
    for name, size in sizes.items():
        path = folder / name
        path.write_bytes(bytes(size))
        file = HandedIn(name="digits.keras", path=path)
        found[name] = Submission(id=name, found={"digits": (file,)})
    return found


def test_an_exceptionally_large_file_goes_first(tmp_path: Path) -> None:
    sizes = {"ann": 100, "bob": 120, "cid": 90, "dot": 5000, "eve": 9000, "fay": 110}
    submissions = handed_in(tmp_path, sizes)
    jobs = [Job(name, "digits") for name in sizes]

    ordered = largest_first(jobs, submissions)

    names = [job.submission for job in ordered]
    assert names == ["eve", "dot", "ann", "bob", "cid", "fay"]


def test_files_of_about_one_size_keep_their_order(tmp_path: Path) -> None:
    submissions = handed_in(tmp_path, {"bob": 700, "ann": 100, "cid": 300})
    jobs = [Job(name, "digits") for name in submissions]

    ordered = largest_first(jobs, submissions)

    assert list(ordered) == jobs


def test_who_handed_in_nothing_keeps_the_place(tmp_path: Path) -> None:
    submissions = handed_in(tmp_path, {"ann": 100, "cid": 10_000, "dot": 100})
    submissions["bob"] = Submission(id="bob", found={})
    jobs = [Job(name, "digits") for name in ("ann", "bob", "cid", "dot")]

    ordered = largest_first(jobs, submissions)

    assert [job.submission for job in ordered] == ["cid", "ann", "bob", "dot"]
