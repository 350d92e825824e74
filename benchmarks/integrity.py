"""How often copies are found, and models that were trained apart are not.

    python benchmarks/integrity.py --json docs/figures/integrity.json
    python benchmarks/integrity.py --models FOLDER      # trained before: see below

Trains models of four kinds with ``train_cohort.py``, about 25 minutes on 2 cores;
keeps them in ``--models`` if given, and takes those that are there. Reads files as a
run does and asks the report on integrity. README.md beside this file says what figures
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from goals import write
from machine import describe
from numpy.typing import NDArray
from ways import HERE

from pytest_tfgrade.core.criterion import ArtifactRecord
from pytest_tfgrade.core.fingerprint import (
    ORDERED,
    ORDERED_OF_VECTOR,
    SORTED,
    SORTED_OF_VECTOR,
    Fingerprint,
    WeightPrint,
)
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.portrait import Portrait
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.engine.fingerprinting import answer_print
from pytest_tfgrade.engine.output_kinds import Kind as OutputKind
from pytest_tfgrade.facts.prints import weight_print
from pytest_tfgrade.reports.integrity.finding import Finding, Kind
from pytest_tfgrade.reports.integrity.search import search
from pytest_tfgrade.runner.worker.hdf5 import read_hdf5

KINDS: Final = ("dense", "conv", "wide", "series")
_ROWS: Final = 2000

Cohort = Mapping[str, Grade]


def main() -> None:
    """Train what is missing, measure, print."""
    options = _options()
    print(describe(), flush=True)
    if options.models is not None:
        figures = measured(options, options.models)
    else:
        with tempfile.TemporaryDirectory(prefix="integrity-") as name:
            figures = measured(options, Path(name))
    print(json.dumps(figures, indent=1))
    if options.json is not None:
        shown = {"apart": options.apart, "copied": options.copied}
        write(options.json, "integrity", options=shown, figures=figures, goals=())


def measured(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return all figures; models lie in the folder, or are trained into it."""
    figures: dict[str, Any] = {"kinds": {}}
    for kind in KINDS:
        if not (folder / kind).exists():
            train(kind, folder / kind, options.apart, options.copied)
        cohort = dict(read(folder / kind))
        figures["kinds"][kind] = {
            "apart": apart(cohort),
            "copies": copies(cohort),
            "copies by answers alone": copies(by_answers_alone(cohort)),
        }
        print(kind, json.dumps(figures["kinds"][kind]), flush=True)
    figures["false alarms"] = _summed(figures["kinds"].values())
    figures["seconds"] = {str(count): seconds_of(count) for count in options.sizes}
    return figures


def train(kind: str, folder: Path, apart: int, copied: int) -> None:
    """Train models in a process that ends, so that nothing here has its memory."""
    program = str(HERE / "train_cohort.py")
    command = (sys.executable, program, str(folder), kind, str(apart), str(copied))
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(command, check=True, env={**os.environ, **quiet})  # noqa: S603 - ours


def read(folder: Path) -> Iterator[tuple[str, Grade]]:
    """Yield models by name, as a run knows them: by their prints."""
    targets = np.load(folder / "targets.npy")
    is_series = targets.ndim > 1
    for file in sorted(folder.glob("*.npy")):
        if file.stem != "targets":
            model = next(iter(folder.glob(f"{file.stem}.[hk]*")))
            form = ArtifactFormat.H5 if model.suffix == ".h5" else ArtifactFormat.KERAS
            print_ = Fingerprint(
                weights=weight_print(read_hdf5(str(model)), form),
                answers=(
                    answer_print(
                        "rows",
                        "y",
                        OutputKind.NUMBERS if is_series else OutputKind.CLASSES,
                        targets,
                        np.load(file),
                    ),
                ),
            )
            digest = hashlib.sha256(model.read_bytes()).hexdigest()
            yield file.stem, _grade(file.stem, digest, print_)


def apart(cohort: Cohort) -> dict[str, Any]:
    """Return how many pairs of models that were trained apart were told, by kind."""
    alone = [name for name in cohort if _original(name) is None]
    told = found(cohort, alone)
    alarms = {kind.value: len(told_of(told, kind)) for kind in Kind}
    groups = Counter(name.partition("-")[0] for name in alone)
    pairs = len(alone) * (len(alone) - 1) // 2
    return {"models": dict(groups), "pairs": pairs, "alarms": alarms}


def copies(cohort: Cohort) -> dict[str, Any]:
    """Return how many copies of each sort were told, one at a time in a whole class."""
    alone = [name for name in cohort if _original(name) is None]
    results: dict[str, Counter[str]] = defaultdict(Counter)
    for name in cohort:
        original = _original(name)
        if original is None:
            continue
        told = found(cohort, [*alone, name])
        pair = frozenset((name, original))
        kinds = [kind for kind in Kind if pair in told_of(told, kind)]
        count = results[_change(name)]
        count["copies"] += 1
        count["found"] += bool(kinds)
        count.update(kind.value for kind in kinds)
        others = {one for kind in Kind for one in told_of(told, kind)} - {pair}
        count["others told"] += len(others)
    return {change: dict(count) for change, count in sorted(results.items())}


def by_answers_alone(cohort: Cohort) -> Cohort:
    """Return the models as if nothing were known of their weights and files."""
    return {
        name: _grade(
            name,
            hashlib.sha256(name.encode()).hexdigest(),
            Fingerprint(answers=print_.answers),
        )
        for name, grade in cohort.items()
        if (print_ := grade.tasks[0].portrait.fingerprint) is not None
    }


def told_of(findings: Sequence[Finding], kind: Kind) -> set[frozenset[str]]:
    """Return the pairs that findings of a kind tell; the models, if of each one."""
    told: set[frozenset[str]] = set()
    for finding in findings:
        if finding.kind is not kind:
            continue
        if finding.left_out:
            raise SystemExit(f"{finding.left_out} pairs are not told; count them, too")
        if kind.is_of_one:
            told |= {frozenset((name,)) for name in finding.who}
        elif finding.pairs:
            told |= {frozenset((pair.a, pair.b)) for pair in finding.pairs}
        else:
            told |= set(map(frozenset, combinations(finding.who, 2)))
    return told


def found(cohort: Cohort, names: Sequence[str]) -> tuple[Finding, ...]:
    """Return what the report says of some of the models."""
    grades = tuple(cohort[name] for name in sorted(names))
    book = Gradebook(exam="", grades=grades, isolated=True, version="")
    return search(book).findings


def seconds_of(count: int) -> dict[str, float]:
    """Return how long a class takes that is made up, of one layout."""
    rng = np.random.default_rng(0)
    grades = tuple(_made_up(number, rng) for number in range(count))
    book = Gradebook(exam="", grades=grades, isolated=True, version="")
    began, busy = time.monotonic(), time.process_time()
    search(book)
    return {
        "wall": round(time.monotonic() - began, 2),
        "cpu": round(time.process_time() - busy, 2),
    }


def _made_up(number: int, rng: np.random.Generator) -> Grade:
    """Return a model of the layout that all of a made-up class have."""
    shapes = ((64, 64), (64, 32), (32, 10), (64,), (32,), (10,))
    parts: list[NDArray[Any]] = []
    for shape in shapes:
        is_vector = len(shape) == 1
        parts.append(rng.normal(size=ORDERED_OF_VECTOR if is_vector else ORDERED))
        lists = (1, SORTED_OF_VECTOR) if is_vector else (8, SORTED // 8)
        parts.append(np.sort(rng.normal(size=lists)).reshape(-1))
    weights = WeightPrint(
        digest=f"{number:016x}",
        layout="one",
        is_initial=False,
        shapes=shapes,
        shares=(0.6, 0.3, 0.05, 0.02, 0.02, 0.01),
        sketch=base64.b64encode(np.concatenate(parts).astype("<f2").tobytes()).decode(),
    )
    labels = np.arange(_ROWS) % 10
    scores = rng.dirichlet(np.ones(10), _ROWS)
    knows = rng.random(_ROWS) > 0.4 * np.linspace(0, 1, _ROWS)  # rows get harder
    scores[np.arange(_ROWS), labels] += 2 * knows
    answers = answer_print("rows", "y", OutputKind.CLASSES, labels, scores)
    prints = Fingerprint(weights=weights, answers=(answers,))
    return _grade(f"{number:06d}", f"{number:064x}", prints)


def _grade(name: str, sha256: str, prints: Fingerprint) -> Grade:
    artifact = ArtifactRecord(path="model", format="keras", sha256=sha256, bytes=1)
    task = TaskGrade(
        id="task",
        criteria=(),
        max_points=Decimal(1),
        artifact=artifact,
        portrait=Portrait(fingerprint=prints),
    )
    return Grade(id=name, tasks=(task,), pass_mark=None)


def _original(name: str) -> str | None:
    """Return the name of the model that one is a copy of; None if it is none."""
    rest, _, number = name.rpartition("-")
    change, _, group = rest.rpartition("-")
    return f"{group}-{number}" if change else None


def _change(name: str) -> str:
    return name.rsplit("-", 2)[0]


def _summed(kinds: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the false alarms of all kinds of models together."""
    pairs = models = 0
    alarms: Counter[str] = Counter()
    for kind in kinds:
        pairs += kind["apart"]["pairs"]
        models += sum(kind["apart"]["models"].values())
        alarms.update(kind["apart"]["alarms"])
    return {"pairs": pairs, "models": models, "alarms": dict(alarms)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--models",
        type=Path,
        metavar="FOLDER",
        help="Keep trained models here, and take those that are here",
    )
    parser.add_argument(
        "--apart",
        type=int,
        default=30,
        metavar="N",
        help="Models of each kind from one seed, and from seeds of "
        "their own; half as many differ in nothing but the order of rows",
    )
    parser.add_argument(
        "--copied",
        type=int,
        default=10,
        metavar="N",
        help="Models of which copies are made",
    )
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="*",
        default=[1000, 10_000],
        metavar="N",
        help="Classes to take the time of",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write figures")
    return parser.parse_args()  # fmt: skip


if __name__ == "__main__":
    main()
