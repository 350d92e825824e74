"""A private copy of an artifact: what is refused before anything looks at it."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.submission import ArtifactFormat, HandedIn, Submission
from pytest_tfgrade.engine.staging import choose, staged
from pytest_tfgrade.rubric import ArtifactRule, read_rubric

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
    assert artifact.path.parent == desk
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

    assert finding == (Code.FORMAT, "digits.keras is a folder, not a file", AGAIN)


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
                "Hand in digits.keras or digits.h5.",
            ),
        ),
        (
            submission(others=("a.h5", "b.h5", "c.h5", "d.h5")),
            (
                Code.MISSING,
                "no model was handed in for this task",
                "Hand in digits.keras or digits.h5. "
                "These files belong to no task: a.h5, b.h5, c.h5.",
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
        "contract: {inputs: {x: {shape: [null]}}, outputs: {y: {shape: [null]}}}\n"
        "criteria: [{id: file, check: file, points: 1}]\n"
    )

    with pytest.raises(Ungradable) as caught:
        choose(handed_in, read_rubric(file))

    found = caught.value
    assert (found.code, found.rationale, found.hint) == finding
