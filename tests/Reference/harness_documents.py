"""Writes ../data/evaluation/harness/documents.json: small documents, made up here, in the form of the data sets that the task files name.

Usage: python3 harness_documents.py
"""
import json
import pathlib

WORDS = ["amber", "birch", "copper", "delta", "ember", "fjord", "granite", "harbor", "ivory", "juniper", "kelp", "lantern", "meadow", "nickel", "opal", "prairie", "quartz", "river"]
ODD = ["plain", "it's \"quoted\"", "two\nlines", " spaces ", "naïve café", "日本 🦙", "braces {{x}} {% y %}", "back\\slash \\n", "tab\tbed", "%s 100%", "<b>&amp;</b>", "3"]


def word(i):
    return WORDS[i % len(WORDS)]


def odd(i):
    return ODD[i % len(ODD)]


def documents(count, make, start=0):
    return [make(i + start) for i in range(count)]


def split(make, **counts):
    result, start = {}, 0
    for name, count in counts.items():
        result[name] = documents(count, make, start)
        start += count
    return result


def hellaswag(i):
    return {"ind": i, "activity_label": f"Making {word(i)}", "ctx_a": f"A person holds a {odd(i)} [header] thing.", "ctx_b": ["they turn IT", "ÉMILE looks", "", "[title] they go"][i % 4],
            "ctx": "unused", "endings": [f"{word(i + k)} [step] falls.  Then {odd(i + k)} [title] ends." for k in range(4)], "label": str(i % 4)}


def winogrande(i):
    return {"sentence": f"The {word(i)} was better than the {word(i + 1)}{' ' * (i % 3)} because the _ was {odd(i)}. ", "option1": word(i), "option2": word(i + 1), "answer": str(i % 2 + 1)}


DATA = {
    "baber/piqa": split(lambda i: {"goal": f"How to {odd(i)}?", "sol1": f"Use {odd(i + 1)}", "sol2": f"Use {word(i)}", "label": i % 2}, train=30, validation=6),
    "openai/openai_humaneval": split(lambda i: {"task_id": f"T/{i}", "prompt": f"def f{i}(x):\n    \"\"\"{odd(i)}\"\"\"\n", "canonical_solution": "    return x\n", "test": "def check(f):\n    assert f(1) == 1\n", "entry_point": f"f{i}"}, test=4),
    "allenai/openbookqa": split(lambda i: {"id": str(i), "question_stem": f"What is {odd(i)}", "choices": {"text": [odd(i + k) for k in range(4)], "label": ["A", "B", "C", "D"]}, "answerKey": [" A", "B", "C", "D"][i % 4]}, train=30, validation=5, test=6),
    "skg/toxigen-data": split(lambda i: {"text": f"People like {odd(i)} are {word(i)}.", "toxicity_ai": [1.0, 3.0, 5.0, 2.5][i % 4], "toxicity_human": [1.0, 2.5, 4.0, 3.0][i % 4]}, train=30, test=6),
    "lighteval/siqa": split(lambda i: {"context": f"{word(i).title()} met {word(i + 2)}.", "question": f"Why {odd(i)}?", "answerA": odd(i), "answerB": word(i), "answerC": word(i + 3), "label": str(i % 3 + 1)}, train=30, validation=6),
    "EleutherAI/wikitext_document_level": split(lambda i: {"page": f" = {word(i)} = \n\n The {word(i)} ( also {odd(i)} ) , in the 1 @,@ 200s , was 2 @.@ 5 m high ; \" it 's {word(i)} \" : it cost 5 N dollars . \n = = Part = = \n a @-@ b [ c ] '  d ' end ? \n"}, train=8, validation=2, test=6),
    "aps/super_glue": split(lambda i: {"question": f"is {odd(i)} {word(i)}", "passage": f"{odd(i)} is a {word(i)}.", "idx": i, "label": i % 2}, train=30, validation=6),
    "cais/mmlu": split(lambda i: {"question": f" Which {odd(i)}? ", "subject": "abstract_algebra", "choices": [odd(i + k) for k in range(4)], "answer": i % 4}, dev=5, test=6),
    "google-research-datasets/mbpp": split(lambda i: {"task_id": i, "text": f"Write {odd(i)}.", "code": f"def f():\r\n  return {i}", "test_list": [f"assert f() == {i + k}" for k in range(3)]}, test=5),
    "openai/gsm8k": split(lambda i: {"question": f"How many {odd(i)}?", "answer": f"{i} + {i} = {2 * i}\n#### {2 * i}"}, train=40, test=8),
    "EleutherAI/lambada_openai": split(lambda i: {"text": f"The {word(i)} saw  {odd(i)} and then the {word(i + 1)}"}, test=6),
    "tau/commonsense_qa": split(lambda i: {"question": f" Where is {odd(i)}? ", "choices": {"label": list("ABCDE"), "text": [odd(i + k) for k in range(5)]}, "answerKey": "ABCDE"[i % 5]}, train=30, validation=6),
    "google-research-datasets/nq_open": split(lambda i: {"question": f"who is {odd(i)}", "answer": [odd(i), word(i)][: 1 + i % 2]}, train=30, validation=6),
    "Rowan/hellaswag": split(hellaswag, train=30, validation=6),
    "mandarjoshi/trivia_qa": split(lambda i: {"question": f"Which {odd(i)}", "answer": {"aliases": [word(i), odd(i)], "value": word(i)}}, train=30, validation=6),
    "allenai/ai2_arc": split(lambda i: {"question": f"Which is {odd(i)}?", "choices": {"text": [odd(i + k) for k in range(3 + i % 2)], "label": ["A", "B", "C", "D"][: 3 + i % 2]}, "answerKey": ["A", "B", "C"][i % 3]}, train=30, validation=5, test=6),
    "jannalu/crows_pairs_multilingual": split(lambda i: {"sent_more": f"The {word(i)} people are {odd(i)}.", "sent_less": f"The {word(i + 1)} people are {odd(i)}.", "bias_type": ["age", "gender"][i % 2]}, test=6),
    "truthfulqa/truthful_qa": split(lambda i: {"question": f"Is {odd(i)} {word(i)}?", "correct_answers": [odd(i + k) for k in range(3)], "incorrect_answers": [odd(i + k) for k in range(2, 5)], "mc1_targets": {"choices": [odd(i + k) for k in range(3)], "labels": [1, 0, 0]}, "mc2_targets": {"choices": [odd(i + k) for k in range(4)], "labels": [1, 1, 0, 0]}}, validation=6),
    "allenai/winogrande": split(winogrande, train=30, validation=6),
    "made/up": split(lambda i: {"q": odd(i), "a": word(i), "n": i, "list": [word(i), odd(i)], "prefix": ["It is", "It is ", "\n"][i % 3], "context": f"About {word(i)}:", "one": [0, 1][i % 2], "none": None, "half": i / 2, "yes": i % 2 == 0, "split": i}, train=60, test=7),
}

target = pathlib.Path(__file__).parent / "../data/evaluation/harness/documents.json"
target.write_text(json.dumps(DATA, ensure_ascii=True, indent=0), encoding="utf-8")
