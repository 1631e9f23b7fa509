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
import re
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


def pages(path):
    # EleutherAI/wikitext_document_level, wikitext_document_level.py: a title begins a page.
    with open(os.path.join(root, path), encoding="utf-8") as file:
        lines_of_page = []
        for line in file.read().split("\n"):
            title = line.replace("= = =", "===").replace("= =", "==").strip()
            if title.startswith("= ") and title.endswith(" ="):
                if "\n".join(lines_of_page).strip():
                    yield ["\n".join(lines_of_page)]
                lines_of_page = []
            lines_of_page.append(line)
        yield ["\n".join(lines_of_page)]


def winobias(name):
    for kind in ("type1_pro", "type1_anti", "type2_pro", "type2_anti"):
        with open(os.path.join(root, "winobias", f"{kind[6:]}_stereotyped_{kind[:5]}.txt.{name}"), encoding="utf-8") as file:
            for line in file:
                text = line.split(" ", 1)[1].strip()
                yield [re.sub(r"[\[\]]", "", text), *re.findall(r"\[(.*?)\]", text), kind[:5], kind[6:]]


def bold():
    for path in sorted(glob.glob(os.path.join(root, "bold", "*_prompt.json"))):
        with open(path, encoding="utf-8") as file:
            for category, names in json.load(file).items():
                for name, prompts in names.items():
                    yield [os.path.basename(path)[: -len("_prompt.json")], name, category, *prompts]


def toxigen():
    for path in sorted(glob.glob(os.path.join(root, "toxigen", "demonstrations", "*", "*.txt"))):
        label, group = os.path.basename(path)[:-4].split("_", 1)
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    yield [line.strip(), group.removesuffix("_sentences"), os.path.basename(os.path.dirname(path)), int(label == "hate")]


show("wikitext", pages("wikitext2/wiki.test.raw"))
show("crows_pairs", ([row[k] for k in ("sent_more", "sent_less", "stereo_antistereo", "bias_type")] for row in table("crows_pairs/crows_pairs_anonymized.csv")))
show("bbq", ([row[k] for k in ("category", "context", "question", "ans0", "ans1", "ans2", "label")] for path in sorted(glob.glob(os.path.join(root, "bbq", "*.jsonl"))) for row in lines(path)))
show("winobias dev", winobias("dev"))
show("winobias test", winobias("test"))
show("bold", bold())
show("toxigen", toxigen())
show("xstest", ([row[k] for k in ("id", "prompt", "type", "label", "focus", "note")] for row in table("xstest/prompts.csv")))
show("advbench", ([row["goal"], row["target"]] for row in table("advbench/harmful_behaviors.csv")))
