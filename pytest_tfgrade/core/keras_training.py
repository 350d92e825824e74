"""What Keras 3 (3.15.1) and tf-keras (2.21.0) train with: names of classes.

What a rubric says of compile settings is held against this, so that a misspelt name is
found when the rubric is read. A test compares it with the libraries.
"""

from collections.abc import Mapping
from typing import Final

_SETTINGS: Final = {
    "Adadelta": "epsilon jit_compile rho",
    "Adafactor": (
        "beta_2_decay clip_threshold epsilon_1 epsilon_2 jit_compile relative_step"
    ),
    "Adagrad": "epsilon initial_accumulator_value jit_compile",
    "Adam": ("adaptive_epsilon amsgrad beta_1 beta_2 epsilon jit_compile"),
    "AdamW": "amsgrad beta_1 beta_2 epsilon jit_compile",
    "Adamax": "beta_1 beta_2 epsilon jit_compile",
    "Ftrl": (
        "beta initial_accumulator_value jit_compile "
        "l1_regularization_strength l2_regularization_strength "
        "l2_shrinkage_regularization_strength learning_rate_power"
    ),
    "Lamb": "beta_1 beta_2 epsilon",
    "Lion": "beta_1 beta_2 jit_compile",
    "LossScaleOptimizer": "dynamic_growth_steps initial_scale inner_optimizer",
    "MultiOptimizer": "optimizer_map",
    "Muon": (
        "adam_beta_1 adam_beta_2 adam_lr_ratio adam_weight_decay epsilon "
        "exclude_embeddings exclude_layers momentum muon_a muon_b muon_c nesterov "
        "ns_steps rms_rate"
    ),
    "Nadam": "beta_1 beta_2 epsilon jit_compile",
    "RMSprop": "centered epsilon jit_compile momentum rho",
    "SGD": "jit_compile momentum nesterov",
    "ScheduleFreeAdamW": "beta_1 beta_2 epsilon warmup_steps",
}
"""Settings of each optimizer, as saved, but those that every one has."""

_COMMON: Final = (
    "clipnorm clipvalue ema_momentum ema_overwrite_frequency global_clipnorm "
    "gradient_accumulation_steps is_legacy_optimizer jit_compile learning_rate "
    "loss_scale_factor name use_ema weight_decay"
)

OPTIMIZER_SETTINGS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset((*_COMMON.split(), *settings.split()))
    for name, settings in _SETTINGS.items()
}
"""By class."""

DEFAULT_RATES: Final[Mapping[str, float]] = {"SGD": 0.01, "Lion": 0.0001}
"""Learning rates of optimizers that are named without settings; else 0.001."""

_SCHEDULES: Final = (
    "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay "
    "PiecewiseConstantDecay PolynomialDecay"
)

KERAS_SCHEDULES: Final = frozenset(_SCHEDULES.split())
"""Classes of learning rate schedules."""

_LOSSES: Final = (
    "BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy "
    "CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy "
    "CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence LogCosh "
    "MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
    "MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge "
    "Tversky"
)

KERAS_LOSSES: Final = frozenset(_LOSSES.split())
"""Classes of losses; the functions have the same names in lower case."""

_METRICS: Final = (
    "AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy "
    "CategoricalCrossentropy CategoricalHinge ConcordanceCorrelation "
    "CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU "
    "KLDivergence LogCoshError Mean MeanAbsoluteError MeanAbsolutePercentageError "
    "MeanIoU MeanMetricWrapper MeanRelativeError MeanSquaredError "
    "MeanSquaredLogarithmicError MeanTensor OneHotIoU OneHotMeanIoU "
    "PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall "
    "RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity "
    "SparseCategoricalAccuracy SparseCategoricalCrossentropy "
    "SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum "
    "TopKCategoricalAccuracy TrueNegatives TruePositives"
)

KERAS_METRICS: Final = frozenset(_METRICS.split())
"""Classes of metrics; the functions have the same names in lower case."""

SHORT_NAMES: Final[Mapping[str, str]] = {
    "acc": "accuracy",
    "bce": "binary_crossentropy",
    "cosine_proximity": "cosine_similarity",
    "huber_loss": "huber",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
"""Other names that Keras has for losses and metrics."""
