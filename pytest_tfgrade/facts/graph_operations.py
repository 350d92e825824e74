"""Operations of a TensorFlow graph that do more than compute.

Names are those of ``tf.raw_ops``. What saving and loading need is no finding: every
SavedModel holds ``SaveV2``, ``RestoreV2``, ``MergeV2Checkpoints`` and
``ShardedFilename``, and a vocabulary is read by ``InitializeTableFromTextFileV2``.
"""

from collections.abc import Collection
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable

_PYTHON: Final = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})

_FILES: Final = frozenset(
    """
    ReadFile WriteFile MatchingFiles WholeFileReader WholeFileReaderV2 TextLineReader
    TextLineReaderV2 TFRecordReader TFRecordReaderV2 FixedLengthRecordReader
    FixedLengthRecordReaderV2 LMDBReader RecordInput Skipgram ImmutableConst
    LoadAndRemapMatrix GenerateVocabRemapping DumpTensor CalibrationStatisticsSaver
    CreateSummaryFileWriter CreateSummaryDbWriter FileSystemSetConfiguration
    DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNanCount DebugNumericSummary
    TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset
    FixedLengthRecordDatasetV2 CSVDataset CSVDatasetV2 ExperimentalCSVDataset
    LMDBDataset ExperimentalLMDBDataset SqlDataset ExperimentalSqlDataset
    MatchingFilesDataset ExperimentalMatchingFilesDataset LoadDataset SaveDataset
    SaveDatasetV2 SnapshotDataset SnapshotDatasetV2 SnapshotChunkDataset
    SnapshotDatasetReader SnapshotNestedDatasetReader ListSnapshotChunksDataset
    DatasetToTFRecord ExperimentalDatasetToTFRecord DistributedSave
    """.split()  # noqa: SIM905 - a list of fifty strings is harder to read
)

_PRINTS_TO_FILE: Final = "PrintV2 to a file"
"""The worker's name for ``PrintV2`` with a file as its stream."""

_NETWORK: Final = frozenset(
    """
    RpcServer RpcServerStart RpcServerRegister RpcClient RpcCall RpcGetValue
    DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4
    RegisterDataset RegisterDatasetV2
    """.split()  # noqa: SIM905
)

_HIDING: Final = frozenset({"DatasetFromGraph"})
"""Operations that take a graph as a string, so that nobody sees what it holds."""


def require_harmless_operations(operations: Collection[str]) -> None:
    """Raise if a graph holds operations that reach beyond the model.

    Also if nothing calls them: which functions a graph calls is not looked at.

    Raises:
        Ungradable: ``E_LOAD`` for Python functions, which no file holds; ``E_POLICY``
            for files of its own and for the network.
    """
    found = set(operations)
    if found & _PYTHON:
        raise Ungradable(
            Code.LOAD,
            f"the model calls Python code that is not in the file "
            f"({_listed(found & _PYTHON)})",
            hint="Use operations of TensorFlow or Keras in place of tf.py_function and "
            "tf.numpy_function.",
        )
    for kind, what in (
        (_FILES | {_PRINTS_TO_FILE}, "reads or writes files"),
        (_NETWORK, "uses the network"),
        (_HIDING, "holds a graph that cannot be looked at"),
    ):
        if found & kind:
            raise Ungradable(
                Code.POLICY,
                f"the model {what} ({_listed(found & kind)})",
                hint="Export a model that takes the data themselves as inputs.",
            )


def _listed(names: Collection[str]) -> str:
    return ", ".join(printable(name, limit=80) for name in sorted(names)[:3])
