"""Which graphs are known to keep nothing from one call to the next."""

import json
import os
import subprocess
import sys

PROGRAM = """
import json
import numpy as np
import tensorflow as tf
from pytest_tfgrade.runner.worker.purity import is_pure

counter = tf.Variable(1.0)

def counted(rows):
    counter.assign_add(1.0)
    return rows * counter

def python(rows):
    return tf.numpy_function(np.sin, [rows], tf.float32, stateful=False)

def shuffled(rows):
    drawn = tf.data.Dataset.range(3).shuffle(3)
    return rows + tf.cast(drawn.reduce(np.int64(0), lambda a, b: 2 * a + b), tf.float32)

def looped(rows):
    return tf.while_loop(lambda n, x: n < 3, lambda n, x: (n + 1, 2 * x), (0, rows))[1]

def counting_loop(rows):
    body = lambda n, x: (n + 1, counted(x))
    return tf.while_loop(lambda n, x: n < 3, body, (0, rows))[1]

def together(rows):
    return tf.nondifferentiable_batch_function(1, 10, 1000)(tf.identity)(rows)

found = {}
for call in (
    tf.identity, looped, counted, counting_loop, python, shuffled, together,
    tf.random.shuffle,
):
    rows = tf.TensorSpec([None, 2], tf.float32)
    graph = tf.function(lambda x: call(x)).get_concrete_function(rows).graph
    found[call.__name__] = is_pure(graph.as_graph_def())
print(json.dumps(found))
"""


def test_only_graphs_without_effects_are_pure() -> None:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        check=True,
        timeout=120,
    )

    assert json.loads(done.stdout) == {
        "identity": True,
        "looped": True,
        "counted": False,
        "counting_loop": False,
        "python": False,
        "shuffled": False,
        "together": False,
        "random_shuffle": False,
    }
