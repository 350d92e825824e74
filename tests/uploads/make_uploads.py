"""Makes a submission for each way in which an upload can be broken; run as a program.

Each is a folder ``SUBMISSIONS/NAME`` of a candidate ``NAME`` who was to hand in
``digits.keras``, ``digits.h5``, a SavedModel ``digits`` or ``digits.tflite``. Sound
models lie in ``sound``; all but the broken models are made of these.
"""

import sys
from pathlib import Path

from broken_files import FILES, SOUND
from broken_models import MODELS, save_sound


def main(submissions: Path, sound: Path) -> None:
    """Write all submissions."""
    save_sound(sound)
    for name, make in {**SOUND, **FILES}.items():
        make(sound, _folder(submissions / name))
    for name, save in MODELS.items():
        save(_folder(submissions / name))


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
