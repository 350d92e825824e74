"""The layers of Keras 3 (3.15.1) and tf-keras (2.21.0): their names and settings.

What a rubric says of layers is held against this, so that a misspelt name is found when
the rubric is read, and no candidate fails for it. A test compares it with both.
"""

from collections.abc import Mapping
from typing import Final

_SETTINGS: Final = {
    "Activation": "activation",
    "ActivityRegularization": "l1 l2",
    "AdaptiveAveragePooling1D": "output_size",
    "AdaptiveAveragePooling2D": "output_size",
    "AdaptiveAveragePooling3D": "output_size",
    "AdaptiveMaxPooling1D": "output_size",
    "AdaptiveMaxPooling2D": "output_size",
    "AdaptiveMaxPooling3D": "output_size",
    "Add": "",
    "AdditiveAttention": "dropout use_scale",
    "AlphaDropout": "noise_shape rate",
    "Attention": "dropout score_mode use_scale",
    "AugMix": "all_ops alpha chain_depth factor interpolation num_chains value_range",
    "AutoContrast": "value_range",
    "Average": "",
    "AveragePooling1D": "padding pool_size strides",
    "AveragePooling2D": "padding pool_size strides",
    "AveragePooling3D": "padding pool_size strides",
    "BatchNormalization": (
        "axis center epsilon momentum renorm renorm_clipping renorm_momentum scale "
        "synchronized"
    ),
    "Bidirectional": "backward_layer layer merge_mode",
    "CategoryEncoding": "num_tokens output_mode sparse",
    "CenterCrop": "height width",
    "Concatenate": "axis",
    "ContrastLimitedAdaptiveHistogramEqualization": (
        "clip_limit tile_grid_size value_range"
    ),
    "Conv1D": (
        "activation dilation_rate filters groups kernel_size padding strides use_bias"
    ),
    "Conv1DTranspose": (
        "activation dilation_rate filters groups kernel_size output_padding padding "
        "strides use_bias"
    ),
    "Conv2D": (
        "activation dilation_rate filters groups kernel_size padding strides use_bias"
    ),
    "Conv2DTranspose": (
        "activation dilation_rate filters groups kernel_size output_padding padding "
        "strides use_bias"
    ),
    "Conv3D": (
        "activation dilation_rate filters groups kernel_size padding strides use_bias"
    ),
    "Conv3DTranspose": (
        "activation dilation_rate filters groups kernel_size output_padding padding "
        "strides use_bias"
    ),
    "ConvLSTM1D": (
        "activation dilation_rate dropout filters go_backwards kernel_size padding "
        "recurrent_activation recurrent_dropout return_sequences return_state "
        "stateful strides time_major unit_forget_bias unroll use_bias "
        "zero_output_for_mask"
    ),
    "ConvLSTM2D": (
        "activation dilation_rate dropout filters go_backwards kernel_size padding "
        "recurrent_activation recurrent_dropout return_sequences return_state "
        "stateful strides time_major unit_forget_bias unroll use_bias "
        "zero_output_for_mask"
    ),
    "ConvLSTM3D": (
        "activation dilation_rate dropout filters go_backwards kernel_size padding "
        "recurrent_activation recurrent_dropout return_sequences return_state "
        "stateful strides time_major unit_forget_bias unroll use_bias "
        "zero_output_for_mask"
    ),
    "Cropping1D": "cropping",
    "Cropping2D": "cropping",
    "Cropping3D": "cropping",
    "CutMix": "factor",
    "Dense": "activation lora_alpha lora_rank quantization_config units use_bias",
    "DenseFeatures": "feature_columns",
    "DepthwiseConv1D": (
        "activation depth_multiplier dilation_rate groups kernel_size padding strides "
        "use_bias"
    ),
    "DepthwiseConv2D": (
        "activation depth_multiplier dilation_rate groups kernel_size padding strides "
        "use_bias"
    ),
    "Discretization": "bin_boundaries epsilon num_bins output_mode sparse",
    "Dot": "axes normalize",
    "Dropout": "noise_shape rate",
    "ELU": "alpha",
    "EinsumDense": (
        "activation bias_axes equation gptq_unpacked_column_size lora_alpha lora_rank "
        "output_shape quantization_config"
    ),
    "Embedding": (
        "batch_input_shape input_dim input_length lora_alpha lora_rank mask_zero "
        "output_dim quantization_config sparse"
    ),
    "Equalization": "bins value_range",
    "Flatten": "",
    "FlaxLayer": "method module variables",
    "GRU": (
        "activation dropout go_backwards implementation recurrent_activation "
        "recurrent_dropout reset_after return_sequences return_state stateful "
        "time_major units unroll use_bias use_cudnn zero_output_for_mask"
    ),
    "GRUCell": (
        "activation dropout implementation recurrent_activation recurrent_dropout "
        "reset_after units use_bias"
    ),
    "GaussianDropout": "rate",
    "GaussianNoise": "stddev",
    "GlobalAveragePooling1D": "keepdims",
    "GlobalAveragePooling2D": "keepdims",
    "GlobalAveragePooling3D": "keepdims",
    "GlobalMaxPooling1D": "keepdims",
    "GlobalMaxPooling2D": "keepdims",
    "GlobalMaxPooling3D": "keepdims",
    "GroupNormalization": "axis center epsilon groups scale",
    "GroupedQueryAttention": (
        "dropout flash_attention head_dim num_key_value_heads num_query_heads "
        "sliding_window use_bias use_gate"
    ),
    "HashedCrossing": "num_bins output_mode sparse",
    "Hashing": "mask_value num_bins output_mode salt sparse",
    "Identity": "",
    "InputLayer": (
        "batch_input_shape batch_shape batch_size input_shape optional ragged shape "
        "sparse"
    ),
    "IntegerLookup": (
        "idf_weights invert mask_token max_tokens num_oov_indices oov_method "
        "oov_token output_mode pad_to_max_tokens salt sparse vocabulary "
        "vocabulary_dtype vocabulary_size"
    ),
    "JaxLayer": "call_fn init_fn native_serialization_platforms params state",
    "LSTM": (
        "activation dropout go_backwards implementation recurrent_activation "
        "recurrent_dropout return_sequences return_state stateful time_major "
        "unit_forget_bias units unroll use_bias use_cudnn zero_output_for_mask"
    ),
    "LSTMCell": (
        "activation dropout implementation recurrent_activation recurrent_dropout "
        "unit_forget_bias units use_bias"
    ),
    "Lambda": "arguments function mask output_shape",
    "LayerNormalization": "axis center epsilon rms_scaling scale",
    "LeakyReLU": "alpha negative_slope",
    "LocallyConnected1D": (
        "activation filters implementation kernel_size padding strides use_bias"
    ),
    "LocallyConnected2D": (
        "activation filters implementation kernel_size padding strides use_bias"
    ),
    "Masking": "mask_value",
    "MaxNumBoundingBoxes": "fill_value max_number",
    "MaxPooling1D": "padding pool_size strides",
    "MaxPooling2D": "padding pool_size strides",
    "MaxPooling3D": "padding pool_size strides",
    "Maximum": "",
    "MelSpectrogram": (
        "fft_length mag_exp max_freq min_freq min_power num_mel_bins power_to_db "
        "ref_power sampling_rate sequence_length sequence_stride top_db window"
    ),
    "Minimum": "",
    "MixUp": "alpha",
    "MultiHeadAttention": (
        "attention_axes dropout flash_attention key_dim key_shape num_heads "
        "output_shape query_shape sliding_window softmax_robust_masking use_bias "
        "use_gate value_dim value_shape"
    ),
    "Multiply": "",
    "Normalization": "axis invert mean variance",
    "PReLU": "shared_axes",
    "Permute": "dims",
    "Pipeline": "layers",
    "RMSNormalization": "axis epsilon",
    "RNN": (
        "cell go_backwards return_sequences return_state stateful time_major unroll "
        "zero_output_for_mask"
    ),
    "RandAugment": "factor interpolation num_ops value_range",
    "RandomBrightness": "factor value_range",
    "RandomColorDegeneration": "factor value_range",
    "RandomColorJitter": (
        "brightness_factor contrast_factor hue_factor saturation_factor value_range"
    ),
    "RandomContrast": "factor value_range",
    "RandomCrop": "height rng_type width",
    "RandomElasticTransform": (
        "factor fill_mode fill_value interpolation scale value_range"
    ),
    "RandomErasing": "factor fill_value scale value_range",
    "RandomFlip": "mode rng_type",
    "RandomFourierFeatures": "output_dim scale",
    "RandomGaussianBlur": "factor kernel_size sigma value_range",
    "RandomGrayscale": "factor",
    "RandomHeight": "factor interpolation",
    "RandomHue": "factor value_range",
    "RandomInvert": "factor value_range",
    "RandomPerspective": "factor fill_value interpolation scale",
    "RandomPosterization": "factor value_range",
    "RandomRotation": "factor fill_mode fill_value interpolation rng_type",
    "RandomSaturation": "factor value_range",
    "RandomSharpness": "factor value_range",
    "RandomShear": "fill_mode fill_value interpolation x_factor y_factor",
    "RandomTranslation": (
        "fill_mode fill_value height_factor interpolation width_factor"
    ),
    "RandomWidth": "factor interpolation",
    "RandomZoom": "fill_mode fill_value height_factor interpolation width_factor",
    "ReLU": "max_value negative_slope threshold",
    "RepeatVector": "n",
    "Rescaling": "offset scale",
    "Reshape": "target_shape",
    "Resizing": (
        "antialias crop_to_aspect_ratio fill_mode fill_value height interpolation "
        "pad_to_aspect_ratio width"
    ),
    "ReversibleEmbedding": (
        "input_dim logit_soft_cap mask_zero output_dim quantization_config "
        "reverse_dtype tie_weights"
    ),
    "STFTSpectrogram": (
        "expand_dims fft_length frame_length frame_step mode padding periodic scaling "
        "window"
    ),
    "SeparableConv1D": (
        "activation depth_multiplier dilation_rate filters groups kernel_size padding "
        "strides use_bias"
    ),
    "SeparableConv2D": (
        "activation depth_multiplier dilation_rate filters groups kernel_size padding "
        "strides use_bias"
    ),
    "SimpleRNN": (
        "activation dropout go_backwards recurrent_dropout return_sequences "
        "return_state stateful time_major units unroll use_bias zero_output_for_mask"
    ),
    "SimpleRNNCell": "activation dropout recurrent_dropout units use_bias",
    "Softmax": "axis robust_masking",
    "Solarization": "addition_factor threshold_factor value_range",
    "SpatialDropout1D": "noise_shape rate",
    "SpatialDropout2D": "noise_shape rate",
    "SpatialDropout3D": "noise_shape rate",
    "SpectralNormalization": "layer power_iterations",
    "StackedRNNCells": "cells",
    "StringLookup": (
        "encoding idf_weights invert mask_token max_tokens num_oov_indices oov_method "
        "oov_token output_mode pad_to_max_tokens salt sparse vocabulary "
        "vocabulary_size"
    ),
    "Subtract": "",
    "SyncBatchNormalization": "axis center epsilon momentum scale",
    "TFSMLayer": "call_endpoint call_training_endpoint filepath",
    "TextVectorization": (
        "encoding idf_weights max_tokens ngrams output_mode output_sequence_length "
        "pad_to_max_tokens ragged sparse split standardize vocabulary vocabulary_size"
    ),
    "ThresholdedReLU": "theta",
    "TimeDistributed": "layer",
    "TorchModuleWrapper": "module output_shape",
    "UnitNormalization": "axis",
    "UpSampling1D": "size",
    "UpSampling2D": "interpolation size",
    "UpSampling3D": "size",
    "ZeroPadding1D": "padding",
    "ZeroPadding2D": "padding",
    "ZeroPadding3D": "padding",
}
"""Settings of each class, as saved, but those that every layer may have."""

LAYER_SETTINGS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(settings.split()) for name, settings in _SETTINGS.items()
}
"""By class; those in ``COMMON_SETTINGS`` and with ``COMMON_ENDINGS`` left out."""

COMMON_SETTINGS: Final = frozenset(
    {
        *("name", "trainable", "dtype", "activity_regularizer", "data_format", "seed"),
        "batch_input_shape",
    }
)
"""Settings that are not worth telling apart by layer."""

COMMON_ENDINGS: Final = ("_constraint", "_initializer", "_regularizer")
"""Endings of more of them."""

KERAS_LAYERS: Final[frozenset[str]] = frozenset(LAYER_SETTINGS)
"""The classes, under the names that files have for them."""

LAYER_ALIASES: Final[Mapping[str, str]] = {
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "Convolution1D": "Conv1D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
    "Convolution3DTranspose": "Conv3DTranspose",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "GroupQueryAttention": "GroupedQueryAttention",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Other names that Keras has for its classes; files never do."""

MODEL_CLASSES: Final = frozenset({"Functional", "Model", "Sequential"})
"""Models, which are layers of another model when nested."""

OPERATION_LAYERS: Final = frozenset(
    {
        *("ClassMethod", "InstanceMethod", "InstanceProperty"),
        *("SlicingOpLambda", "TFOpLambda", "TensorFlowOpLayer"),
    }
)
"""What Keras 2 makes of operations on tensors, as of a ``+`` or of a mask."""
