"""The program that reads HDF5 files, so that no other process has to."""

import json
import os
import traceback
import zipfile
from typing import Any

from . import frames


class Hdf5:
    """Sends what an HDF5 file holds as JSON; of its weights digests only."""

    def prepare(self, scratch: str, warm: bool) -> dict[str, str]:
        """Import h5py, and read a file once so that children find all in place."""
        import h5py

        from . import hdf5

        weights = os.path.join(scratch, "model.weights.h5")
        with h5py.File(weights, "w") as file:
            file["layers/dense/vars/0"] = [0.0]
        sample = os.path.join(scratch, "sample.keras")
        with zipfile.ZipFile(sample, "w") as archive:
            archive.write(weights, "model.weights.h5")
        hdf5.read_hdf5(sample, values=True)
        return {"h5py": h5py.__version__}

    def self_test(self) -> bool:
        """Return True: h5py keeps no threads that a fork could lose."""
        return True

    def run(
        self, order: dict[str, Any], inputs: list[int], writer: frames.Writer
    ) -> None:
        """Read ``artifact``, also its ``values`` if asked to, and send one document."""
        from . import hdf5

        values = order.get("values") is True
        text = json.dumps(hdf5.read_hdf5(order["artifact"], values))
        writer.send(frames.DOCUMENT, text.encode())

    def describe(self, error: BaseException) -> tuple[str, str]:
        """Return ``E_MEMORY`` or ``E_FORMAT``, and the traceback."""
        code = "E_MEMORY" if isinstance(error, MemoryError) else "E_FORMAT"
        return code, traceback.format_exc()[-frames.LARGEST_TEXT // 2 :]
