"""Computes golden values of training with PyTorch's automatic differentiation: losses, gradients and AdamW steps of a tiny Llama.

usage: python3 tests/Reference/training.py tests/data
Needs PyTorch 1.13 or later. Writes training.json (shapes, losses, the position of each tensor) and training.bin (float32, little-endian).
As in GGUF files, neighbouring elements of a head form a rotary pair. Everything is computed in float64 and rounded once.
"""
import json
import math
import sys

import torch

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
WIDTH, LAYERS, HEADS, KV_HEADS, HIDDEN, VOCABULARY, EPSILON = 24, 2, 4, 2, 40, 32, 1e-5
RANK, ALPHA, BETA = 4, 8.0, 0.1
HEAD = WIDTH // HEADS
PROJECTIONS = {
    "attn_q": (WIDTH, WIDTH), "attn_k": (KV_HEADS * HEAD, WIDTH), "attn_v": (KV_HEADS * HEAD, WIDTH), "attn_output": (WIDTH, WIDTH),
    "ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN),
}


def as_single(tensor):
    return tensor.float().double()


def make_weights():
    weights = {"token_embd.weight": torch.randn(VOCABULARY, WIDTH) * 0.5}
    for layer in range(LAYERS):
        weights[f"blk.{layer}.attn_norm.weight"] = 0.5 + torch.rand(WIDTH)
        weights[f"blk.{layer}.ffn_norm.weight"] = 0.5 + torch.rand(WIDTH)
        for name, shape in PROJECTIONS.items():
            weights[f"blk.{layer}.{name}.weight"] = torch.randn(shape) * 0.3
    weights["output_norm.weight"] = 0.5 + torch.rand(WIDTH)
    weights["output.weight"] = torch.randn(VOCABULARY, WIDTH) * 0.3
    return {name: as_single(value) for name, value in weights.items()}


def make_adapters():
    adapters = {}
    for layer in range(LAYERS):
        for name, (rows, columns) in PROJECTIONS.items():
            adapters[f"blk.{layer}.{name}.weight.lora_a"] = as_single(torch.randn(RANK, columns) * 0.3)
            adapters[f"blk.{layer}.{name}.weight.lora_b"] = as_single(torch.randn(rows, RANK) * 0.3)
    return adapters


def make_samples():
    samples = []
    for length, masked in ((12, 4), (8, 0), (9, 6)):
        samples.append({
            "tokens": torch.randint(0, VOCABULARY, (length,)).tolist(),
            "weights": [0.0] * masked + [1.0] * (length - masked),
        })
    samples[1]["weights"][3] = 0.5
    return samples


def norm(x, weight):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x):
    frequencies = 10000.0 ** (-torch.arange(0, HEAD, 2) / HEAD)
    angles = torch.arange(len(x))[:, None, None] * frequencies
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * angles.cos() - odd * angles.sin(), even * angles.sin() + odd * angles.cos()), -1).flatten(-2)


def project_with(weights, adapters):
    def project(x, name):
        y = x @ weights[name].T
        if adapters is not None:
            y = y + ALPHA / RANK * (x @ adapters[name + ".lora_a"].T) @ adapters[name + ".lora_b"].T
        return y

    return project


def logits_of(tokens, weights, project, noise=0):
    x = weights["token_embd.weight"][tokens] + noise
    count = len(tokens)
    hidden_from = torch.full((count, count), -math.inf).triu(1)
    for layer in range(LAYERS):
        prefix = f"blk.{layer}."
        normed = norm(x, weights[prefix + "attn_norm.weight"])
        query = rotate(project(normed, prefix + "attn_q.weight").view(count, HEADS, HEAD))
        key = rotate(project(normed, prefix + "attn_k.weight").view(count, KV_HEADS, HEAD)).repeat_interleave(HEADS // KV_HEADS, 1)
        value = project(normed, prefix + "attn_v.weight").view(count, KV_HEADS, HEAD).repeat_interleave(HEADS // KV_HEADS, 1)
        scores = torch.einsum("qhd,khd->hqk", query, key) / math.sqrt(HEAD) + hidden_from
        attended = torch.einsum("hqk,khd->qhd", scores.softmax(-1), value).reshape(count, WIDTH)
        x = x + project(attended, prefix + "attn_output.weight")
        normed = norm(x, weights[prefix + "ffn_norm.weight"])
        gate = torch.nn.functional.silu(project(normed, prefix + "ffn_gate.weight"))
        x = x + project(gate * project(normed, prefix + "ffn_up.weight"), prefix + "ffn_down.weight")
    return norm(x, weights["output_norm.weight"]) @ weights["output.weight"].T


def log_probabilities(sample, weights, adapters):
    tokens = torch.tensor(sample["tokens"])
    all_of = logits_of(tokens[:-1], weights, project_with(weights, adapters)).log_softmax(-1)
    return all_of.gather(1, tokens[1:, None])[:, 0], torch.tensor(sample["weights"][1:])


def supervised_loss(samples, weights, adapters):
    total = sum(sum(sample["weights"][1:]) for sample in samples)
    return sum(-(p * w).sum() for p, w in (log_probabilities(sample, weights, adapters) for sample in samples)) / total


def preference_loss(pair, weights, adapters):
    def score(sample, adapters):
        p, w = log_probabilities(sample, weights, adapters)
        return (p * w).sum()

    with torch.no_grad():
        reference = score(pair[0], None) - score(pair[1], None)
    return -torch.nn.functional.logsigmoid(BETA * (score(pair[0], adapters) - score(pair[1], adapters) - reference))


def gradients(loss_of, trained):
    leaves = {name: value.clone().requires_grad_() for name, value in trained.items()}
    loss = loss_of(leaves)
    loss.backward()
    return loss.item(), {name: leaf.grad for name, leaf in leaves.items()}


def ten_steps(loss_of, trained):
    leaves = {name: value.clone().requires_grad_() for name, value in trained.items()}
    decayed = [leaf for leaf in leaves.values() if leaf.dim() > 1]
    others = [leaf for leaf in leaves.values() if leaf.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
    losses, norms = [], []
    for _ in range(10):
        optimizer.zero_grad()
        loss = loss_of(leaves)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(leaves.values(), 1.0).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms, {name: leaf.detach() for name, leaf in leaves.items()}


def main(folder):
    tensors = []
    weights, adapters, samples = make_weights(), make_adapters(), make_samples()
    golden = {
        "shape": {"width": WIDTH, "layers": LAYERS, "heads": HEADS, "keyValueHeads": KV_HEADS, "hidden": HIDDEN, "vocabulary": VOCABULARY},
        "rank": RANK, "alpha": ALPHA, "beta": BETA, "samples": samples,
    }

    def add(group, values):
        tensors.extend((f"{group}/{name}", value) for name, value in values.items())

    add("weights", weights)
    add("adapters", adapters)
    golden["fullLoss"], grads = gradients(lambda leaves: supervised_loss(samples, leaves, None), weights)
    add("fullGradients", grads)
    golden["loraLoss"], grads = gradients(lambda leaves: supervised_loss(samples, weights, leaves), adapters)
    add("loraGradients", grads)
    golden["preferenceLoss"], grads = gradients(lambda leaves: preference_loss((samples[0], samples[2]), weights, leaves), adapters)
    add("preferenceGradients", grads)
    golden["fullLosses"], golden["fullNorms"], trained = ten_steps(lambda leaves: supervised_loss(samples, leaves, None), weights)
    add("fullTrained", trained)
    golden["loraLosses"], golden["loraNorms"], trained = ten_steps(lambda leaves: supervised_loss(samples, weights, leaves), adapters)
    add("loraTrained", trained)

    golden["tensors"], offset = {}, 0
    with open(f"{folder}/training.bin", "wb") as file:
        for name, value in tensors:
            golden["tensors"][name] = {"shape": list(value.shape), "offset": offset}
            data = value.float().numpy().astype("<f4").tobytes()
            file.write(data)
            offset += len(data)
    with open(f"{folder}/training.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
