"""A private copy of an artifact: what is refused before anything looks at it."""

import hashlib
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RubricError, RunnerError, Ungradable
from pytest_tfgrade.core.facts import Weights
from pytest_tfgrade.core.submission import (
    Artifact,
    ArtifactFormat,
    HandedIn,
    Source,
    Submission,
)
from pytest_tfgrade.engine.chosen_file import choose, choose_source
from pytest_tfgrade.engine.staging import staged
from pytest_tfgrade.rubric import ArtifactRule, read_rubric
from pytest_tfgrade.rubric.model import SourceRule

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(100)

AGAIN = "Save it again with model.save(...) and check that the upload is complete."
SMALLER = (
    "Save a copy without optimizer state (keras.models.clone_model, set_weights), "
    "or use a smaller model."
)

Refused = Callable[..., tuple[Code, str, str]]


def rule(
    max_size: int = 5_000_000, *, formats: tuple[ArtifactFormat, ...] | None = None
) -> ArtifactRule:
    formats = tuple(ArtifactFormat) if formats is None else formats
    return ArtifactRule(names=("digits",), formats=formats, max_size=max_size)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return the folder that copies go to."""
    desk = tmp_path / "desk"
    desk.mkdir()
    return desk


@pytest.fixture
def refused(desk: Path) -> Refused:
    """Return code, rationale and hint of a file that is refused; it leaves nothing."""

    def stage(path: Path, rule: ArtifactRule) -> tuple[Code, str, str]:
        file = HandedIn(name=path.name, path=path)
        with pytest.raises(Ungradable) as caught, staged(file, rule, desk):
            pass
        assert list(desk.iterdir()) == []
        return caught.value.code, caught.value.rationale, caught.value.hint

    return stage


def test_a_copy_is_described_and_later_removed(tmp_path: Path, desk: Path) -> None:
    path = tmp_path / "digits.keras"
    path.write_bytes(HDF5)

    with staged(HandedIn(name="a/digits.keras", path=path), rule(), desk) as artifact:
        content = artifact.path.read_bytes()

    assert content == HDF5
    assert artifact.path.parent.parent == desk
    assert artifact.path.suffix == ".h5"  # by content, whatever the file is called
    assert (artifact.name, artifact.format, artifact.size) == (
        "a/digits.keras",
        "h5",
        108,
    )
    assert artifact.sha256 == hashlib.sha256(HDF5).hexdigest()
    assert list(desk.iterdir()) == []


def test_a_copy_does_not_change_with_the_file(tmp_path: Path, desk: Path) -> None:
    path = tmp_path / "digits.h5"
    path.write_bytes(HDF5)

    with staged(HandedIn(name="digits.h5", path=path), rule(), desk) as artifact:
        path.write_bytes(b"something else")
        path.unlink()

        assert hashlib.sha256(artifact.path.read_bytes()).hexdigest() == artifact.sha256


def test_a_copy_is_removed_though_its_user_fails(tmp_path: Path, desk: Path) -> None:
    path = tmp_path / "digits.h5"
    path.write_bytes(HDF5)
    file = HandedIn(name="digits.h5", path=path)

    with pytest.raises(RuntimeError), staged(file, rule(), desk):
        raise RuntimeError

    assert list(desk.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "allowed", "rationale"),
    [
        (3_400_000, 1_000_000, "digits.h5 has 3.4 MB, the task allows 1.0 MB"),
        (
            1_000_001,
            1_000_000,
            "digits.h5 has 1000001 bytes, the task allows 1000000 bytes",
        ),
        (2000, 1999, "digits.h5 has 2000 bytes, the task allows 1999 bytes"),
        (
            1 << 40,
            5_000_000,
            "digits.h5 has 1099511.6 MB, the task allows 5.0 MB",
        ),
    ],
)
def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, refused: Refused, size: int, allowed: int, rationale: str
) -> None:
    path = tmp_path / "digits.h5"
    path.touch()
    os.truncate(path, size)
    begun = time.perf_counter()

    finding = refused(path, rule(allowed))

    assert finding == (Code.SIZE, rationale, SMALLER)
    assert time.perf_counter() - begun < 1


def test_the_size_limit_itself_is_allowed(tmp_path: Path, desk: Path) -> None:
    path = tmp_path / "digits.h5"
    path.write_bytes(HDF5)

    with staged(
        HandedIn(name="digits.h5", path=path), rule(len(HDF5)), desk
    ) as artifact:
        assert artifact.size == len(HDF5)


def test_a_file_that_grows_while_it_is_read_is_refused(refused: Refused) -> None:
    growing = Path("/proc/self/status")  # says that it has 0 bytes
    if not growing.exists():
        pytest.skip("there is no /proc")

    code, rationale, _ = refused(growing, rule(100))

    assert code == Code.SIZE
    assert rationale.endswith(" bytes, the task allows 100 bytes")


def test_a_pipe_is_refused_without_waiting_for_it(
    tmp_path: Path, refused: Refused
) -> None:
    os.mkfifo(tmp_path / "digits.h5")

    finding = refused(tmp_path / "digits.h5", rule())

    assert finding == (Code.FORMAT, "digits.h5 is not a file", AGAIN)


def test_a_device_is_refused(refused: Refused) -> None:
    assert refused(Path("/dev/zero"), rule()) == (
        Code.FORMAT,
        "zero is not a file",
        AGAIN,
    )


def test_a_link_is_refused_though_it_leads_to_a_model(
    tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "real.h5").write_bytes(HDF5)
    (tmp_path / "digits.h5").symlink_to("real.h5")

    finding = refused(tmp_path / "digits.h5", rule())

    assert finding == (
        Code.FORMAT,
        "digits.h5 is a link, not a file",
        "Hand in the file.",
    )


def test_a_folder_is_refused(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "digits.keras").mkdir()

    finding = refused(tmp_path / "digits.keras", rule())

    assert finding == (
        Code.FORMAT,
        "digits.keras is a folder, not a file",
        "Hand in the file that model.save(...) wrote.",
    )


def test_a_file_that_is_gone_is_no_fault_of_the_candidate(
    tmp_path: Path, refused: Refused
) -> None:
    with pytest.raises(RunnerError, match=r"digits\.keras: cannot be read: No such"):
        refused(tmp_path / "digits.keras", rule())


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_a_file_that_we_may_not_read_is_no_fault_of_the_candidate(
    tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "digits.keras").touch(mode=0)

    with pytest.raises(RunnerError, match=r"cannot be read: Permission denied"):
        refused(tmp_path / "digits.keras", rule())


def test_a_format_that_the_task_does_not_take_is_refused(
    tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "digits.keras").write_bytes(HDF5)

    finding = refused(tmp_path / "digits.keras", rule(formats=(ArtifactFormat.KERAS,)))

    assert finding == (
        Code.FORMAT,
        "digits.keras is a .h5 file, the task takes .keras",
        "Save the model as digits.keras.",
    )


def test_what_is_no_model_is_refused_by_what_it_is(
    tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "digits.pkl").write_bytes(b"\x80\x04K\x01.")

    code, rationale, _ = refused(tmp_path / "digits.pkl", rule())

    assert (code, rationale) == (
        Code.FORMAT,
        "the file is a Python pickle or a PyTorch file",
    )


# Folders


def digest(*files: tuple[str, bytes]) -> str:
    """Return the sha256 of a folder, as its docstring says it."""
    lines = (f"{n}\0{hashlib.sha256(c).hexdigest()}\0{len(c)}\n" for n, c in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


SAVED = {
    "saved_model.pb": b"graph",
    "variables/variables.data-00000-of-00001": b"data",
    "variables/variables.index": b"index",
}


def save(folder: Path, **more: bytes) -> Path:
    """Write what a SavedModel is made of."""
    for name, content in {**SAVED, **more}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_parts_of_a_saved_model_are_copied_and_nothing_else(
    tmp_path: Path, desk: Path
) -> None:
    more = {"notes.txt": b"x", "old/digits.h5": b"x", "variables/.cache": b"x"}
    file = HandedIn(name="a/digits", path=save(tmp_path / "digits", **more))

    with staged(file, rule(), desk) as artifact:
        found = tree(artifact.path)

    assert found == SAVED
    assert artifact.path.suffix == ".savedmodel"
    assert (artifact.name, artifact.format, artifact.size) == (
        "a/digits",
        "savedmodel",
        14,
    )
    assert artifact.sha256 == digest(*SAVED.items())
    assert list(desk.iterdir()) == []


def test_the_sha256_of_a_folder_does_not_depend_on_where_it_lies(
    tmp_path: Path, desk: Path
) -> None:
    found = set()
    for name in ("one", "two", "three"):
        folder = save(
            tmp_path / name, **({"assets/w": b"1"} if name == "three" else {})
        )
        with staged(HandedIn(name=name, path=folder), rule(), desk) as artifact:
            found.add(artifact.sha256)

    assert found == {
        digest(*SAVED.items()),
        digest(("assets/w", b"1"), *SAVED.items()),
    }


def _link(folder: Path) -> None:
    (folder / "variables" / "more").symlink_to("/etc/passwd")


def _linked_folder(folder: Path) -> None:
    (folder / "variables").rename(folder / "elsewhere")
    (folder / "variables").symlink_to("elsewhere")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "variables" / "more")


def _deep(folder: Path) -> None:
    folder.joinpath("assets", *"abcdefghi").mkdir(parents=True)


def _many(folder: Path) -> None:
    (folder / "assets").mkdir()
    for number in range(2000):
        (folder / "assets" / str(number)).touch()


@pytest.mark.parametrize(
    ("change", "rationale"),
    [
        (_link, "digits/variables/more is a link, not a file"),
        (_linked_folder, "digits/variables is a link, not a file"),
        (_pipe, "digits/variables/more is not a file"),
        (_deep, "digits has folders that lie more than 8 deep"),
        (_many, "digits holds more than 2000 files"),
    ],
)
def test_a_folder_of_other_things_than_files_is_refused(
    tmp_path: Path, refused: Refused, change: Callable[[Path], None], rationale: str
) -> None:
    change(save(tmp_path / "digits"))

    code, found, _ = refused(tmp_path / "digits", rule())

    assert (code, found) == (Code.FORMAT, rationale)


def test_a_folder_counts_with_all_its_files(tmp_path: Path, refused: Refused) -> None:
    finding = refused(save(tmp_path / "digits"), rule(13))

    assert finding == (
        Code.SIZE,
        "digits has 14 bytes, the task allows 13 bytes",
        SMALLER,
    )


def test_an_unpacked_keras_file_is_called_so(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "digits.keras").mkdir()
    for name in ("config.json", "metadata.json", "model.weights.h5"):
        (tmp_path / "digits.keras" / name).touch()

    assert refused(tmp_path / "digits.keras", rule()) == (
        Code.FORMAT,
        "digits.keras is a folder: a .keras file that was unpacked",
        "Hand in the .keras file as model.save(...) wrote it; do not unpack it.",
    )


# Zips


def zipped(path: Path, members: dict[str, bytes], **how: int) -> HandedIn:
    with zipfile.ZipFile(path, "w", **how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return HandedIn(name=path.name, path=path)


@pytest.mark.parametrize("place", ["", "digits/", "work/digits/"])
def test_a_zip_of_a_saved_model_is_unpacked(
    tmp_path: Path, desk: Path, place: str
) -> None:
    members = {place + name: content for name, content in SAVED.items()}
    members |= {"__MACOSX/saved_model.pb": b"x", f"{place}.DS_Store": b"x"}
    file = zipped(tmp_path / "digits.zip", {**members, "readme.txt": b"x"})

    with staged(file, rule(), desk) as artifact:
        found = tree(artifact.path)

    assert found == SAVED
    assert (artifact.name, artifact.format) == ("digits.zip", "savedmodel")
    assert artifact.size == file.path.stat().st_size
    assert artifact.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert list(desk.iterdir()) == []


@pytest.mark.parametrize(
    ("member", "content", "form"),
    [
        ("digits.h5", HDF5, "h5"),
        ("work/digits.keras", HDF5, "h5"),
        ("digits.tflite", b"\x1c\0\0\0TFL3" + bytes(90), "tflite"),
    ],
)
def test_a_zip_of_one_file_is_unpacked(
    tmp_path: Path, desk: Path, member: str, content: bytes, form: str
) -> None:
    file = zipped(tmp_path / "digits.zip", {member: content, "__MACOSX/._x.h5": b"x"})

    with staged(file, rule(), desk) as artifact:
        found = artifact.path.read_bytes()

    assert found == content
    assert (artifact.format, artifact.path.suffix) == (form, f".{form}")
    assert list(desk.iterdir()) == []


def test_a_zip_in_a_zip_is_refused_whatever_its_name(
    tmp_path: Path, refused: Refused
) -> None:
    inner = zipped(tmp_path / "inner.zip", {"digits.h5": HDF5})
    zipped(tmp_path / "digits.zip", {"digits.keras": inner.path.read_bytes()})

    assert refused(tmp_path / "digits.zip", rule()) == (
        Code.FORMAT,
        "the file is a zip in a zip: it holds 'digits.keras', which is one, too",
        "Hand in what 'digits.keras' holds.",
    )


def test_a_zip_is_measured_by_what_it_unpacks_to(
    tmp_path: Path, refused: Refused
) -> None:
    content = os.urandom(20_000) * 55  # packs 30 to 1
    zipped(
        *(tmp_path / "digits.zip", {"digits.h5": content}),
        compression=zipfile.ZIP_DEFLATED,
    )

    assert refused(tmp_path / "digits.zip", rule(200_000)) == (
        Code.SIZE,
        "digits.zip unpacks to 1.1 MB, the task allows 0.2 MB",
        SMALLER,
    )


@pytest.mark.parametrize(
    ("members", "rationale"),
    [
        (
            {**SAVED, "../evil": b"x"},
            "the zip file holds '../evil', a path out of the folder",
        ),
        (
            {**SAVED, "variables": b"x"},
            "the zip file holds 'variables', a name that cannot be unpacked",
        ),
        (
            {**SAVED, "./saved_model.pb": b"x"},
            "the zip file holds 2 models: '.', '.'",
        ),
        (
            {**SAVED, "assets/" + "x" * 256: b"x"},
            f"the zip file holds 'assets/{'x' * 70}...', "
            "a name that cannot be unpacked",
        ),
        (
            {**SAVED, "assets/a/b/c/d/e/f/g/h/i": b"x"},
            "the zip file holds 'assets/a/b/c/d/e/f/g/h/i', "
            "a path of more than 8 folders",
        ),
    ],
)
def test_a_zip_that_cannot_be_unpacked_is_refused(
    tmp_path: Path, refused: Refused, members: dict[str, bytes], rationale: str
) -> None:
    zipped(tmp_path / "digits.zip", members)

    code, found, _ = refused(tmp_path / "digits.zip", rule())

    assert (code, found) == (Code.FORMAT, rationale)
    assert not (tmp_path / "evil").exists()


def test_a_damaged_member_is_found_while_it_is_unpacked(
    tmp_path: Path, refused: Refused
) -> None:
    zipped(tmp_path / "digits.zip", {"digits.h5": HDF5})
    content = bytearray((tmp_path / "digits.zip").read_bytes())
    content[content.index(HDF5) + 50] ^= 1
    (tmp_path / "digits.zip").write_bytes(content)

    code, rationale, _ = refused(tmp_path / "digits.zip", rule())

    assert (code, rationale) == (Code.FORMAT, "the zip file is damaged")


# Weights and optimizer state


@pytest.mark.parametrize(
    ("model", "optimizer", "rationale", "hint"),
    [
        (
            1_100_000,
            2_200_000,
            "digits.h5 has 3.4 MB (1.1 MB of weights, 2.2 MB of optimizer state), "
            "the task allows 2.0 MB",
            "Save a copy without optimizer state: "
            "keras.models.clone_model(model), then set_weights(...).",
        ),
        (
            2_300_000,
            1_000_000,
            "digits.h5 has 3.4 MB (2.3 MB of weights, 1.0 MB of optimizer state), "
            "the task allows 2.0 MB",
            "Use a smaller model.",
        ),
        (
            3_300_000,
            0,
            "digits.h5 has 3.4 MB, the task allows 2.0 MB",
            "Use a smaller model.",
        ),
    ],
)
def test_a_file_that_is_too_large_is_looked_into(  # noqa: PLR0913, PLR0917
    tmp_path: Path, desk: Path, model: int, optimizer: int, rationale: str, hint: str
) -> None:
    path = tmp_path / "digits.h5"
    path.write_bytes(HDF5 + bytes(3_400_000 - len(HDF5)))
    looked_at = []

    def explain(artifact: Artifact) -> Weights:
        looked_at.append((artifact.path.stat().st_size, artifact.format))
        return Weights(parameters=1, model_bytes=model, optimizer_bytes=optimizer)

    file = HandedIn(name=path.name, path=path)
    with (
        pytest.raises(Ungradable) as caught,
        staged(file, rule(2_000_000), desk, explain_size=explain),
    ):
        pass

    found = caught.value
    assert (found.code, found.rationale, found.hint) == (Code.SIZE, rationale, hint)
    assert looked_at == [(3_400_000, "h5")]
    assert list(desk.iterdir()) == []


def test_a_file_that_is_far_too_large_is_not_looked_into(
    tmp_path: Path, desk: Path
) -> None:
    path = tmp_path / "digits.h5"
    path.touch()
    os.truncate(path, (1 << 30) + 1)

    def explain(artifact: Artifact) -> Weights:
        raise AssertionError(artifact)

    file = HandedIn(name=path.name, path=path)
    with (
        pytest.raises(Ungradable) as caught,
        staged(file, rule(2_000_000), desk, explain_size=explain),
    ):
        pass

    assert caught.value.rationale == ("digits.h5 has 1073.7 MB, the task allows 2.0 MB")


# Code that goes with a model


def with_source(file: Path | None = None) -> ArtifactRule:
    source = SourceRule(names=("model",), file=file, builds="build")
    return replace(rule(), source=source)


@pytest.fixture
def digits(tmp_path: Path) -> HandedIn:
    path = tmp_path / "digits.weights.h5"
    path.write_bytes(HDF5)
    return HandedIn(name=path.name, path=path)


def test_code_is_copied_beside_its_model(
    tmp_path: Path, desk: Path, digits: HandedIn
) -> None:
    text = b"raise SystemExit('never run here')\n"
    (tmp_path / "model.py").write_bytes(text)
    code = HandedIn(name="a/model.py", path=tmp_path / "model.py")

    with staged(digits, with_source(), desk, source=code) as artifact:
        assert artifact.source is not None
        found = artifact.source.path.read_bytes()

    assert found == text
    assert artifact.source == Source(
        path=artifact.path.parent / "source.py",
        name="a/model.py",
        sha256=hashlib.sha256(text).hexdigest(),
        builds="build",
    )
    assert list(desk.iterdir()) == []


def test_the_courses_own_code_takes_the_place_of_the_candidates(
    tmp_path: Path, desk: Path, digits: HandedIn
) -> None:
    (tmp_path / "model.py").write_text("candidate")
    (tmp_path / "ours.py").write_text("course")
    code = HandedIn(name="model.py", path=tmp_path / "model.py")

    rule = with_source(tmp_path / "ours.py")
    with staged(digits, rule, desk, source=code) as artifact:
        assert artifact.source is not None
        assert artifact.source.path.read_text() == "course"
        assert artifact.source.name == "ours.py"


@pytest.mark.parametrize(
    ("asked", "handed_in"), [(True, False), (False, True), (False, False)]
)
def test_without_code_or_a_task_that_asks_for_it_there_is_none(
    tmp_path: Path, desk: Path, digits: HandedIn, asked: bool, handed_in: bool
) -> None:
    (tmp_path / "model.py").write_text("")
    code = HandedIn(name="model.py", path=tmp_path / "model.py")

    with staged(
        digits,
        with_source() if asked else rule(),
        desk,
        source=code if handed_in else None,
    ) as artifact:
        assert artifact.source is None


@pytest.mark.parametrize(
    ("content", "rationale"),
    [
        (b"caf\xe9", "model.py is not a text in UTF-8"),
        (b"x = 1\0", "model.py is not a text in UTF-8"),
        (b"#" * 1_000_001, "model.py has more than 1.0 MB"),
        (None, "model.py is a link, not a file"),
    ],
)
def test_code_that_is_no_text_is_left_out_with_the_reason(
    tmp_path: Path,
    desk: Path,
    digits: HandedIn,
    content: bytes | None,
    rationale: str,
) -> None:
    path = tmp_path / "model.py"
    if content is None:
        path.symlink_to("/etc/passwd")
    else:
        path.write_bytes(content)
    code = HandedIn(name="model.py", path=path)

    with staged(digits, with_source(), desk, source=code) as artifact:
        found = artifact.source, artifact.source_fault

    assert found == (None, rationale)
    assert list(desk.iterdir()) == []


def test_code_of_the_course_that_is_no_text_is_the_rubrics_fault(
    tmp_path: Path, desk: Path, digits: HandedIn
) -> None:
    (tmp_path / "ours.py").write_bytes(b"\xff")

    with (
        pytest.raises(RubricError) as caught,
        staged(digits, with_source(tmp_path / "ours.py"), desk),
    ):
        pass

    assert str(caught.value) == (
        f"{tmp_path}/ours.py: ours.py is not a text in UTF-8; give a Python file"
    )


@pytest.mark.parametrize(
    ("formats", "is_accepted"),
    [
        ((ArtifactFormat.H5,), True),
        ((ArtifactFormat.WEIGHTS,), True),
        ((ArtifactFormat.KERAS, ArtifactFormat.TFLITE), False),
    ],
)
def test_an_hdf5_file_passes_where_a_model_or_weights_do(
    desk: Path,
    digits: HandedIn,
    formats: tuple[ArtifactFormat, ...],
    is_accepted: bool,
) -> None:
    try:
        with staged(digits, rule(formats=formats), desk) as artifact:
            assert artifact.format is ArtifactFormat.H5
        passed = True
    except Ungradable as finding:
        passed = False
        assert finding.rationale == (
            "digits.weights.h5 is a .h5 file, the task takes .keras or .tflite"
        )

    assert passed is is_accepted


# Which file


def submission(*names: str, others: tuple[str, ...] = ()) -> Submission:
    files = tuple(HandedIn(name=name, path=Path(name)) for name in names)
    return Submission(id="a", found={"digits": files} if files else {}, others=others)


@pytest.mark.parametrize(
    ("handed_in", "finding"),
    [
        (
            submission(),
            (
                Code.MISSING,
                "no model was handed in for this task",
                "Hand in digits.keras, digits.h5 or the SavedModel folder digits.",
            ),
        ),
        (
            submission(others=("a.h5", "b.h5", "c.h5", "d.h5")),
            (
                Code.MISSING,
                "no model was handed in for this task",
                "Hand in digits.keras, digits.h5 or the SavedModel folder digits. "
                "These files belong to no task: a.h5, b.h5, c.h5.",
            ),
        ),
        (
            submission(others=("a.h5", "digist.keras")),
            (
                Code.MISSING,
                "no model was handed in for this task",
                "Hand in digits.keras, digits.h5 or the SavedModel folder digits. "
                "digist.keras: did you mean digits.keras?",
            ),
        ),
        (
            submission(others=("old/Digit/saved_model.pb",)),
            (
                Code.MISSING,
                "no model was handed in for this task",
                "Hand in digits.keras, digits.h5 or the SavedModel folder digits. "
                "old/Digit/saved_model.pb: did you mean digits/saved_model.pb?",
            ),
        ),
        (
            submission(others=("saved_model.pb",)),
            (
                Code.MISSING,
                "no model was handed in for this task",
                "Hand in digits.keras, digits.h5 or the SavedModel folder digits. "
                "saved_model.pb belongs to no task: "
                "put saved_model.pb and the folder variables into a folder named "
                "digits.",
            ),
        ),
        (
            submission("digits.h5", "digits.keras"),
            (
                Code.FORMAT,
                "2 files were handed in for this task: digits.h5, digits.keras",
                "Hand in one of them.",
            ),
        ),
    ],
)
def test_one_file_must_be_handed_in(
    tmp_path: Path, handed_in: Submission, finding: tuple[Code, str, str]
) -> None:
    file = tmp_path / "digits.yaml"
    file.write_text(
        "task: digits\n"
        "artifact: {formats: [keras, h5, savedmodel]}\n"
        "contract: {inputs: {x: {shape: [null]}}, outputs: {y: {shape: [null]}}}\n"
        "criteria: [{id: file, check: file, points: 1}]\n"
    )

    with pytest.raises(Ungradable) as caught:
        choose(handed_in, read_rubric(file))

    found = caught.value
    assert (found.code, found.rationale, found.hint) == finding


def test_code_is_handed_in_once_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "digits.yaml"
    file.write_text(
        "task: digits\n"
        "contract: {inputs: {x: {shape: [null]}}, outputs: {y: {shape: [null]}}}\n"
        "criteria: [{id: file, check: file, points: 1}]\n"
    )
    rubric = read_rubric(file)
    one, other = (HandedIn(name=n, path=Path(n)) for n in ("model.py", "a/model.py"))

    def found(*files: HandedIn) -> HandedIn | None:
        sources = {"digits": files} if files else {}
        return choose_source(Submission(id="a", found={}, sources=sources), rubric)

    assert (found(), found(one)) == (None, one)
    with pytest.raises(Ungradable) as caught:
        found(one, other)
    assert caught.value.rationale == (
        "2 files were handed in as the code of this task: model.py, a/model.py"
    )
