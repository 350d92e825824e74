"""The codes that say why an artifact is ungradable, each with its fixed texts."""

from enum import StrEnum


class Code(StrEnum):
    """Why a task has no score; ``E_INFRA`` alone is the grader's own fault."""

    MISSING = "E_MISSING"
    FORMAT = "E_FORMAT"
    SIZE = "E_SIZE"
    VERSION = "E_VERSION"
    UNSAFE = "E_UNSAFE"
    CUSTOM_OBJECT = "E_CUSTOM_OBJECT"
    LOAD = "E_LOAD"
    INPUT_SHAPE = "E_INPUT_SHAPE"
    OUTPUT_SHAPE = "E_OUTPUT_SHAPE"
    DTYPE = "E_DTYPE"
    NONFINITE = "E_NONFINITE"
    CRASH = "E_CRASH"
    TIMEOUT = "E_TIMEOUT"
    MEMORY = "E_MEMORY"
    RESOURCE = "E_RESOURCE"
    POLICY = "E_POLICY"
    PROTOCOL = "E_PROTOCOL"
    INFRA = "E_INFRA"

    @property
    def text(self) -> str:
        """What a candidate reads when nothing more exact is known."""
        return _TEXTS[self][0]

    @property
    def hint(self) -> str:
        """What a candidate can try."""
        return _TEXTS[self][1]


_TEXTS = {
    Code.MISSING: (
        "no model was handed in for this task",
        "Save the model under the name the task asks for.",
    ),
    Code.FORMAT: (
        "the file is not a saved model that can be read",
        "Save it again with model.save(...) and check that the upload is complete.",
    ),
    Code.SIZE: (
        "the file is larger than the task allows",
        "Save a copy without optimizer state (keras.models.clone_model, set_weights), "
        "or use a smaller model.",
    ),
    Code.VERSION: (
        "the file was saved by a Keras version that cannot be read here",
        "Save it again with the Keras version the task names.",
    ),
    Code.UNSAFE: (
        "the model holds something that runs arbitrary code",
        "Replace Lambda layers by built-in layers.",
    ),
    Code.CUSTOM_OBJECT: (
        "the model needs a class or function that the grader does not have",
        "Use built-in layers, losses and activations only.",
    ),
    Code.LOAD: (
        "the model could not be loaded and called",
        "Load the saved file in a new Python session and call it before handing in.",
    ),
    Code.INPUT_SHAPE: (
        "the model does not accept the inputs that the task describes",
        "Build the model with exactly the input shape the task states.",
    ),
    Code.OUTPUT_SHAPE: (
        "the predictions do not have the shape that the task describes",
        "Check the number of units of the last layer and its output rank.",
    ),
    Code.DTYPE: (
        "inputs or predictions have a type that the task does not accept",
        "Return floating-point numbers from the last layer.",
    ),
    Code.NONFINITE: (
        "the predictions hold NaN or infinite values",
        "Lower the learning rate and check the training data for NaN.",
    ),
    Code.CRASH: (
        "the process that ran the model ended unexpectedly",
        "Load the saved file in a new Python session and call it before handing in.",
    ),
    Code.TIMEOUT: (
        "the model took longer than the task allows",
        "Use a smaller model, or one without loops over time.",
    ),
    Code.MEMORY: (
        "the model needed more memory than the task allows",
        "Use a smaller model.",
    ),
    Code.RESOURCE: (
        "the model used up processes, threads or disk space",
        "Hand in a model that only computes.",
    ),
    Code.POLICY: (
        "the model did something that a model may not do",
        "Hand in a model that only computes.",
    ),
    Code.PROTOCOL: (
        "the model disturbed the channel that returns its predictions",
        "Hand in a model that only computes.",
    ),
    Code.INFRA: (
        "the grader could not finish this task; the score stays open",
        "Nothing to do: the grader has to run this task again.",
    ),
}
