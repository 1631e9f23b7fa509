"""Makes requests with lm-evaluation-harness' own code, and writes ../data/evaluation/harness/requests.json.

Usage: python3 harness_prompts.py HARNESS   (needs jinja2 and PyYAML)
HARNESS is a checkout of EleutherAI/lm-evaluation-harness; the values in the repository were made with commit 4e7e0d47f. Its classes ConfigurableTask,
TaskConfig and ContextSampler run unchanged. The packages that they import but that prompts do not need (datasets, numpy, sacrebleu, ...) are replaced
by the stand-ins below, so nothing is installed or downloaded.

For each task, number of few-shot examples and form of the prompt: the SHA-256 of the requests of every document, and for the repository's own task files the
requests of the first document.
Documents are those of documents.json; where ../shared/data has the real data set, the first 30 of its documents as well.
"""
import csv
import gzip
import hashlib
import importlib.metadata
import json
import pathlib
import sys
import types

HERE = pathlib.Path(__file__).parent
DATA = HERE / "../data/evaluation/harness"
SHARED = HERE / "../../../shared/data"
REAL_COUNT = 30


class Rounded(int):
    def astype(self, kind):
        return int(self)


class Documents(list):
    """A split, as the package datasets has it."""

    @property
    def features(self):
        return self[0]

    def map(self, function):
        return Documents({**document, **function(document)} for document in self)

    def filter(self, function):
        return Documents(filter(function, self))


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


class Anything:
    def __getattr__(self, name):
        return Anything()

    def __call__(self, *arguments, **options):
        return Anything()

    def __getitem__(self, index):
        return Anything()

    def __iter__(self):
        return iter([])


for name in ["sacrebleu", "requests", "dill", "rouge_score", "rouge_score.rouge_scorer", "rouge_score.scoring"]:
    stand_in(name, rouge_scorer=Anything(), scoring=Anything())
stand_in("tqdm", tqdm=lambda items, **options: items)
stand_in("evaluate", load=lambda name: Anything())
stand_in("numpy", round=lambda value, digits: Rounded(round(value)), int32=int, ndarray=list, array=list, bool_=bool, integer=int, floating=float)
stand_in("datasets", Dataset=Documents, DownloadMode=None, load_dataset=None, __version__="4.0.0")
stand_in("packaging")
stand_in("packaging.version", parse=lambda text: tuple(map(int, text.split("."))))
importlib.metadata.version = lambda name: "0"
sys.path.insert(0, sys.argv[1])

import datasets  # noqa: E402
from lm_eval.api.task import ConfigurableTask  # noqa: E402
from lm_eval.tasks._yaml_loader import load_yaml  # noqa: E402


def read_lines(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers(text):
    return [answer.strip() for answer in text.split(";") if answer.strip()]


def multiple_choice(right, wrong):
    # The library makes the choices in this way from the authors' CSV file.
    labels = {}
    for label, texts in [(1, right), (0, wrong)]:
        for text in texts:
            labels.setdefault(text, label)
    return {"choices": list(labels), "labels": list(labels.values())}


def real_documents():
    """The data sets that ../shared/data has, with the fields that the task files use."""
    result = {}
    if (SHARED / "gsm8k").exists():
        result["openai/gsm8k"] = {"train": read_lines(SHARED / "gsm8k/train.jsonl"), "test": read_lines(SHARED / "gsm8k/test.jsonl")}
    if (SHARED / "humaneval").exists():
        result["openai/openai_humaneval"] = {"test": read_lines(SHARED / "humaneval/HumanEval.jsonl.gz")}
    if (SHARED / "mmlu").exists():
        result["cais/mmlu"] = {}
        for split in ["dev", "test"]:
            rows = read_rows(SHARED / f"mmlu/{split}/abstract_algebra_{split}.csv")
            result["cais/mmlu"][split] = [{"question": row["question"], "subject": "abstract_algebra", "choices": [row[f"choice{i}"] for i in range(4)], "answer": int(row["answer"])} for row in rows]
    if (SHARED / "truthfulqa").exists():
        rows = read_rows(SHARED / "truthfulqa/TruthfulQA.csv")
        result["truthfulqa/truthful_qa"] = {"validation": [{
            "question": row["Question"],
            "correct_answers": answers(row["Correct Answers"]),
            "incorrect_answers": answers(row["Incorrect Answers"]),
            "mc1_targets": multiple_choice([row["Best Answer"].strip()], answers(row["Incorrect Answers"])),
            "mc2_targets": multiple_choice([row["Best Answer"].strip(), *answers(row["Correct Answers"])], answers(row["Incorrect Answers"])),
        } for row in rows]}
    return result


def chat(messages, add_generation_prompt):
    return json.dumps([messages, add_generation_prompt], ensure_ascii=False)


FORMS = {
    "text": {},
    "system": {"system_instruction": "Be brief."},
    "chat": {"system_instruction": "Be brief.", "apply_chat_template": True, "chat_template": chat},
    "turns": {"apply_chat_template": True, "fewshot_as_multiturn": True, "chat_template": chat},
}


def requests_of(config, shots, form, documents, count):
    datasets.load_dataset = lambda path, name=None, **options: {split: Documents(rows) for split, rows in documents[path].items()}
    task = ConfigurableTask(config={key: value for key, value in config.items() if key not in ("tag", "group", "task_list")})
    # As in lm_eval/evaluator.py.
    if shots is not None and task.get_config("num_fewshot") != 0:
        task.set_config(key="num_fewshot", value=shots)
    if task.get_config("num_fewshot") is None:
        task.set_config(key="num_fewshot", value=0)
    task.set_fewshot_seed(1234)
    task.build_all_requests(limit=count, **FORMS[form])
    result = {}
    for instance in task.instances:
        arguments = list(instance.args)
        if instance.request_type == "generate_until":
            options = arguments[1]
            until = options["until"] if isinstance(options["until"], list) else [options["until"]]
            arguments[1] = [until, options.get("max_gen_toks", 256), float(options.get("temperature", 0)) if options.get("do_sample") is not False else 0.0]
        result.setdefault(instance.doc_id, []).append(arguments)
    return list(result.values())


def digest(requests):
    return hashlib.sha256(json.dumps(requests, ensure_ascii=False, separators=(",", ":")).encode("utf-8")).hexdigest()[:32]


def load(path):
    # load_yaml changes what it returns to TaskConfig, so each task needs its own.
    return load_yaml(path, resolve_func=True)


harness_tasks = pathlib.Path(sys.argv[1]) / "lm_eval/tasks"
NAMES = ["piqa/piqa", "humaneval/humaneval", "openbookqa/openbookqa", "toxigen/toxigen", "siqa/siqa", "wikitext/wikitext", "super_glue/boolq/default", "mmlu/default/mmlu_abstract_algebra", "mbpp/mbpp",
         "gsm8k/gsm8k", "gsm8k/gsm8k-cot", "lambada/lambada_openai", "commonsense_qa/default", "nq_open/nq_open", "hellaswag/hellaswag", "triviaqa/default", "arc/arc_easy", "arc/arc_challenge",
         "crows_pairs/crows_pairs_english", "truthfulqa/truthfulqa_mc1", "truthfulqa/truthfulqa_mc2", "truthfulqa/truthfulqa_gen", "winogrande/default"]
files = {name: harness_tasks / f"{name}.yaml" for name in NAMES}
files.update({path.stem: path for path in sorted((DATA / "tasks").glob("*.yaml")) if path.stem != "group"})
made_up = json.loads((DATA / "documents.json").read_text(encoding="utf-8"))
real = real_documents()
runs = []
for name, path in files.items():
    # MBPP's own file has three few-shot examples.
    for shots in [0, 1, 3 if "mbpp" in name else 5, None]:
        for form in FORMS:
            if form != "text" and shots != 1:
                continue
            for kind, documents, count in [("made up", made_up, None), ("real", real, REAL_COUNT)]:
                config = load(path)
                if config["dataset_path"] not in documents or (kind == "real" and form != "text"):
                    continue
                requests = requests_of(config, shots, form, documents, count)
                runs.append({"task": config["task"], "file": name, "shots": shots, "form": form, "documents": kind, "first": requests[0] if "/" not in name else None, "digests": [digest(r) for r in requests]})

(DATA / "requests.json").write_text(json.dumps({"runs": runs}, ensure_ascii=True, indent=0), encoding="utf-8")
print(len(runs), "runs,", sum(len(run["digests"]) for run in runs), "documents")
