"""A grader that is killed in the middle: asks for one slow model, says when it runs.

Called with a scheduler file and a model.
"""

import sys
from pathlib import Path

import numpy as np

from pytest_tfgrade.core.contract import OutputSpec
from pytest_tfgrade.core.limits import Limits
from pytest_tfgrade.core.submission import Artifact, ArtifactFormat
from pytest_tfgrade.runner import Pass, SharedInputs
from pytest_tfgrade.runner.cluster import open_cluster

path = Path(sys.argv[2])
artifact = Artifact(
    path=path, name=path.name, format=ArtifactFormat.KERAS, sha256="", size=1
)
runner = open_cluster(sys.argv[1])
inputs = SharedInputs({"image": np.zeros((500, 8, 8), np.float32)})
outputs = {"y": OutputSpec(shape=(None, 8))}
runner.predict(artifact, [Pass(inputs=inputs)], outputs, Limits(seconds=300))
