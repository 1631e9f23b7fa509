"""Computes the weights of RefusalModel.cs from answers that people labelled, and measures how well they judge answers that they were not computed from.

Needs only the standard library. In the repository's root folder:

    python3 tests/Reference/refusal_weights.py answers XSTEST_FOLDER > answers.jsonl
    llama2 judge refusal --jsonl answers.jsonl --explain > verdicts.jsonl
    python3 tests/Reference/refusal_weights.py weights XSTEST_FOLDER verdicts.jsonl

The first command lists the labelled answers: those of XSTest (llama2-no-prompt.csv and llama2-original-prompt.csv, Röttger et al. 2023) and those of
tests/data/refusals/training.jsonl and xstest-training.jsonl, which were written for this purpose in the manner of other models. The rows of the latter
name their prompts by XSTest's numbers, because its prompts are not part of this repository. The second one computes their features. The third
one writes the measurements to standard error and the lines of the table to standard output.

The model is a multinomial logistic regression with an L2 penalty, trained by gradient descent with momentum on the whole set.
"""

import csv
import json
import math
import pathlib
import random
import sys

FILES = ["llama2-no-prompt.csv", "llama2-original-prompt.csv"]
LABELS = ["compliance", "partial_refusal", "full_refusal"]
XSTEST_LABELS = {"1_full_compliance": 0, "3_partial_refusal": 1, "2_full_refusal": 2}
PENALTY = 0.5
STEPS = 800
ROOT = pathlib.Path(__file__).resolve().parents[2]


def read_answers(folder):
    """Tuples (source, group, prompt, answer, label). A group is a prompt; answers of one group are never divided between training and test."""
    answers = []
    for name in FILES:
        with open(pathlib.Path(folder) / name, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                answers.append((name, (row["type"].replace("contrast_", ""), row["id"]), row["prompt"], row["completion"], XSTEST_LABELS[row["final_label"]]))
    with open(ROOT / "tests/data/refusals/training.jsonl", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            answers.append(("own", ("own", row["prompt"]), row["prompt"], row["answer"], LABELS.index(row["label"])))
    prompts = {}
    with open(pathlib.Path(folder) / "prompts.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            prompts[int(row["id"])] = row
    with open(ROOT / "tests/data/refusals/xstest-training.jsonl", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            prompt = prompts[row["id"]]
            group = (prompt["type"].replace("contrast_", ""), f"v2-{row['id']}")
            answers.append(("own", group, prompt["prompt"], row["answer"], LABELS.index(row["label"])))
    return answers


def softmax(scores):
    largest = max(scores)
    powers = [math.exp(score - largest) for score in scores]
    return [power / sum(powers) for power in powers]


def train(rows, labels, importance, names):
    index = {name: position for position, name in enumerate(names)}
    sparse = [[(index[name], value) for name, value in row.items()] for row in rows]
    curvature = [1e-3] * len(names)
    for row, weight in zip(sparse, importance):
        for j, value in row:
            curvature[j] += weight * value * value
    weights = [[0.0] * len(names) for _ in LABELS]
    velocity = [[0.0] * len(names) for _ in LABELS]
    for _ in range(STEPS):
        gradient = [[0.0] * len(names) for _ in LABELS]
        for row, label, weight in zip(sparse, labels, importance):
            probabilities = softmax([sum([w[j] * value for j, value in row]) for w in weights])
            for k, probability in enumerate(probabilities):
                error = (probability - (k == label)) * weight
                for j, value in row:
                    gradient[k][j] += error * value
        for k in range(len(LABELS)):
            for j in range(len(names)):
                penalty = 0 if names[j] == "bias" else PENALTY * weights[k][j]
                velocity[k][j] = 0.9 * velocity[k][j] - 0.25 * (gradient[k][j] + penalty) / (0.5 * curvature[j] + PENALTY + 2)
                weights[k][j] += velocity[k][j]
    return [dict(zip(names, w)) for w in weights]


def judge(weights, row):
    return softmax([sum(w[name] * value for name, value in row.items()) for w in weights])


def measure(title, answers, probabilities):
    for source in FILES + ["own"]:
        chosen = [i for i in probabilities if answers[i][0] == source]
        if not chosen:
            continue
        clear = [i for i in chosen if answers[i][4] != 1]
        two = sum((probabilities[i][2] > probabilities[i][0]) == (answers[i][4] == 2) for i in clear)
        three = sum(max(range(3), key=lambda k: probabilities[i][k]) == answers[i][4] for i in chosen)
        print(f"{title:34} {source:27} two ways {two}/{len(clear)} {100 * two / len(clear):.1f} %, three ways {three}/{len(chosen)} {100 * three / len(chosen):.1f} %", file=sys.stderr)


def main():
    command, folder = sys.argv[1:3]
    answers = read_answers(folder)
    if command == "answers":
        for _, _, prompt, answer, _ in answers:
            print(json.dumps({"prompt": prompt, "answer": answer}))
        return
    with open(sys.argv[3], encoding="utf-8") as file:
        rows = [{evidence["feature"]: evidence["value"] for evidence in json.loads(line)["evidence"]} for line in file]
    names = sorted({name for row in rows for name in row})
    labels = [answer[4] for answer in answers]
    importance = [1.0] * len(answers)

    def held_out(title, part_of):
        """part_of: the part that an answer belongs to; each part is judged with the weights of the others."""
        probabilities = {}
        parts = [part_of(answer) for answer in answers]
        for part in sorted({part for part in parts if part is not None}):
            inside = [i for i in range(len(answers)) if parts[i] != part]
            weights = train([rows[i] for i in inside], [labels[i] for i in inside], [importance[i] for i in inside], names)
            probabilities.update({i: judge(weights, rows[i]) for i in range(len(answers)) if parts[i] == part})
        measure(title, answers, probabilities)

    groups = sorted({answer[1] for answer in answers})
    random.Random(1).shuffle(groups)
    fold = {group: number % 5 for number, group in enumerate(groups)}
    kinds = sorted({answer[1][0] for answer in answers if answer[0] != "own"})
    held_out("held-out prompts (5 parts)", lambda answer: fold[answer[1]])
    held_out("held-out types of prompts (2 parts)", lambda answer: kinds.index(answer[1][0]) % 2 if answer[1][0] != "own" else None)
    held_out("the other file", lambda answer: answer[0] if answer[0] != "own" else None)
    weights = train(rows, labels, importance, names)
    measure("trained on all", answers, {i: judge(weights, row) for i, row in enumerate(rows)})
    for name in names:
        member = "".join(word.capitalize() for word in name.split("_"))
        print(f'        (RefusalFeature.{member}, "{name}", ' + ", ".join(f"{w[name]:.2f}" for w in weights) + "),")


if __name__ == "__main__":
    main()
