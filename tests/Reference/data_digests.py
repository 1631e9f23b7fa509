"""Prints the number of rows and a digest of every text of data sets, as Python's own readers of CSV and JSON read them.

    python3 tests/Reference/data_digests.py ../shared/data

DataFolderTests compares the rows of Llama2.Evaluation with these digests. The fields of a row are in the order of the columns of Hugging Face's data set;
each value is followed by U+001F, and each row by U+001E.
"""
import csv
import glob
import gzip
import hashlib
import json
import os
import sys

root = sys.argv[1]


def show(name, rows):
    digest = hashlib.sha256()
    count = 0
    for row in rows:
        digest.update(("".join(f"{value}\x1f" for value in row) + "\x1e").encode())
        count += 1
    print(name, count, digest.hexdigest()[:16])


def table(path):
    with open(os.path.join(root, path), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(os.path.join(root, path), "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def mmlu(split):
    for path in sorted(glob.glob(os.path.join(root, "mmlu", split, "*.csv"))):
        subject = os.path.basename(path)[: -len(f"_{split}.csv")]
        for row in table(path):
            yield [row["question"], subject, *(row[f"choice{i}"] for i in range(4)), row["answer"]]


def truthfulqa():
    for row in table("truthfulqa/TruthfulQA.csv"):
        best = row["Best Answer"].strip()
        correct, incorrect = ([a.strip() for a in row[f"{kind} Answers"].split(";") if a.strip()] for kind in ("Correct", "Incorrect"))
        mc1 = list(dict.fromkeys([best, *incorrect]))
        mc2 = list(dict.fromkeys([best, *correct, *incorrect]))
        right = len(dict.fromkeys([best, *correct]))
        yield [row["Question"], *mc1, *(int(i == 0) for i in range(len(mc1))), *mc2, *(int(i < right) for i in range(len(mc2)))]


show("mmlu dev", mmlu("dev"))
show("mmlu test", mmlu("test"))
show("gsm8k test", ([row["question"], row["answer"]] for row in lines("gsm8k/test.jsonl")))
show("gsm8k train", ([row["question"], row["answer"]] for row in lines("gsm8k/train.jsonl")))
show("humaneval", ([row[k] for k in ("task_id", "prompt", "canonical_solution", "test", "entry_point")] for row in lines("humaneval/HumanEval.jsonl.gz")))
show("truthfulqa", truthfulqa())
