"""The same network in plain PyTorch, which trains it faster on a processor than Keras does."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np
import torch
from keras import layers
from torch import nn

from handwriting.errors import InputError


class TorchTwin(nn.Module):
    """A chain of Keras layers as PyTorch modules with the same weights.

    On its PyTorch backend Keras takes several steps for a layer, and copies between the two
    libraries' layouts; PyTorch's own modules take one. In a `keras.layers.TorchModuleWrapper` the
    twin is trained by Keras's loop, optimiser and callbacks as the network itself would be.

    Args:
        model: A chain of layers, channels last; its weights are copied.
        precision: Keras dtype policy; in `mixed_bfloat16` PyTorch chooses what is computed in
            bfloat16.

    Raises:
        InputError: A layer has no counterpart here.
    """

    def __init__(self, model: keras.Model, precision: str = "float32"):
        super().__init__()
        self.mixed = precision == "mixed_bfloat16"
        self.pairs: list[tuple[keras.Variable, nn.Module, str]] = []
        chain = []
        for layer in model.layers:
            if type(layer) not in _COUNTERPARTS:
                raise InputError(f"a {type(layer).__name__} cannot be trained in PyTorch")
            modules, weights = _COUNTERPARTS[type(layer)](layer)
            chain += modules
            self.pairs += weights
        self.chain = nn.Sequential(*chain).to(memory_format=torch.channels_last)
        for theirs, module, name in self.pairs:
            weight = keras.ops.convert_to_numpy(theirs).transpose(_AXES[len(theirs.shape)])
            getattr(module, name).data.copy_(torch.from_numpy(weight.copy()))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """float (n, height, width, channels), to what the Keras network makes of it."""
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.mixed):
            return self.chain(images.permute(0, 3, 1, 2))

    def give_back(self) -> None:
        """Copy the weights to the Keras layers that they came from."""
        for theirs, module, name in self.pairs:
            weight = getattr(module, name).detach().cpu().numpy()
            theirs.assign(weight.transpose(np.argsort(_AXES[len(theirs.shape)])))


_AXES = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}
"""By number of dimensions: where the axes of Keras's weights go in PyTorch's."""


class _Rescaling(nn.Module):
    def __init__(self, scale: float, offset: float):
        super().__init__()
        self.scale, self.offset = scale, offset

    def forward(self, x):
        return x * self.scale + self.offset


class _Flatten(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class _Softmax(nn.Module):
    def forward(self, x):
        return x.float().softmax(-1)


_ACTIVATIONS = {
    keras.activations.linear: nn.Identity,
    keras.activations.relu: partial(nn.ReLU, inplace=True),
    keras.activations.softmax: _Softmax,
}


def _weighted(layer, module: nn.Module) -> tuple[list, list]:
    """A convolution or dense layer's modules and weights, with its activation."""
    weights = [(layer.kernel, module, "weight")]
    if layer.use_bias:
        weights.append((layer.bias, module, "bias"))
    return [module, _ACTIVATIONS[layer.activation]()], weights


def _convolution(layer: layers.Conv2D) -> tuple[list, list]:
    sizes, strides = layer.kernel_size, layer.strides
    channels = layer.kernel.shape[2]
    module = nn.Conv2d(channels, layer.filters, sizes, strides, bias=layer.use_bias)
    modules, weights = _weighted(layer, module)
    if layer.padding == "same":
        # Keras pads as little as gives every stride its place, and an odd row at the end.
        totals = [
            max((-(-side // stride) - 1) * stride + size - side, 0)
            for side, stride, size in zip(layer.input.shape[1:3], strides, sizes, strict=True)
        ]
        (top, bottom), (left, right) = ((total // 2, total - total // 2) for total in totals)
        if (top, left) != (bottom, right):
            modules.insert(0, nn.ZeroPad2d((left, right, top, bottom)))
        else:
            module.padding = (top, left)
    return modules, weights


def _dense(layer: layers.Dense) -> tuple[list, list]:
    wide, narrow = layer.kernel.shape
    return _weighted(layer, nn.Linear(wide, narrow, bias=layer.use_bias))


def _normalization(layer: layers.BatchNormalization) -> tuple[list, list]:
    kind = nn.BatchNorm2d if len(layer.input.shape) == 4 else nn.BatchNorm1d
    module = kind(layer.gamma.shape[0], layer.epsilon, 1 - layer.momentum)
    weights = [
        (layer.gamma, module, "weight"),
        (layer.beta, module, "bias"),
        (layer.moving_mean, module, "running_mean"),
        (layer.moving_variance, module, "running_var"),
    ]
    return [module], weights


_COUNTERPARTS = {
    layers.InputLayer: lambda layer: ([], []),
    layers.Rescaling: lambda layer: ([_Rescaling(layer.scale, layer.offset)], []),
    layers.Conv2D: _convolution,
    layers.Dense: _dense,
    layers.BatchNormalization: _normalization,
    layers.ReLU: lambda layer: ([nn.ReLU(inplace=True)], []),
    layers.MaxPooling2D: lambda layer: ([nn.MaxPool2d(layer.pool_size, layer.strides)], []),
    layers.Dropout: lambda layer: ([nn.Dropout(layer.rate)], []),
    layers.Flatten: lambda layer: ([_Flatten()], []),
    layers.Reshape: lambda layer: ([nn.Unflatten(1, layer.target_shape)], []),
    layers.Softmax: lambda layer: ([_Softmax()], []),
}
