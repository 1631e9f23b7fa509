"""Computes golden values of preference methods with PyTorch's automatic differentiation: losses, rewards and gradients of ten steps of AdamW.

usage: python3 tests/Reference/preferences.py tests/data
Needs PyTorch 1.13 or later. Model, adapters and optimizer are those of training.py. Writes preferences.json (data, settings, losses, gradient norms and
rewards of each step, and the position of each tensor) and preferences.bin (the gradients of the first and the tenth step; float32, little-endian).

The losses are written as in TRL's trainers: DPO (loss_type sigmoid), CPO with loss_type simpo and cpo_alpha 0, ORPO, KTO. The loss of the chosen answers
in ORPO is the mean over the tokens of all of them, as in TRL's trainer, which counts the tokens of the prompts, too.
"""
import json
import sys

import torch
from torch.nn.functional import logsigmoid

import training

# Lower than in training.py, so that ten steps do not go far: each step amplifies the rounding errors of the steps before it, and the losses stay above 0.
LEARNING_RATE = 5e-4
DPO_BETA, ORPO_BETA, SIMPO_BETA, SIMPO_GAMMA, KTO_BETA, DESIRABLE, UNDESIRABLE = 0.3, 0.25, 2.0, 1.2, 0.4, 1.5, 0.8


def make_sample(prompt, answer):
    return {"tokens": prompt + answer, "weights": [0.0] * len(prompt) + [1.0] * len(answer)}


def make_pairs():
    pairs = []
    for prompt_length, chosen_length, rejected_length in ((4, 6, 3), (3, 4, 7)):
        prompt, chosen, rejected = (torch.randint(0, training.VOCABULARY, (length,)).tolist() for length in (prompt_length, chosen_length, rejected_length))
        pairs.append([make_sample(prompt, chosen), make_sample(prompt, rejected)])
    return pairs


def make_rated():
    rated = []
    for prompt_length, answer_length, label in ((4, 5, True), (2, 3, False), (5, 4, False), (3, 6, True), (1, 4, True)):
        prompt, answer = (torch.randint(0, training.VOCABULARY, (length,)).tolist() for length in (prompt_length, answer_length))
        rated.append({"prompt": prompt, "answer": answer, "label": label})
    return rated


def scores(samples, weights, adapters):
    """The sum of the log-probabilities of each answer, and the number of its tokens."""
    results = [training.log_probabilities(sample, weights, adapters) for sample in samples]
    return torch.stack([(p * w).sum() for p, w in results]), torch.stack([w.sum() for _, w in results])


def pair_scores(pairs, weights, adapters):
    chosen, chosen_counts = scores([pair[0] for pair in pairs], weights, adapters)
    rejected, rejected_counts = scores([pair[1] for pair in pairs], weights, adapters)
    return chosen, rejected, chosen_counts, rejected_counts


def dpo(pairs, weights, adapters, original, without_adapters):
    chosen, rejected, _, _ = pair_scores(pairs, weights, adapters)
    with torch.no_grad():
        reference_chosen, reference_rejected, _, _ = pair_scores(pairs, original, without_adapters)
    logits = (chosen - rejected) - (reference_chosen - reference_rejected)
    rewards = DPO_BETA * (chosen - reference_chosen), DPO_BETA * (rejected - reference_rejected)
    return -logsigmoid(DPO_BETA * logits).mean(), rewards, None


def orpo(pairs, weights, adapters):
    chosen, rejected, chosen_counts, rejected_counts = pair_scores(pairs, weights, adapters)
    answers = -chosen.sum() / chosen_counts.sum()
    chosen, rejected = chosen / chosen_counts, rejected / rejected_counts
    log_odds = (chosen - rejected) - (torch.log1p(-torch.exp(chosen)) - torch.log1p(-torch.exp(rejected)))
    return answers - (ORPO_BETA * logsigmoid(log_odds)).mean(), (ORPO_BETA * chosen, ORPO_BETA * rejected), None


def simpo(pairs, weights, adapters):
    chosen, rejected, chosen_counts, rejected_counts = pair_scores(pairs, weights, adapters)
    chosen, rejected = chosen / chosen_counts, rejected / rejected_counts
    logits = chosen - rejected - SIMPO_GAMMA / SIMPO_BETA
    return -logsigmoid(SIMPO_BETA * logits).mean(), (SIMPO_BETA * chosen, SIMPO_BETA * rejected), None


def kto(rated, weights, adapters, original, without_adapters):
    samples = [make_sample(record["prompt"], record["answer"]) for record in rated]
    answers = [record["answer"] for record in rated]
    mismatched = [make_sample(record["prompt"], answer) for record, answer in zip(rated, answers[-1:] + answers[:-1])]
    with torch.no_grad():
        gain = scores(mismatched, weights, adapters)[0] - scores(mismatched, original, without_adapters)[0]
        divergence = gain.mean().clamp(min=0)
        reference = scores(samples, original, without_adapters)[0]
    ratios = scores(samples, weights, adapters)[0] - reference
    labels = torch.tensor([record["label"] for record in rated])
    chosen, rejected = ratios[labels], ratios[~labels]
    losses = torch.cat((
        DESIRABLE * (1 - torch.sigmoid(KTO_BETA * (chosen - divergence))),
        UNDESIRABLE * (1 - torch.sigmoid(KTO_BETA * (divergence - rejected)))))
    return losses.mean(), (KTO_BETA * chosen, KTO_BETA * rejected), divergence


def ten_steps(loss_of, trained):
    leaves = {name: value.clone().requires_grad_() for name, value in trained.items()}
    decayed = [leaf for leaf in leaves.values() if leaf.dim() > 1]
    others = [leaf for leaf in leaves.values() if leaf.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=LEARNING_RATE, betas=(0.9, 0.95), eps=1e-8)
    steps, gradients = [], []
    for _ in range(10):
        optimizer.zero_grad()
        loss, (chosen, rejected), divergence = loss_of(leaves)
        loss.backward()
        gradients.append({name: leaf.grad.clone() for name, leaf in leaves.items()})
        norm = torch.nn.utils.clip_grad_norm_(leaves.values(), 1.0).item()
        optimizer.step()
        accuracy = (chosen > rejected).double().mean().item() if divergence is None else None
        steps.append({
            "loss": loss.item(), "norm": norm, "chosen": chosen.mean().item(), "rejected": rejected.mean().item(), "accuracy": accuracy,
            "divergence": None if divergence is None else divergence.item(),
        })
    return steps, gradients


def main(folder):
    weights, adapters = training.make_weights(), training.make_adapters()
    torch.manual_seed(6)
    pairs, rated = make_pairs(), make_rated()
    methods = {
        "dpo": (lambda leaves: dpo(pairs, weights, leaves, weights, None), adapters),
        "orpo": (lambda leaves: orpo(pairs, weights, leaves), adapters),
        "simPo": (lambda leaves: simpo(pairs, weights, leaves), adapters),
        "kto": (lambda leaves: kto(rated, weights, leaves, weights, None), adapters),
        "dpoFull": (lambda leaves: dpo(pairs, leaves, None, weights, None), weights),
        "ktoFull": (lambda leaves: kto(rated, leaves, None, weights, None), weights),
    }
    golden = {
        "dpoBeta": DPO_BETA, "orpoBeta": ORPO_BETA, "simPoBeta": SIMPO_BETA, "simPoGamma": SIMPO_GAMMA, "ktoBeta": KTO_BETA, "desirable": DESIRABLE,
        "undesirable": UNDESIRABLE, "pairs": pairs, "rated": rated, "steps": {}, "tensors": {},
    }
    offset = 0
    with open(f"{folder}/preferences.bin", "wb") as file:
        for method, (loss_of, trained) in methods.items():
            golden["steps"][method], gradients = ten_steps(loss_of, trained)
            # The gradients of all weights would take much room; their norms and the losses are compared.
            for step in () if method.endswith("Full") else (0, 9):
                for name, value in gradients[step].items():
                    # In the tenth step, the gradients of one layer are compared.
                    if step == 0 or name.startswith("blk.0."):
                        golden["tensors"][f"{method}/{step}/{name}"] = {"shape": list(value.shape), "offset": offset}
                        data = value.float().numpy().astype("<f4").tobytes()
                        file.write(data)
                        offset += len(data)
    assert any(step["divergence"] > 0 for step in golden["steps"]["kto"]) and any(step["divergence"] == 0 for step in golden["steps"]["kto"] + golden["steps"]["ktoFull"])
    with open(f"{folder}/preferences.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
