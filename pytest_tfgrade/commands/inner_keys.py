"""Pages of keys inside others that hold keys of their own: a source, and ids of words.

Tests hold them against the types that read a rubric, so that no key is left out.
"""

from typing import Final

from pytest_tfgrade.commands.page import REQUIRED, Page, Parameter

SOURCE: Final = Page(
    name="source",
    title="The Python code that goes with a file; a key of artifact.",
    paragraphs=(
        "It builds the model of a file of ``weights``, or registers the classes that a "
        "``.keras`` or ``.h5`` file names. It runs in the sandbox alone, in the same "
        "process as the model. Write ``names`` or ``file``, not both.",
    ),
    parameters=(
        Parameter(
            name="names",
            default="none",
            meaning="The candidate's own files: paths in the candidate's folder, "
            "without ``.py``; globs.",
        ),
        Parameter(
            name="file",
            default="none",
            meaning="The course's own file in place of the candidate's: its path, "
            "relative to the rubric.",
        ),
        Parameter(
            name="builds",
            default="build_model",
            meaning="The function that returns the model that weights belong to.",
        ),
    ),
    example="""\
artifact:
  names: [digits]
  formats: [keras, weights]
  source: {names: [model], builds: build_model}
""",
)

IDS: Final = Page(
    name="ids",
    title="How texts become ids of words, for models that take numbers.",
    paragraphs=(
        "A key of an input of ``dtype: string``. Models that declare texts get texts, "
        "models that declare numbers get the ids, made of the same texts. Candidates "
        "need the vocabulary and all that is said here.",
    ),
    parameters=(
        Parameter(
            name="vocabulary",
            default=REQUIRED,
            meaning="A file beside the rubric with one word in each line, or a list "
            "of JSON.",
        ),
        Parameter(
            name="length",
            default=REQUIRED,
            meaning="How many ids each text has.",
        ),
        Parameter(
            name="padding",
            default=REQUIRED,
            meaning="Where a short text is filled up, ``post`` or ``pre``.",
        ),
        Parameter(
            name="truncation",
            default=REQUIRED,
            meaning="Where a long text loses words, ``post`` or ``pre``.",
        ),
        Parameter(name="pad", default="0", meaning="The id that fills up."),
        Parameter(
            name="unknown",
            default="1",
            meaning="The id of words that the vocabulary lacks.",
        ),
        Parameter(
            name="first",
            default="2",
            meaning="The id of the vocabulary's first word.",
        ),
        Parameter(
            name="standardize",
            default="lower_and_strip_punctuation",
            meaning="What is done before a text is split at white space; or "
            "``lower``, or ``none``. As Keras does it: letters and punctuation of "
            "ASCII.",
        ),
    ),
    example="""\
contract:
  inputs:
    text:
      shape: [null, 1]
      dtype: string
      ids: {vocabulary: vocabulary.txt, length: 30, padding: post, truncation: post}
  outputs:
    topic: {shape: [null, 5], kind: probabilities}
""",
)

INNER_KEYS: Final = (SOURCE, IDS)
"""Keys that stand inside ``artifact`` and inside an input of ``contract``."""
