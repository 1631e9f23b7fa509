"""Computes golden values of variants of LoRA with PyTorch's automatic differentiation: losses and norms of ten steps, and gradients or trained values.

usage: python3 tests/Reference/adapter_methods.py tests/data
Needs PyTorch 1.13 or later. Model, samples and adapters are those of training.py. Writes adapter-methods.json (losses, norms, the position of each
tensor) and adapter-methods.bin (float32, little-endian). Everything is computed in float64 and rounded once.
"""
import json
import math
import re
import sys

import torch

import training

MASK = (1 << 64) - 1
NOISE_ALPHA, NOISE_SEED_STRIDE = 5.0, 1000
LORA_PLUS_RATIO = 4.0
FROZEN_SCALE = 0.5
# With a higher rate, the losses of ten steps in float32 would differ by more than 1e-4 from those in float64, also in PyTorch.
LEARNING_RATE = 2e-3
MODULES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}
RANK_PATTERN = {"q_proj": 2, r"model\.layers\.0\.mlp\..*": 6, "layers.0.mlp.up_proj": 3, ".*1.*(k|v)_proj": 1}
ALPHA_PATTERN = {"^model.layers.1.self_attn.v_proj": 5.0, "(gate|down)_proj": 3.0}


def random_bits(seed):
    """xoshiro256** (arXiv 1805.01407), whose state is filled by SplitMix64."""
    state = []
    for _ in range(4):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        mixed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        state.append(mixed ^ (mixed >> 31))

    def rotate(value, count):
        return ((value << count) | (value >> (64 - count))) & MASK

    while True:
        yield (rotate((state[1] * 5) & MASK, 7) * 9) & MASK
        shifted = (state[1] << 17) & MASK
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotate(state[3], 45)


def noise_of(seed, first_row, count):
    """NEFTune, algorithm 1: numbers between -1 and 1, times alpha / sqrt(L d). Each draw of 64 bits gives two signed numbers of 32 bits."""
    rows = []
    for row in range(count):
        numbers, bits = [], random_bits(seed + first_row + row)
        while len(numbers) < training.WIDTH:
            draw = next(bits)
            for part in (draw & 0xFFFFFFFF, draw >> 32):
                numbers.append((part - (1 << 32) if part >> 31 else part) / 2**31)
        rows.append(numbers)
    return torch.tensor(rows) * NOISE_ALPHA / math.sqrt(count * training.WIDTH)


def pattern_value(pattern, name, default):
    """As get_pattern_key of PEFT: the first pattern that matches the end of a module's name, after a dot or from the beginning."""
    _, layer, kind, _ = name.split(".")
    module = f"model.layers.{layer}.{MODULES[kind]}"
    return next((value for key, value in pattern.items() if re.match(rf"(.*\.)?({key})$", module)), default)


def make_patterned():
    adapters = {}
    for layer in range(training.LAYERS):
        for kind, (rows, columns) in training.PROJECTIONS.items():
            name = f"blk.{layer}.{kind}.weight"
            rank = pattern_value(RANK_PATTERN, name, training.RANK)
            adapters[name + ".lora_a"] = training.as_single(torch.randn(rank, columns) * 0.3)
            adapters[name + ".lora_b"] = training.as_single(torch.randn(rows, rank) * 0.3)
    return adapters


def project_with(weights, parts):
    """parts: pairs of adapters and a function that gives the scale of a tensor's adapter and its rank."""
    def project(x, name):
        y = x @ weights[name].T
        for adapters, scale_of in parts:
            a = adapters[name + ".lora_a"]
            y = y + scale_of(name, len(a)) * (x @ a.T) @ adapters[name + ".lora_b"].T
        return y

    return project


def loss_with(samples, weights, project, noise_seed=None):
    total = sum(sum(sample["weights"][1:]) for sample in samples)
    loss, first_row = 0, 0
    for sample in samples:
        tokens, counted = torch.tensor(sample["tokens"]), torch.tensor(sample["weights"][1:])
        count = len(tokens) - 1
        noise = 0 if noise_seed is None else noise_of(noise_seed, first_row, count)
        p = training.logits_of(tokens[:-1], weights, project, noise).log_softmax(-1).gather(1, tokens[1:, None])[:, 0]
        loss = loss - (p * counted).sum() / total
        first_row += count
    return loss


def ten_steps(loss_of, trained, ratio=1.0, rate=LEARNING_RATE):
    """loss_of(leaves, step); returns the losses and norms, the gradients of the first step, and the trained values."""
    leaves = {name: value.clone().requires_grad_() for name, value in trained.items()}
    groups = [
        {"params": [leaf for name, leaf in leaves.items() if not name.endswith((".lora_b", ".lora_magnitude", "norm.weight"))], "lr": rate},
        {"params": [leaf for name, leaf in leaves.items() if name.endswith(".lora_b")], "lr": rate * ratio},
        {"params": [leaf for name, leaf in leaves.items() if name.endswith(".lora_magnitude")], "lr": rate * ratio, "weight_decay": 0.0},
        # As in transformers' Trainer, the weights of norms do not decay.
        {"params": [leaf for name, leaf in leaves.items() if name.endswith("norm.weight")], "lr": rate, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    losses, norms, first = [], [], None
    for step in range(10):
        optimizer.zero_grad()
        loss = loss_of(leaves, step)
        loss.backward()
        first = first or {name: leaf.grad.clone() for name, leaf in leaves.items()}
        norms.append(torch.nn.utils.clip_grad_norm_(leaves.values(), 1.0).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms, first, {name: leaf.detach() for name, leaf in leaves.items()}


def main(folder):
    weights, adapters, samples = training.make_weights(), training.make_adapters(), training.make_samples()
    golden = {"methods": {}, "loraPlusRatio": LORA_PLUS_RATIO, "neftuneAlpha": NOISE_ALPHA, "noiseSeedStride": NOISE_SEED_STRIDE, "frozenScale": FROZEN_SCALE, "rankPattern": RANK_PATTERN,
                       "alphaPattern": ALPHA_PATTERN}
    tensors = []

    def add(method, losses, norms, values):
        golden["methods"][method] = {"losses": losses, "norms": norms}
        tensors.extend((f"{method}/{name}", value) for name, value in values.items())

    def plain(leaves, step):
        return loss_with(samples, weights, training.project_with(weights, leaves))

    def noisy(leaves, step):
        return loss_with(samples, weights, training.project_with(weights, leaves), NOISE_SEED_STRIDE * step)

    losses, norms, _, trained = ten_steps(plain, adapters, LORA_PLUS_RATIO)
    add("loraPlus", losses, norms, trained)
    losses, norms, gradients, _ = ten_steps(noisy, adapters)
    add("neftune", losses, norms, gradients)

    frozen = training.make_adapters()
    stack = (frozen, lambda name, rank: FROZEN_SCALE * training.ALPHA / rank)
    losses, norms, gradients, _ = ten_steps(
        lambda leaves, step: loss_with(samples, weights, project_with(weights, [stack, (leaves, lambda name, rank: training.ALPHA / rank)])), adapters)
    add("stacked", losses, norms, gradients)
    tensors.extend((f"frozen/{name}", value) for name, value in frozen.items())

    patterned = make_patterned()
    scales = (lambda name, rank: pattern_value(ALPHA_PATTERN, name, training.ALPHA) / rank)
    losses, norms, gradients, _ = ten_steps(lambda leaves, step: loss_with(samples, weights, project_with(weights, [(leaves, scales)])), patterned)
    add("patterns", losses, norms, gradients)
    tensors.extend((f"patterned/{name}", value) for name, value in patterned.items())

    golden["tensors"], offset = {}, 0
    with open(f"{folder}/adapter-methods.bin", "wb") as file:
        for name, value in tensors:
            golden["tensors"][name] = {"shape": list(value.shape), "offset": offset}
            data = value.float().numpy().astype("<f4").tobytes()
            file.write(data)
            offset += len(data)
    with open(f"{folder}/adapter-methods.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
