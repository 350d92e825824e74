"""The program that reads what candidates saved, so that no other process has to."""

import json
import os
import traceback
import zipfile
from typing import Any

from . import frames


class Reader:
    """Sends what a file or folder holds as JSON; of its weights digests only."""

    def prepare(self, scratch: str, warm: bool) -> dict[str, str]:
        """Import h5py, and read a file once so that children find all in place."""
        import h5py

        from . import hdf5

        weights = os.path.join(scratch, "model.weights.h5")
        with h5py.File(weights, "w") as file:
            file["layers/dense/vars/0"] = [[0.0, 1.0], [2.0, 3.0]]
        sample = os.path.join(scratch, "sample.keras")
        with zipfile.ZipFile(sample, "w") as archive:
            archive.write(weights, "model.weights.h5")
        for values in (False, True):
            hdf5.read_hdf5(sample, values)
        return {"h5py": h5py.__version__}

    def self_test(self) -> bool:
        """Return True: h5py keeps no threads that a fork could lose."""
        return True

    def run(
        self, order: dict[str, Any], inputs: list[int], writer: frames.Writer
    ) -> None:
        """Read ``artifact``, also its ``values`` if asked to, and send one document."""
        read = _read(order["format"], order["artifact"], order.get("values") is True)
        writer.send(frames.DOCUMENT, json.dumps(read).encode())

    def describe(self, error: BaseException) -> tuple[str, str]:
        """Return ``E_MEMORY`` or ``E_FORMAT``, and the traceback."""
        code = "E_MEMORY" if isinstance(error, MemoryError) else "E_FORMAT"
        return code, traceback.format_exc()[-frames.LARGEST_TEXT // 2 :]


def _read(form: str, path: str, values: bool) -> dict[str, Any]:
    if form == "savedmodel":
        from . import saved_model

        return saved_model.read_saved_model(path, values)
    if form == "tflite":
        from . import tflite_file

        return tflite_file.read_tflite(path)
    from . import hdf5

    return hdf5.read_hdf5(path, values)
