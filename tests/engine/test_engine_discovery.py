"""Who handed in what, in every layout and under every name."""

import ctypes
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import FolderFault, Submission
from pytest_tfgrade.engine import discover, submission_folder

NAMES = {
    "linear": ("linear", "category1/mymodel"),
    "digits": ("digits", "category2/mymodel"),
}

FORMAT = Code.FORMAT

Found = dict[str, dict[str, list[str]]]


def write(folder: Path, *names: str) -> None:
    """Make files, and folders where a name ends with ``/``."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.touch()


def shortened(submissions: Iterable[Submission]) -> Found:
    """Return the names of files by submission and task."""
    return {
        submission.id: {
            task: [file.name for file in files]
            for task, files in submission.found.items()
        }
        for submission in submissions
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return ``class`` in the current directory; messages name it so."""
    monkeypatch.chdir(tmp_path)
    Path("class").mkdir()
    return Path("class")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            ["alice/digits.keras", "alice/linear.h5", "bob/linear.hdf5"],
            {
                "alice": {"linear": ["linear.h5"], "digits": ["digits.keras"]},
                "bob": {"linear": ["linear.hdf5"]},
            },
            id="a-folder-for-each-candidate",
        ),
        pytest.param(
            ["alice_digits.keras", "bob_linear.h5", "alice_linear.keras"],
            {
                "alice": {
                    "digits": ["alice_digits.keras"],
                    "linear": ["alice_linear.keras"],
                },
                "bob": {"linear": ["bob_linear.h5"]},
            },
            id="flat-files",
        ),
        pytest.param(
            ["mary_ann_digits.keras", "_digits.keras", "x__digits.keras"],
            {
                "mary_ann": {"digits": ["mary_ann_digits.keras"]},
                "x_": {"digits": ["x__digits.keras"]},
                "_digits": {},
            },
            id="flat-files-with-more-underscores",
        ),
        pytest.param(
            ["digits.keras", "notes.txt", "work/linear.keras"],
            {"class": {"digits": ["digits.keras"]}},
            id="one-candidates-folder",
        ),
        pytest.param(
            ["digits.keras", "digits.h5"],
            {"class": {"digits": ["digits.h5", "digits.keras"]}},
            id="one-candidates-folder-with-two-artifacts",
        ),
        pytest.param(
            ["category2/mymodel.h5", "README.md"],
            {"class": {"digits": ["category2/mymodel.h5"]}},
            id="one-candidates-folder-as-in-the-exam",
        ),
        pytest.param(
            ["alice/category1/mymodel.h5", "alice/category2/mymodel.h5"],
            {
                "alice": {
                    "linear": ["category1/mymodel.h5"],
                    "digits": ["category2/mymodel.h5"],
                }
            },
            id="folders-as-in-the-exam",
        ),
        pytest.param(
            ["alice/digits.keras", "bob_digits.keras", "alice_linear.keras"],
            {
                "alice": {"digits": ["digits.keras"], "linear": ["alice_linear.keras"]},
                "bob": {"digits": ["bob_digits.keras"]},
            },
            id="folders-and-flat-files-together",
        ),
        pytest.param(
            ["alice/digits.keras", "alice/digits.h5"],
            {"alice": {"digits": ["digits.h5", "digits.keras"]}},
            id="two-artifacts-for-a-task",
        ),
        pytest.param(
            ["Alice/DIGITS.Keras", "bob/Category2/MyModel.H5", "Eve_Linear.KERAS"],
            {
                "Alice": {"digits": ["DIGITS.Keras"]},
                "Eve": {"linear": ["Eve_Linear.KERAS"]},
                "bob": {"digits": ["Category2/MyModel.H5"]},
            },
            id="case-does-not-count",
        ),
        pytest.param(
            [
                "alice/digits.pkl",
                "alice/linear.tflite",
                "bob_digits.zip",
                "c_digits.PT",
            ],
            {
                "alice": {"linear": ["linear.tflite"], "digits": ["digits.pkl"]},
                "bob": {"digits": ["bob_digits.zip"]},
                "c": {"digits": ["c_digits.PT"]},
            },
            id="wrong-endings-are-found-to-be-refused",
        ),
        pytest.param(
            ["alice/digits.txt", "alice/digits", "alice/digits.py", "b/linear.keras"],
            {"alice": {}, "b": {"linear": ["linear.keras"]}},
            id="what-cannot-be-meant-as-a-model",
        ),
        pytest.param(
            [
                "alice/digits.keras",
                "alice/.digits.keras",
                "alice/.git/digits.keras",
                "alice/__MACOSX/digits.keras",
                "alice/__pycache__/digits.keras",
                "alice/._digits.keras",
                "__MACOSX/alice/digits.keras",
                ".bob/digits.keras",
                "._alice_linear.keras",
                ".DS_Store",
            ],
            {"alice": {"digits": ["digits.keras"]}},
            id="hidden-files-are-not-looked-at",
        ),
        pytest.param(
            ["alice/digits.keras", "bob/", "README.md", "grades.csv"],
            {"alice": {"digits": ["digits.keras"]}, "bob": {}},
            id="an-empty-folder-is-a-candidate-without-artifacts",
        ),
        pytest.param(
            ["alice/digits.keras", "ivy.zip"],
            {"alice": {"digits": ["digits.keras"]}, "ivy": {}},
            id="what-a-platform-zipped-is-not-overlooked",
        ),
        pytest.param(
            ["alice/digits.keras/config.json", "alice/digits.keras/model.weights.h5"],
            {"alice": {"digits": ["digits.keras"]}},
            id="a-folder-with-the-ending-of-a-model",
        ),
        pytest.param(
            ["alice_digits.keras/config.json", "bob/linear.h5"],
            {
                "alice": {"digits": ["alice_digits.keras"]},
                "bob": {"linear": ["linear.h5"]},
            },
            id="a-flat-folder-with-the-ending-of-a-model",
        ),
        pytest.param(
            ["alice_digit.keras", "bob/linear.h5", "bob_spare.h5", "bob_2_lin.keras"],
            {"alice_digit": {}, "bob": {"linear": ["linear.h5"]}},
            id="a-misspelt-flat-file-leaves-nobody-out",
        ),
    ],
)
def test_artifacts_are_found(folder: Path, files: list[str], found: Found) -> None:
    write(folder, *files)

    assert shortened(discover(folder, NAMES)) == found


def test_what_no_task_asks_for_is_remembered(folder: Path) -> None:
    write(
        folder,
        "alice/digits.keras",
        "alice/digit.h5",
        "alice/old/linear.keras",
        "alice/train.py",
        "alice_lniear.keras",
        "bob_digit.keras",
        "bob_digit.txt",
    )

    others = {
        submission.id: submission.others for submission in discover(folder, NAMES)
    }

    assert others == {
        "alice": ("digit.h5", "old/linear.keras", "alice_lniear.keras"),
        "bob_digit": ("bob_digit.keras",),
    }


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            ["alice/digits.keras", "alice/digits.ipynb", "alice/digits.pkl"],
            {"alice": {"digits": ["digits.keras"]}},
            id="what-can-be-graded-before-what-cannot",
        ),
        pytest.param(
            ["alice/digits.pt", "alice/digits.json"],
            {"alice": {"digits": ["digits.pt"]}},
            id="what-is-meant-as-a-model-before-what-lies-beside-it",
        ),
        pytest.param(
            ["alice/._digits.keras", "bob/linear.ipynb", "c/linear.npz", "d/notes.npz"],
            {
                "alice": {"digits": ["._digits.keras"]},
                "bob": {"linear": ["linear.ipynb"]},
                "c": {"linear": ["linear.npz"]},
                "d": {},
            },
            id="what-lies-beside-a-model-if-nothing-else-is-there",
        ),
        pytest.param(
            ["digits.ipynb", "alice/digits.keras"],
            {"alice": {"digits": ["digits.keras"]}},
            id="a-notebook-makes-no-folder-one-candidates",
        ),
        pytest.param(
            ["digits.ipynb", "notes.txt"],
            {"class": {"digits": ["digits.ipynb"]}},
            id="a-candidate-with-a-notebook-alone",
        ),
        pytest.param(
            [
                "a/digits.weights.h5",
                "a/linear.keras.zip",
                "b/digits.tar.gz",
                "c/linear.ckpt.index",
                "c/linear.ckpt.data-00000-of-00001",
                "d_digits.weights.h5",
            ],
            {
                "a": {
                    "linear": ["linear.keras.zip"],
                    "digits": ["digits.weights.h5"],
                },
                "b": {"digits": ["digits.tar.gz"]},
                "c": {"linear": ["linear.ckpt.index"]},
                "d": {"digits": ["d_digits.weights.h5"]},
            },
            id="endings-of-two-parts",
        ),
    ],
)
def test_of_several_files_the_one_that_was_meant_counts(
    folder: Path, files: list[str], found: Found
) -> None:
    write(folder, *files)

    assert shortened(discover(folder, NAMES)) == found


def saved_model(folder: str) -> list[str]:
    """Return the names of a SavedModel's files."""
    inner = ("saved_model.pb", "keras_metadata.pb", "variables/variables.index")
    return [f"{folder}/{name}" for name in inner]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            saved_model("alice/digits"),
            {"alice": {"digits": ["digits"]}},
            id="a-folder-with-the-name-of-the-task",
        ),
        pytest.param(
            [*saved_model("alice/category2/mymodel"), "alice/linear.keras"],
            {"alice": {"linear": ["linear.keras"], "digits": ["category2/mymodel"]}},
            id="a-folder-as-in-the-exam",
        ),
        pytest.param(
            saved_model("category2/mymodel") + saved_model("linear"),
            {"class": {"linear": ["linear"], "digits": ["category2/mymodel"]}},
            id="one-candidates-folder",
        ),
        pytest.param(
            [*saved_model("alice_digits"), *saved_model("Bob_Linear"), "c/digits.h5"],
            {
                "Bob": {"linear": ["Bob_Linear"]},
                "alice": {"digits": ["alice_digits"]},
                "c": {"digits": ["digits.h5"]},
            },
            id="flat-folders",
        ),
        pytest.param(
            saved_model("alice/digits.tf") + saved_model("alice/linear.h5"),
            {"alice": {"linear": ["linear.h5"], "digits": ["digits.tf"]}},
            id="a-folder-with-an-ending",
        ),
        pytest.param(
            [*saved_model("alice/digits"), "alice/digits.keras"],
            {"alice": {"digits": ["digits.keras", "digits"]}},
            id="a-folder-and-a-file-for-one-task",
        ),
        pytest.param(
            [*saved_model("alice/digits"), "alice/digits/assets/digits.h5"],
            {"alice": {"digits": ["digits"]}},
            id="what-lies-in-a-saved-model-is-part-of-it",
        ),
        pytest.param(
            [*saved_model("alice/category2"), "alice/category2/mymodel.h5"],
            {"alice": {"digits": ["category2/mymodel.h5"]}},
            id="what-lies-beside-a-graph-is-not-lost",
        ),
        pytest.param(
            [*saved_model("alice"), "bob/linear.h5"],
            {"alice": {}, "bob": {"linear": ["linear.h5"]}},
            id="a-candidates-own-folder-says-no-task",
        ),
    ],
)
def test_a_saved_model_is_one_artifact(
    folder: Path, files: list[str], found: Found
) -> None:
    write(folder, *files)

    assert shortened(discover(folder, NAMES)) == found


@pytest.mark.parametrize(
    ("files", "others"),
    [
        (
            [*saved_model("alice/digist"), "alice/linear.h5"],
            {"alice": ("digist/saved_model.pb",)},
        ),
        (
            [*saved_model("alice"), "alice/linear.h5"],
            {"alice": ("saved_model.pb",)},
        ),
        (
            [*saved_model("alice_digist"), "alice/linear.h5", "bob/linear.h5"],
            {"alice": ("alice_digist/saved_model.pb",), "bob": ()},
        ),
        (
            [*saved_model("."), "alice/linear.h5", "bob/linear.h5"],
            {"alice": (), "bob": ()},
        ),
    ],
)
def test_a_saved_model_of_no_task_is_remembered_by_its_graph(
    folder: Path, files: list[str], others: dict[str, tuple[str, ...]]
) -> None:
    write(folder, *files)

    found = {s.id: s.others for s in discover(folder, NAMES)}

    assert found == others


def test_a_candidates_own_folder_is_the_saved_model_of_the_only_task(
    folder: Path,
) -> None:
    write(folder, *saved_model("alice"), *saved_model("bob"), "bob/digits.keras")

    alice, bob = discover(folder, {"digits": ("digits",)})

    assert alice.found["digits"][0].path == folder.absolute() / "alice"
    assert shortened([alice, bob]) == {
        "alice": {"digits": ["saved_model.pb"]},
        "bob": {"digits": ["digits.keras"]},
    }
    assert (alice.others, bob.others) == ((), ("saved_model.pb",))


def test_code_that_goes_with_an_artifact_is_found_by_its_name(folder: Path) -> None:
    sources = {"digits": ("model", "category2/model")}
    write(
        folder,
        *("alice/digits.keras", "alice/Model.py", "alice/train.py"),
        *("alice/category2/model.py", "bob_digits.keras", "bob_model.py"),
        *("bob_train.py", "nobody_model.py", "carol/model.py"),
    )

    found = {
        submission.id: {
            task: [file.name for file in files]
            for task, files in submission.sources.items()
        }
        for submission in discover(folder, NAMES, sources=sources)
    }

    assert found == {
        "alice": {"digits": ["Model.py", "category2/model.py"]},
        "bob": {"digits": ["bob_model.py"]},
        "carol": {"digits": ["model.py"]},
    }


@pytest.mark.parametrize(
    ("pattern", "files", "found"),
    [
        (
            "*digits*",
            ["alice/my digits 2.keras", "bob/old/digits.keras", "eve/digits.h5"],
            {
                "alice": {"digits": ["my digits 2.keras"]},
                "bob": {},
                "eve": {"digits": ["digits.h5"]},
            },
        ),
        (
            "*/mymodel",
            ["alice/category2/mymodel.h5", "alice/a/b/mymodel.h5", "alice/notes.h5"],
            {"alice": {"digits": ["category2/mymodel.h5"]}},
        ),
        ("[dD]igits?", ["a/digits2.keras"], {"a": {"digits": ["digits2.keras"]}}),
        (
            "*digits*",
            ["alice_digits.keras", "bob_my_digits.keras"],
            {
                "alice": {"digits": ["alice_digits.keras"]},
                "bob": {"digits": ["bob_my_digits.keras"]},
            },
        ),
        (
            "*digits*",
            ["digits.keras", "my_digits.h5"],
            {"class": {"digits": ["digits.keras", "my_digits.h5"]}},
        ),
    ],
)
def test_a_pattern_matches_folder_by_folder(
    folder: Path, pattern: str, files: list[str], found: Found
) -> None:
    write(folder, *files)

    assert shortened(discover(folder, {"digits": (pattern,)})) == found


def test_the_order_is_that_of_the_names_whatever_the_disk_says(folder: Path) -> None:
    write(folder, *(f"{name}_digits.keras" for name in ["c", "B", "a", "ä", "10", "9"]))
    write(folder, "b/linear.keras")

    found = discover(folder, NAMES)

    assert [submission.id for submission in found] == [
        "10",
        "9",
        "B",
        "a",
        "b",
        "c",
        "ä",
    ]


def test_what_lies_too_deep_is_not_looked_at(folder: Path) -> None:
    deep = "/".join("abcdefgh")
    names = {"digits": (f"{deep}/digits", f"{deep}/i/digits")}
    write(folder, f"x/{deep}/digits.keras", f"x/{deep}/i/digits.h5")

    found = shortened(discover(folder, names))

    assert found == {"x": {"digits": [f"{deep}/digits.keras"]}}


ODD = [
    pytest.param(b"a::b", "a%3A%3Ab", id="colons"),
    pytest.param(b"\x1b[31mred", "%1B[31mred", id="escape"),
    pytest.param(b"two\nlines", "two%0Alines", id="newline"),
    pytest.param("Ödön 木村 😀".encode(), "Ödön 木村 😀", id="unicode"),
    pytest.param("\u202egnp".encode(), "%E2%80%AEgnp", id="right-to-left"),
    pytest.param(b"--rootdir=x", "--rootdir=x", id="like-an-option"),
    pytest.param(b"caf\xe9", "caf%E9", id="not-utf-8"),
    pytest.param(b"100%", "100%25", id="percent"),
    pytest.param(b"[x]*?", "[x]*?", id="glob"),
    pytest.param(b" space ", " space ", id="spaces"),
    pytest.param(b"'; rm -rf ~", "'; rm -rf ~", id="shell"),
    pytest.param(b"x" * 255, "x" * 255, id="255-bytes"),
]


@pytest.mark.parametrize(("raw", "id_"), ODD)
def test_a_candidate_may_have_any_name(folder: Path, raw: bytes, id_: str) -> None:
    place = os.fsencode(folder) + b"/" + raw
    os.mkdir(place)  # noqa: PTH102 - bytes
    Path(os.fsdecode(place), "digits.keras").write_text("here")

    (submission,) = discover(folder, NAMES)

    assert submission.id == id_
    (file,) = submission.found["digits"]
    assert file.name == "digits.keras"
    assert file.path.read_text() == "here"


@pytest.mark.parametrize(("raw", "id_"), ODD[:-1])
def test_a_flat_file_may_have_any_name(folder: Path, raw: bytes, id_: str) -> None:
    write(folder, os.fsdecode(raw + b"_digits.keras"))

    (submission,) = discover(folder, NAMES)

    assert submission.id == id_
    (file,) = submission.found["digits"]
    assert file.name.isprintable()


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        (b"\x1b[2J.keras", r"\x1b[2J.keras"),
        (b"a\nb.h5", r"a\nb.h5"),
        (b"caf\xe9.h5", r"caf\udce9.h5"),
        (b"-n.keras", "-n.keras"),
        (b"x" * 249 + b".keras", "x" * 249 + ".keras"),
    ],
)
def test_the_name_of_a_file_is_printable(
    folder: Path, raw: bytes, printed: str
) -> None:
    write(folder, "alice/digits.keras", os.fsdecode(b"alice/" + raw))

    (submission,) = discover(folder, NAMES)

    assert submission.others == (printed,)


# Links


def test_a_link_to_a_file_is_found_where_it_lies(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, "secret.keras")
    write(folder, "alice/")
    link = folder / "alice" / "digits.keras"
    link.symlink_to(tmp_path / "secret.keras")

    (submission,) = discover(folder, NAMES)

    assert [file.path for file in submission.found["digits"]] == [link.absolute()]


def test_a_link_to_a_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, "elsewhere/mymodel.h5")
    write(folder, "alice/linear.keras")
    (folder / "alice" / "category2").symlink_to(tmp_path / "elsewhere")
    (folder / "alice" / "loop").symlink_to("..")

    assert shortened(discover(folder, NAMES)) == {"alice": {"linear": ["linear.keras"]}}


def test_a_link_in_place_of_a_candidates_folder_is_that_candidates_fault(
    folder: Path, tmp_path: Path
) -> None:
    write(tmp_path, "elsewhere/digits.keras")
    write(folder, "alice/linear.keras", "notes.txt")
    for name, target in {
        "bob": tmp_path / "elsewhere",
        "carol\x1b": "carol\x1b",
        "dan": "nowhere",
        "README": "notes.txt",
    }.items():
        (folder / name).symlink_to(target)

    found = discover(folder, NAMES)

    assert {submission.id: submission.fault for submission in found} == {
        "alice": None,
        "bob": a_link("bob"),
        "carol%1B": a_link(r"carol\x1b"),
        "dan": a_link("dan"),
    }
    assert shortened(found)["bob"] == {}


def a_link(name: str) -> FolderFault:
    text, hint = f"{name} is a link, not a folder", "Hand in the folder itself."
    return FolderFault(code=FORMAT, text=text, hint=hint)


def test_links_alone_are_submissions(folder: Path) -> None:
    (folder / "alice").symlink_to("nowhere")

    assert shortened(discover(folder, NAMES)) == {"alice": {}}


@pytest.mark.parametrize("target", ["saved", "notes.txt", "nowhere", "bob_digits"])
@pytest.mark.parametrize("name", ["bob_digits", "bob_digits.keras", "bob_digits.pt"])
def test_a_link_in_place_of_a_flat_artifact_is_found_to_be_refused(
    folder: Path, name: str, target: str
) -> None:
    write(folder, "alice/linear.keras", "notes.txt", *saved_model("../saved"))
    (folder / name).symlink_to(f"../{target}" if target == "saved" else target)

    _, bob = discover(folder, NAMES)

    assert shortened([bob]) == {"bob": {"digits": [name]}}
    assert bob.found["digits"][0].path == (folder / name).absolute()
    assert bob.fault is None


def test_a_link_beside_the_files_of_one_candidate_changes_nothing(folder: Path) -> None:
    write(folder, "digits.keras")
    (folder / "loop").symlink_to(".")

    assert shortened(discover(folder, NAMES)) == {"class": {"digits": ["digits.keras"]}}


def test_a_link_to_all_submissions_is_the_graders_own_choice(folder: Path) -> None:
    write(folder, "alice/digits.keras")
    Path("linked").symlink_to("class")

    assert shortened(discover(Path("linked"), NAMES)) == {
        "alice": {"digits": ["digits.keras"]}
    }


# Nothing to grade


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "nowhere",
            "nowhere: there is no such folder; "
            "give the folder that holds the submissions",
        ),
        (
            "class/notes.txt",
            "class/notes.txt: is not a folder; "
            "give the folder that holds the submissions",
        ),
        (
            "class",
            "class: there is no artifact of any task; "
            "expected CANDIDATE/linear.keras, CANDIDATE_linear.keras, "
            "or linear.keras of one candidate; "
            "there are alice/model.keras, bob_model.h5",
        ),
    ],
)
def test_a_place_without_submissions_is_refused(
    folder: Path, place: str, message: str
) -> None:
    write(folder, "notes.txt", "alice/model.keras", "bob_model.h5")

    with pytest.raises(SubmissionsError) as caught:
        discover(Path(place), NAMES)

    assert str(caught.value) == message


# What may not be read


@pytest.fixture
def bound_by_modes() -> Iterator[None]:
    """Let the modes of files bind root, too: take two capabilities for a while."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    kept, bound = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    for sets in (kept, bound):
        assert libc.capget(header, sets) == 0
    bound[0] &= ~0b110  # effective: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    assert libc.capset(header, bound) == 0
    yield
    assert libc.capset(header, kept) == 0


@pytest.mark.usefixtures("bound_by_modes")
@pytest.mark.parametrize(
    ("mode", "closed"),
    [(0, "bob"), (0o300, "bob"), (0o400, "bob/deep"), (0o600, "bob/deep")],
)
def test_what_may_not_be_read_of_one_candidate_is_a_fault_of_the_machine(
    folder: Path, mode: int, closed: str
) -> None:
    write(folder, "alice/digits.keras", "bob/deep/digits.keras", "bob_linear.h5")
    (folder / "bob").chmod(mode)

    found = discover(folder, NAMES)

    (folder / "bob").chmod(0o700)
    assert shortened(found) == {
        "alice": {"digits": ["digits.keras"]},
        "bob": {"linear": ["bob_linear.h5"]},
    }
    place = folder.absolute() / closed
    text = f"{place}: cannot be read: Permission denied; make it readable"
    assert [s.fault for s in found] == [
        None,
        FolderFault(code=Code.INFRA, text=text),
    ]


@pytest.mark.usefixtures("bound_by_modes")
@pytest.mark.parametrize("mode", [0, 0o300, 0o400, 0o600])
def test_a_folder_of_submissions_that_may_not_be_read_stops_the_run(
    folder: Path, mode: int
) -> None:
    write(folder, "alice/digits.keras")
    folder.chmod(mode)

    with pytest.raises(SubmissionsError) as caught:
        discover(folder, NAMES)

    folder.chmod(0o700)
    assert str(caught.value) == (
        "class: cannot be read: Permission denied; make it readable"
    )


@pytest.mark.usefixtures("bound_by_modes")
def test_what_lies_in_a_closed_folder_is_said_to_be_closed(folder: Path) -> None:
    write(folder, "inner/alice/digits.keras")
    folder.chmod(0)

    with pytest.raises(SubmissionsError) as caught:
        discover(folder / "inner", NAMES)

    folder.chmod(0o700)
    assert str(caught.value) == (
        "class/inner: cannot be read: Permission denied; make it readable"
    )


# Too much


def test_what_lies_300_folders_deep_is_not_looked_at(folder: Path) -> None:
    write(folder, "alice/digits.keras")
    bottom = folder / "bob"
    bottom.mkdir()
    here = os.open(bottom, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d" * 200, dir_fd=here)  # no path is that long
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("digits.keras", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)

    found = discover(folder, NAMES)

    assert shortened(found) == {"alice": {"digits": ["digits.keras"]}, "bob": {}}
    assert [submission.fault for submission in found] == [None, None]


def test_of_too_many_folders_the_rest_is_not_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission_folder, "MOST_FILES", 5)
    write(folder, *(f"alice/{letter}/x/" for letter in "abcdef"), "alice/z/y.h5")
    write(folder, "bob/linear.keras")

    alice, bob = discover(folder, NAMES)

    assert (alice.others, shortened([bob])) == (
        (),
        {"bob": {"linear": ["linear.keras"]}},
    )


def test_thousands_of_candidates_and_of_stray_files_are_found(folder: Path) -> None:
    for number in range(1500):
        (folder / f"{number}_digits.keras").touch()
        (folder / f"stray{number}.pt").touch()
        (folder / f"link{number}").symlink_to("nowhere")

    found = discover(folder, NAMES)

    assert len(found) == 4500
    assert sum(bool(s.found) for s in found) == 1500
    assert sum(s.fault is not None for s in found) == 1500


def test_nothing_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("opened")

    os.mkfifo(folder / "alice_digits.keras")
    monkeypatch.setattr("os.open", refuse)
    monkeypatch.setattr("builtins.open", refuse)

    found = discover(folder, NAMES)

    assert shortened(found) == {"alice": {"digits": ["alice_digits.keras"]}}


def test_a_model_beside_candidates_is_no_candidate_and_stops_the_run(
    folder: Path,
) -> None:
    write(folder, "linear.keras", "alice/linear.keras", "bob_linear.keras")

    with pytest.raises(SubmissionsError) as caught:
        discover(folder, NAMES)

    assert str(caught.value) == (
        f"{folder}: linear.keras would make this the folder of one candidate, but "
        "alice, bob handed in models, too; take it out, or give one candidate's folder"
    )


def test_a_folder_with_nothing_but_a_misspelt_file_is_one_candidates(
    folder: Path,
) -> None:
    write(folder, "liner.keras", "notes.txt")

    (submission,) = discover(folder, NAMES)

    assert submission.found == {}
    assert submission.others == ("liner.keras",)


# Names as learning platforms give them


MOODLE = re.compile("^(?P<candidate>.+?)_[0-9]+_assignsubmission_file")
DOWNLOADED = "_assignsubmission_file_"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            [f"Ada L_12{DOWNLOADED}/digits.keras", f"Bob_7{DOWNLOADED}/linear.h5"],
            {"Ada L": {"digits": ["digits.keras"]}, "Bob": {"linear": ["linear.h5"]}},
            id="folders",
        ),
        pytest.param(
            [f"Ada_12{DOWNLOADED}digits.keras", f"Ada_12{DOWNLOADED}linear.keras"],
            {
                "Ada": {
                    "digits": [f"Ada_12{DOWNLOADED}digits.keras"],
                    "linear": [f"Ada_12{DOWNLOADED}linear.keras"],
                }
            },
            id="flat-files",
        ),
        pytest.param(
            [f"Ada_12{DOWNLOADED}/digits.keras", f"Ada_12{DOWNLOADED}linear.keras"],
            {
                "Ada": {
                    "digits": ["digits.keras"],
                    "linear": [f"Ada_12{DOWNLOADED}linear.keras"],
                }
            },
            id="a-folder-and-a-file-of-one-candidate",
        ),
        pytest.param(
            ["ada/digits.keras", f"Bob_7{DOWNLOADED}/digits.keras"],
            {"Bob": {"digits": ["digits.keras"]}, "ada": {"digits": ["digits.keras"]}},
            id="a-name-without-the-pattern-is-taken-whole",
        ),
        pytest.param(
            [f"Bob_7{DOWNLOADED}/digits.keras", f"Ada_12{DOWNLOADED}digit.keras"],
            {"Ada": {}, "Bob": {"digits": ["digits.keras"]}},
            id="a-misspelt-file-belongs-to-its-candidate-too",
        ),
    ],
)
def test_a_pattern_finds_the_candidate_in_a_name(
    folder: Path, files: list[str], found: Found
) -> None:
    write(folder, *files)

    assert shortened(discover(folder, NAMES, MOODLE)) == found


def test_a_candidate_who_is_found_in_two_folders_stops_the_run(folder: Path) -> None:
    write(folder, f"Ada_12{DOWNLOADED}/digits.keras", f"Ada_13{DOWNLOADED}/linear.h5")

    with pytest.raises(SubmissionsError) as caught:
        discover(folder, NAMES, MOODLE)

    assert str(caught.value) == (
        f"{folder.absolute()}: Ada_12{DOWNLOADED} and Ada_13{DOWNLOADED} are both "
        "found to be of the candidate 'Ada'; let the pattern 'candidates' in the exam "
        "file take in what tells them apart, or write duplicates: latest if they are "
        "one"
    )


def test_a_candidate_is_named_so_that_no_node_id_breaks(folder: Path) -> None:
    write(folder, f"a::b[c]_1{DOWNLOADED}/digits.keras")

    (submission,) = discover(folder, NAMES, MOODLE)

    assert "::" not in submission.id
