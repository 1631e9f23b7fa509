"""Computes golden values of tensors that are trained as a whole beside LoRA (PEFT's modules_to_save), and of rows of single
tokens (trainable_token_indices), with PyTorch's automatic differentiation.

usage: python3 tests/Reference/saved_modules.py tests/data
Needs PyTorch 1.13 or later. Model, samples and adapters are those of training.py. Writes saved-modules.json (losses, norms, the position of each tensor)
and saved-modules.bin (float32, little-endian): losses and norms of ten steps of AdamW, the gradients of the first step, and for the tensors
that are trained as a whole the values after the last. Everything is computed in float64 and rounded once.
"""
import json
import sys

import torch

import adapter_methods
import training

# With the rate 1e-2 of the other runs, float32 in PyTorch itself differs from float64 by 9e-4 in the norms of the run that trains only the embeddings.
RATE = 2e-3
# In the model with shared embeddings, float32 in PyTorch itself differs from float64 by a relative 1.0e-4 in the norms with the rate 2e-3, and by 3e-5 with this one.
TIED_RATE = 1e-3
BLOCK_NORMS = [f"blk.{layer}.{name}.weight" for layer in range(training.LAYERS) for name in ("attn_norm", "ffn_norm")]
SAVED = {
    "saved": ["token_embd.weight", "output.weight"], "savedEmbedding": ["token_embd.weight"], "savedOutput": ["output.weight"],
    "savedNorms": [*BLOCK_NORMS, "output_norm.weight"], "savedInputNorm": BLOCK_NORMS[::2], "savedEmbeddingAndNorms": ["token_embd.weight", *BLOCK_NORMS, "output_norm.weight"],
}


# The samples contain some of these tokens and predict others.
ROWS = {"token_embd.weight": [5, 30, 0, 17], "output.weight": [30, 2, 11]}
TRAINED_ROWS = {"rows": ROWS, "rowsEmbedding": {"token_embd.weight": ROWS["token_embd.weight"]}, "rowsOutput": {"output.weight": ROWS["output.weight"]}}


def replace(weights, leaves, is_tied=False):
    """The model's weights with tensors and rows that are trained; a leaf NAME.rows has the rows themselves, as in PEFT."""
    current = {**weights, **{name: leaf for name, leaf in leaves.items() if name in weights}}
    for name, leaf in leaves.items():
        if name.endswith(".rows"):
            base = name[:-len(".rows")]
            current[base] = weights[base].index_copy(0, torch.tensor(ROWS[base]), leaf)
    if is_tied:
        current["output.weight"] = current["token_embd.weight"]
    return current


def supervised(samples, weights, is_tied=False):
    def loss(leaves, step):
        current = replace(weights, leaves, is_tied)
        return adapter_methods.loss_with(samples, current, training.project_with(current, leaves))
    return loss


def preference(pair, weights):
    """Direct preference optimization; the reference is the model with its own matrices and without adapters."""
    def score(sample, current, adapters):
        p, w = training.log_probabilities(sample, current, adapters)
        return (p * w).sum()

    def loss(leaves, step):
        current = replace(weights, leaves)
        with torch.no_grad():
            reference = score(pair[0], weights, None) - score(pair[1], weights, None)
        return -torch.nn.functional.logsigmoid(training.BETA * (score(pair[0], current, leaves) - score(pair[1], current, leaves) - reference))
    return loss


def main(folder):
    weights, adapters, samples = training.make_weights(), training.make_adapters(), training.make_samples()
    golden, tensors = {"methods": {}}, []
    runs = {name: (supervised(samples, weights), saved) for name, saved in SAVED.items()}
    for name, saved in (("savedPreference", "saved"), ("savedNormsPreference", "savedNorms")):
        runs[name] = (preference((samples[0], samples[2]), weights), SAVED[saved])
    begin = {**weights, **{f"{name}.rows": weights[name][ids] for name, ids in ROWS.items()}}
    rows_of = {name: [f"{base}.rows" for base in rows] for name, rows in TRAINED_ROWS.items()}
    runs.update((name, (supervised(samples, weights), rows)) for name, rows in rows_of.items())
    runs["rowsTied"] = (supervised(samples, {**weights, "output.weight": weights["token_embd.weight"]}, is_tied=True), rows_of["rowsEmbedding"])
    runs["rowsPreference"] = (preference((samples[0], samples[2]), weights), rows_of["rows"])
    for method, (loss_of, saved) in runs.items():
        losses, norms, gradients, trained = adapter_methods.ten_steps(loss_of, {**adapters, **{name: begin[name] for name in saved}}, rate=TIED_RATE if method == "rowsTied" else RATE)
        golden["methods"][method] = {"losses": losses, "norms": norms}
        kept = list(gradients) if method == "saved" else saved
        tensors.extend((f"{method}/{name}", gradients[name]) for name in kept)
        tensors.extend((f"{method}Trained/{name}", trained[name]) for name in saved)

    golden["tensors"], offset = {}, 0
    with open(f"{folder}/saved-modules.bin", "wb") as file:
        for name, value in tensors:
            golden["tensors"][name] = {"shape": list(value.shape), "offset": offset}
            data = value.float().numpy().astype("<f4").tobytes()
            file.write(data)
            offset += len(data)
    with open(f"{folder}/saved-modules.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
