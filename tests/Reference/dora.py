"""Computes golden values of DoRA (arXiv 2402.09353) with PyTorch's automatic differentiation: losses and norms of ten steps, and gradients of the first.

usage: python3 tests/Reference/dora.py tests/data
Needs PyTorch 1.13 or later. Model, samples and adapters are those of training.py, patterns those of adapter_methods.py. Writes dora.json (losses, norms, the
position of each tensor) and dora.bin (float32, little-endian). Everything is computed in float64 and rounded once. The formula is that of PEFT's
DoraLinearLayer: what is added to the layer is (m / norm - 1) W x + m / norm * scale * B A x, and the norm of each row of W + scale * B A is detached. Weight
decay does not apply to magnitudes, and their learning rate is that of B.
"""
import json
import math
import sys

import torch

import adapter_methods
import training


def norms_of(weight, a, b, scale):
    return torch.linalg.norm(weight + scale * b @ a, dim=1)


def make_magnitudes(weights, adapters, scale_of):
    """The norms of the adapted rows, and up to a fifth more or less, as after some training."""
    magnitudes = {}
    for name, a in adapters.items():
        if name.endswith(".lora_a"):
            base = name[:-len(".lora_a")]
            norms = norms_of(weights[base], a, adapters[base + ".lora_b"], scale_of(base, len(a)))
            magnitudes[base + ".lora_magnitude"] = training.as_single(norms * (0.8 + 0.4 * torch.rand(len(norms))))
    return magnitudes


def project_with(weights, leaves, scale_of, frozen=None, frozen_scale=0):
    def project(x, name):
        a, b, magnitude, weight = leaves[name + ".lora_a"], leaves[name + ".lora_b"], leaves[name + ".lora_magnitude"], weights[name]
        scale = scale_of(name, len(a))
        ratio = magnitude / norms_of(weight, a, b, scale).detach()
        y = x @ weight.T
        if frozen is not None:
            y = y + frozen_scale * training.ALPHA / training.RANK * (x @ frozen[name + ".lora_a"].T) @ frozen[name + ".lora_b"].T
        return y + (ratio - 1) * (x @ weight.T) + ratio * scale * ((x @ a.T) @ b.T)

    return project


def main(folder):
    weights, adapters, samples = training.make_weights(), training.make_adapters(), training.make_samples()
    frozen, patterned = training.make_adapters(), adapter_methods.make_patterned()
    golden, tensors = {"methods": {}, "loraPlusRatio": adapter_methods.LORA_PLUS_RATIO, "frozenScale": adapter_methods.FROZEN_SCALE}, []

    def plain(name, rank):
        return training.ALPHA / rank

    def stabilized(name, rank):
        return adapter_methods.pattern_value(adapter_methods.ALPHA_PATTERN, name, training.ALPHA) / math.sqrt(rank)

    def add(method, trained, scale_of, ratio=1.0, **others):
        losses, norms, gradients, _ = adapter_methods.ten_steps(
            lambda leaves, step: adapter_methods.loss_with(samples, weights, project_with(weights, leaves, scale_of, **others)), trained, ratio)
        golden["methods"][method] = {"losses": losses, "norms": norms}
        tensors.extend((f"{method}/{name}", value) for name, value in gradients.items())

    started = {**adapters, **make_magnitudes(weights, adapters, plain)}
    tensors.extend((f"started/{name}", value) for name, value in started.items() if name.endswith(".lora_magnitude"))
    add("dora", started, plain, adapter_methods.LORA_PLUS_RATIO)
    add("stacked", started, plain, frozen=frozen, frozen_scale=adapter_methods.FROZEN_SCALE)
    tensors.extend((f"frozen/{name}", value) for name, value in frozen.items())
    # Without the smaller B, alpha / sqrt(rank) makes gradients so large that also PyTorch's own, in float32, differ by 4e-5 from those in float64.
    patterned = {name: training.as_single(value * 0.3) if name.endswith(".lora_b") else value for name, value in patterned.items()}
    patterned = {**patterned, **make_magnitudes(weights, patterned, stabilized)}
    tensors.extend((f"patterned/{name}", value) for name, value in patterned.items())
    add("patterns", patterned, stabilized)

    golden["tensors"], offset = {}, 0
    with open(f"{folder}/dora.bin", "wb") as file:
        for name, value in tensors:
            golden["tensors"][name] = {"shape": list(value.shape), "offset": offset}
            data = value.float().numpy().astype("<f4").tobytes()
            file.write(data)
            offset += len(data)
    with open(f"{folder}/dora.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
