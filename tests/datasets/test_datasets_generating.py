"""Data that a function makes: the same for the same seed, checked like files."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pytest_tfgrade.datasets import load_dataset, read_description

if TYPE_CHECKING:
    from conftest import DatasetFolder

DOCS = Path(__file__).parents[2] / "docs" / "datasets.md"

SEEDED = """
    import numpy as np

    def flowers(*, seed, rows=3):
        rng = np.random.default_rng(seed)
        x = rng.random(rows, dtype=np.float32)
        return {"inputs": {"x": x}, "targets": {"y": rng.integers(0, 2, rows)}}
"""
RETURNING = """
    import numpy as np

    def flowers(*, seed):
        return {}
"""


@pytest.fixture
def waves(tmp_path: Path) -> Path:
    """Return the dataset folder that the documentation shows."""
    text = DOCS.read_text(encoding="utf-8")
    described = re.search(r"```yaml\n(dataset: waves\n.*?)```", text, re.DOTALL)
    written = re.search(
        r"```python\n(import numpy[^`]*def waves.*?)```", text, re.DOTALL
    )
    assert described is not None
    assert written is not None
    folder = tmp_path / "waves"
    folder.mkdir()
    (folder / "dataset.yaml").write_text(described[1], encoding="utf-8")
    (folder / "generate.py").write_text(written[1], encoding="utf-8")
    return folder


def test_a_generator_makes_what_is_described(waves: Path) -> None:
    dataset = load_dataset(waves)

    assert repr(dataset) == "<EvaluationDataset 'waves', 300 examples>"
    assert repr(dataset.inputs) == "<HiddenArrays series: float32 (300, 24)>"
    assert repr(dataset.targets) == "<HiddenArrays next: float32 (300,)>"
    assert 0.5 < float(np.std(dataset.inputs["series"])) < 2


def test_the_same_seed_gives_the_same_bytes_in_every_process(waves: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from pytest_tfgrade.datasets import load_dataset; "
        "print(load_dataset(Path(sys.argv[1])).sha256)"
    )

    printed = {
        subprocess.run(
            [sys.executable, "-c", code, waves],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert printed == {f"{load_dataset(waves).sha256}\n"}


def test_another_seed_renews_the_data(waves: Path) -> None:
    described = load_dataset(waves)

    renewed = load_dataset(waves, seed=8)

    assert renewed.sha256 != described.sha256
    assert repr(renewed.inputs) == repr(described.inputs)
    assert load_dataset(waves, seed=7).sha256 == described.sha256
    assert load_dataset(waves, seed=8).sha256 == renewed.sha256


def test_a_seed_in_the_description_is_as_good_as_one_given(waves: Path) -> None:
    renewed = load_dataset(waves, seed=8)
    path = waves / "dataset.yaml"
    path.write_text(path.read_text().replace("seed: 7", "seed: 8"))

    assert load_dataset(waves).sha256 == renewed.sha256


def test_the_described_sha256_must_be_that_of_the_data(
    flowers: "DatasetFolder",
) -> None:
    flowers.generate(SEEDED)
    right = load_dataset(flowers.path).sha256
    function = "function: generate.py:flowers, seed: 7"
    flowers.generate(SEEDED, generator=f"{{{function}, sha256: {'f' * 64}}}")

    message = flowers.problems()

    assert message == (
        "flowers/dataset.yaml:5:61: generate.py:flowers: returns data that has "
        f"changed: expected sha256 {'f' * 64}, found {right}; the seed, the options, "
        "the generator or a library is another; to accept the new data, write "
        f"sha256: {right}"
    )
    flowers.generate(SEEDED, generator=f"{{{function}, sha256: {right}}}")
    assert load_dataset(flowers.path).sha256 == right


def test_the_described_sha256_does_not_bind_another_seed(
    flowers: "DatasetFolder",
) -> None:
    function = "function: generate.py:flowers, seed: 7"
    flowers.generate(SEEDED, generator=f"{{{function}, sha256: {'f' * 64}}}")

    dataset = load_dataset(flowers.path, seed=8)

    assert dataset.rows == 3


@pytest.mark.parametrize(
    "rng",
    [
        pytest.param("np.random.default_rng()", id="unseeded"),
        pytest.param("RNG", id="goes-on-where-it-was"),
    ],
)
def test_a_generator_that_returns_other_data_each_time_is_refused(
    flowers: "DatasetFolder", rng: str
) -> None:
    code = SEEDED.replace("np.random.default_rng(seed)", rng)
    flowers.generate(
        code.replace("def f", "RNG = np.random.default_rng(7)\n\n    def f")
    )

    assert flowers.problems() == (
        "flowers/dataset.yaml:5:23: generate.py:flowers: does not return the same "
        "when called again with the same seed; draw from "
        "numpy.random.default_rng(seed) and from nothing else"
    )


def test_the_options_are_given_as_arguments(flowers: "DatasetFolder") -> None:
    generator = "{function: generate.py:flowers, seed: 7, options: {rows: 5}}"
    flowers.generate(SEEDED, generator=generator, rows="5")

    dataset = load_dataset(flowers.path)

    assert dataset.inputs["x"].shape == (5,)


def test_options_that_a_generator_changes_are_whole_in_the_next_call(
    flowers: "DatasetFolder",
) -> None:
    flowers.generate(
        """
        def flowers(*, seed, sizes):
            sizes.append(seed)
            return {"inputs": {"x": sizes}, "targets": {"y": [0] * len(sizes)}}
        """,
        generator="{function: generate.py:flowers, seed: 7, options: {sizes: [1, 2]}}",
    )

    dataset = load_dataset(flowers.path)

    np.testing.assert_array_equal(dataset.inputs["x"], [1, 2, 7])


def test_texts_and_lists_may_be_returned(flowers: "DatasetFolder") -> None:
    flowers.generate(
        """
        def flowers(*, seed):
            return {"inputs": {"x": ["a", "bc", ""]}, "targets": {"y": [0, 1, 1]}}
        """,
        inputs="  x: {dtype: string, shape: []}",
    )

    dataset = load_dataset(flowers.path)

    assert dataset.inputs["x"].tolist() == ["a", "bc", ""]
    assert dataset.targets["y"].dtype == np.int64


def test_a_function_of_an_installed_module_may_be_named(
    flowers: "DatasetFolder", monkeypatch: pytest.MonkeyPatch
) -> None:
    flowers.generate(
        SEEDED, generator="{function: tfgrade_course.data:flowers, seed: 7}"
    )
    package = Path("installed/tfgrade_course")
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "data.py").write_text((flowers.path / "generate.py").read_text())
    (flowers.path / "generate.py").unlink()
    monkeypatch.syspath_prepend(Path("installed").resolve())

    dataset = load_dataset(flowers.path)

    assert dataset.rows == 3


def test_generators_in_files_of_one_name_do_not_meet(flowers: "DatasetFolder") -> None:
    ones = """
        from __future__ import annotations
        from dataclasses import dataclass

        @dataclass
        class Size:
            value: int

        def flowers(*, seed):
            values = [Size(1).value] * 3
            return {"inputs": {"x": values}, "targets": {"y": values}}
    """
    flowers.generate(ones)
    flowers.path.rename("trees")
    flowers.generate(ones.replace("Size(1)", "Size(2)"))
    path = Path("trees/dataset.yaml")
    path.write_text(path.read_text().replace("dataset: flowers", "dataset: trees"))
    searched, modules = list(sys.path), set(sys.modules)

    trees, twos = load_dataset(Path("trees")), load_dataset(flowers.path)

    assert (trees.targets["y"].tolist(), twos.targets["y"].tolist()) == (
        [1, 1, 1],
        [2, 2, 2],
    )
    assert sys.path == searched
    assert {name for name in set(sys.modules) - modules if "generate" in name} == set()
    assert sorted(p.name for p in flowers.path.iterdir()) == [
        "dataset.yaml",
        "generate.py",
    ]


def test_a_changed_file_is_run_anew(flowers: "DatasetFolder") -> None:
    flowers.generate(SEEDED)
    before = load_dataset(flowers.path)
    flowers.generate(SEEDED.replace("(0, 2,", "(5, 6,"))

    after = load_dataset(flowers.path)

    assert after.sha256 != before.sha256
    assert after.targets["y"].tolist() == [5, 5, 5]


def test_the_description_is_read_without_running_the_generator(
    flowers: "DatasetFolder",
) -> None:
    flowers.generate("raise RuntimeError")

    description = read_description(flowers.path)

    assert description.generator is not None
    assert (description.generator.function, description.generator.seed) == (
        "generate.py:flowers",
        7,
    )
    assert (description.inputs["x"].dtype, description.inputs["x"].shape) == (
        "float32",
        (),
    )


def test_all_problems_of_a_description_with_a_generator_are_told_at_once(
    flowers: "DatasetFolder",
) -> None:
    flowers.generate(
        SEEDED,
        generator="{function: ../up.py:f, sed: 7, options: {seed: 3}, sha256: 12}\n"
        "files: {hidden.npz: 12}",
        inputs="  x: {file: hidden.npz, field: x, dtype: float32, shape: []}",
        targets="  y: {dtype: int64, shpe: []}",
    )

    assert flowers.problems(only_description=True).splitlines() == [
        (
            "flowers/dataset.yaml:5:23: '../up.py:f' is no function; write "
            "FILE.py:NAME or package.module:NAME"
        ),
        "flowers/dataset.yaml:5:35: unknown key 'sed'; did you mean 'seed'?",
        ("flowers/dataset.yaml:5:52: 'seed' is no option; write it beside 'options'"),
        (
            "flowers/dataset.yaml:5:71: is not a sha256; write its 64 digits or leave "
            "it out"
        ),
        (
            "flowers/dataset.yaml:6:8: a generator stands in place of files; remove "
            "one of the two"
        ),
        (
            "flowers/dataset.yaml:9:13: a generator stands in place of files; remove "
            "one of the two"
        ),
        (
            "flowers/dataset.yaml:9:32: a generator stands in place of files; remove "
            "one of the two"
        ),
        "flowers/dataset.yaml:11:21: unknown key 'shpe'; did you mean 'shape'?",
    ]


def test_a_dataset_has_files_or_a_generator(good: "DatasetFolder") -> None:
    path = good.path / "dataset.yaml"
    path.write_text(path.read_text().replace("files:", "generatr:"))

    assert good.problems(only_description=True).splitlines() == [
        "flowers/dataset.yaml:1:1: the key 'files' is missing; add it",
        "flowers/dataset.yaml:5:1: unknown key 'generatr'; did you mean 'generator'?",
    ]


@pytest.mark.parametrize(
    ("generator", "expected"),
    [
        pytest.param(
            "{function: generat.py:flowers, seed: 7}",
            "flowers/dataset.yaml:5:23: there is no file 'generat.py'; add it",
            id="no-file",
        ),
        pytest.param(
            "{function: generate.py:trees, seed: 7}",
            "flowers/dataset.yaml:5:23: generate.py:trees: there is no function "
            "'trees' in generate.py; write it",
            id="no-function",
        ),
        pytest.param(
            "{function: tfgrade_nowhere.data:flowers, seed: 7}",
            "flowers/dataset.yaml:5:23: tfgrade_nowhere.data:flowers: there is no "
            "module 'tfgrade_nowhere'; install it",
            id="no-module",
        ),
        pytest.param(
            "{function: generate.py:flowers, seed: 7, options: {row: 3, n: 1}}",
            "flowers/dataset.yaml:5:63: generate.py:flowers: takes no option 'row'; "
            "did you mean 'rows'?\n"
            "flowers/dataset.yaml:5:71: generate.py:flowers: takes no option 'n'; "
            "use 'rows'",
            id="unknown-options",
        ),
    ],
)
def test_a_generator_that_cannot_be_called_is_refused(
    flowers: "DatasetFolder", generator: str, expected: str
) -> None:
    flowers.generate(SEEDED, generator=generator)

    assert flowers.problems() == expected


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("*, seed, rows", "missing a required argument: 'rows'"),
        ("rows=3", "got an unexpected keyword argument 'seed'"),
    ],
)
def test_a_generator_that_wants_other_arguments_is_refused(
    flowers: "DatasetFolder", signature: str, reason: str
) -> None:
    flowers.generate(SEEDED.replace("*, seed, rows=3", signature))

    assert flowers.problems() == (
        "flowers/dataset.yaml:5:12: generate.py:flowers: cannot be called with 'seed' "
        f"and these options: {reason}; change them or the function"
    )


@pytest.mark.parametrize(
    ("error", "last"),
    [
        ("raise ValueError('too few petals')", "ValueError: too few petals"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (
            "import tfgrade_nowhere",
            "ModuleNotFoundError: No module named 'tfgrade_nowhere'",
        ),
    ],
)
def test_a_generator_that_raises_is_shown_with_its_last_lines(
    flowers: "DatasetFolder", error: str, last: str
) -> None:
    flowers.generate(RETURNING.replace("return {}", error))
    path = (flowers.path / "generate.py").resolve()

    assert flowers.problems().splitlines() == [
        "flowers/dataset.yaml:5:23: generate.py:flowers: failed; correct it:",
        "Traceback (most recent call last):",
        f'  File "{path}", line 5, in flowers',
        f"    {error}",
        last,
    ]


def test_a_file_that_is_not_python_is_shown_with_its_last_lines(
    flowers: "DatasetFolder",
) -> None:
    flowers.generate("def flowers(:")
    path = (flowers.path / "generate.py").resolve()

    assert flowers.problems().splitlines() == [
        "flowers/dataset.yaml:5:23: generate.py:flowers: failed; correct it:",
        f'  File "{path}", line 1',
        "    def flowers(:",
        "                ^",
        "SyntaxError: invalid syntax",
    ]


@pytest.mark.parametrize(
    "returned",
    ["None", "[1, 2]", "{'inputs': {}}", "{'inputs': {}, 'targets': np.zeros(3)}"],
)
def test_a_generator_that_returns_something_else_is_refused(
    flowers: "DatasetFolder", returned: str
) -> None:
    flowers.generate(RETURNING.replace("{}", returned))

    assert flowers.problems() == (
        "flowers/dataset.yaml:5:23: generate.py:flowers: does not return inputs and "
        'targets; return {"inputs": {NAME: ARRAY}, "targets": {NAME: ARRAY}}'
    )


def test_returned_arrays_are_checked_like_files_and_all_at_once(
    flowers: "DatasetFolder",
) -> None:
    flowers.generate(
        """
        import numpy as np

        def flowers(*, seed):
            inputs = {
                "x": np.float32([0, 77]),
                "w": np.float32([[1, 1, 1]]),
                "h": ["a", "b", "c"],
                "ragged": [[1], [2, 3], [4]],
                "other": np.zeros(3),
            }
            targets = {
                "kind": np.array([0, 77, 1]),
                "size": np.array([1, np.nan, np.inf]),
                "depht": np.zeros(3),
            }
            return {"inputs": inputs, "targets": targets}
        """,
        inputs="\n".join(
            f"  {name}: {{dtype: float32, shape: [], range: [0, 1]}}"
            for name in ("x", "w", "h", "ragged")
        ),
        targets="  kind: {dtype: int64, shape: [], classes: [rose, tulip]}\n"
        "  size: {dtype: float64, shape: []}\n"
        "  depth: {dtype: float64, shape: []}",
    )

    message = flowers.problems()

    assert "77" not in message
    assert message.splitlines() == [
        (
            "flowers/dataset.yaml:6:7: generate.py:flowers, 'w': holds 1 rows, not 3; "
            "correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:6:7: generate.py:flowers, 'x': holds 2 rows, not 3; "
            "correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:7:1: generate.py:flowers: returns 'other' in "
            "'inputs', which is not described; describe it or leave it out"
        ),
        (
            "flowers/dataset.yaml:8:41: generate.py:flowers, 'x': outside 0 to 1 in "
            "row 2; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:9:30: generate.py:flowers, 'w': examples have the "
            "shape (3,), described as (); correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:10:14: generate.py:flowers, 'h': holds texts, not "
            "float32; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:11:35: generate.py:flowers, 'ragged': rows differ "
            "in shape; give each row the same"
        ),
        (
            "flowers/dataset.yaml:12:1: generate.py:flowers: returns 'depht' in "
            "'targets', which is not described; describe it or leave it out"
        ),
        (
            "flowers/dataset.yaml:13:44: generate.py:flowers, 'kind': not a label in "
            "0..1 in row 2; correct the data or this value"
        ),
        (
            "flowers/dataset.yaml:14:9: generate.py:flowers, 'size': NaN or infinite "
            "in 2 rows, the first row 2; leave those rows out"
        ),
        (
            "flowers/dataset.yaml:15:3: generate.py:flowers: returns no 'depth' in "
            "'targets'; did you mean 'depht'?"
        ),
    ]


def test_a_seed_for_a_dataset_of_files_is_refused(good: "DatasetFolder") -> None:
    from pytest_tfgrade.core.errors import DatasetError

    with pytest.raises(DatasetError) as caught:
        load_dataset(good.path, seed=8)

    assert str(caught.value) == (
        "flowers/dataset.yaml:5:1: there is no 'generator' that could take a seed; "
        "leave the seed out"
    )
