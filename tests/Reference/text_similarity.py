"""Scores texts with sacrebleu, rouge_score and lm-evaluation-harness' own code, and writes ../data/evaluation/text-similarity.json.

Usage: python3 text_similarity.py HARNESS SACREBLEU ROUGE   (needs the package regex)
HARNESS is a checkout of EleutherAI/lm-evaluation-harness, SACREBLEU one of mjpost/sacrebleu, ROUGE a folder with the package rouge_score. The values in the
repository were made with commits 4e7e0d47f of the harness and f615c72 of sacrebleu (2.6.0), whose code runs unchanged; packages that it imports but that
scores do not need are replaced by stand-ins. Of google-research/rouge (commit 0c1bbe5fc) the functions of rouge_scorer.py and tokenize.py were used without their
imports and stemmer, and a BootstrapAggregator that returns the one score that it is given, which is what the middle of its interval is.
"""
import importlib.util
import json
import math
import pathlib
import random
import sys
import types

HERE = pathlib.Path(__file__).parent
HARNESS, SACREBLEU, ROUGE = map(pathlib.Path, sys.argv[1:4])


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


for name in ["portalocker", "colorama"]:
    stand_in(name)
etree = stand_in("lxml.etree")
stand_in("lxml", etree=etree)
stand_in("tabulate", tabulate=None)
stand_in("sacrebleu.version", __version__="2.6.0")
stand_in("datasets", Dataset=list)
stand_in("numpy", nanmax=lambda values: max(value for value in values if not math.isnan(value)))
stand_in("lm_eval")
stand_in("lm_eval.api")
decorator = lambda *arguments, **options: lambda function: function  # noqa: E731
stand_in("lm_eval.api.registry", register_aggregation=decorator, register_metric=decorator)
sys.path[:0] = [str(SACREBLEU), str(ROUGE)]

import sacrebleu  # noqa: E402
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a  # noqa: E402
from sacrebleu.tokenizers.tokenizer_intl import TokenizerV14International  # noqa: E402

metrics = load("lm_eval.api.metrics", HARNESS / "lm_eval/api/metrics.py")
truthfulqa = load("truthfulqa_utils", HARNESS / "lm_eval/tasks/truthfulqa/utils.py")

ODD = [
    "", " ", "a", "The", ".", "...", "!?", "A.", "no match here", "The cat sat on the mat.", "the cat sat on the mat", "The cat, the cat, the cat!",
    "It costs $3.50, or 1,000.25 - no: 10-20%.", "e.g. U.S.A. and Ph.D.", "\"quoted\" 'single' `back`", "&quot;a&quot; &amp; b &lt;c&gt; &amp;lt;", "<skipped> end-\nof-line\nnext",
    "naïve café, «déjà vu»…", "日本語のテキスト。漢字、かな！", "Привет, мир — 5,5 рублей", "ΟΔΟΣ Σ ς İstanbul ǅ K", "١٬٢٣٤ ½ Ⅷ 3² x₁", "😀 emoji 😀😀 a😀b 𝟙𝟚. 𐄀 𝒳!", "a\u00a0b\u2003c\u3000d\x1ce\x85f", "tab\there  two   spaces ",
    " leading and trailing \n", "one . two . three", "One.\nTwo lines.\n\nThree", "don't can't it's John's", "(hi) [there] {you} <me>", "C++ a_b a/b a\\b #1 @me x^2 ~y |z|", "1.", ".5", "5.", "5-", "-5", "5--6", "a.b.c", "..a..", "1.2.3", ",,1,,", "Nothing happens",
    "x " * 60, "y z " * 40, "I have no comment.", "repeat repeat repeat repeat repeat", "new\r\nline", "ﬁ ligature ß ẞ", "e\u0301 é combining", "zero\u200bwidth\ufeff",
]
WORDS = ["the", "The", "cat", "sat", "on", "a", "mat", "red", "dog", "ran", "to", "house", "and", "is", "not", "in", "of", "every", "day", "1990", "3.5", "it's", "café", "U.S.", "yes"]
ENDS = [".", "!", "?", "", ",", "...", " .", ";"]
generator = random.Random(20)


def sentence(length):
    return " ".join(generator.choice(WORDS) + (generator.choice(ENDS) if generator.random() < 0.15 else "") for _ in range(length)) + generator.choice(ENDS)


def changed(text):
    """Moves, leaves out, replaces and repeats words."""
    words = text.split(" ")
    for _ in range(generator.randint(0, 4)):
        if len(words) < 2:
            break
        start = generator.randrange(len(words))
        end = min(len(words), start + generator.randint(1, 6))
        kind = generator.randrange(4)
        part = words[start:end]
        if kind < 2:
            rest = words[:start] + words[end:]
            place = generator.randint(0, len(rest))
            words = rest[:place] + part + rest[place:]
        elif kind == 2:
            words[start] = generator.choice(WORDS)
        else:
            words = words[:start] + words[end:] if generator.random() < 0.5 else words[:end] + part + words[end:]
    return " ".join(words)


def compare(answer, references):
    return {
        "answer": answer,
        "references": references,
        "bleu": sacrebleu.corpus_bleu([answer], [[reference] for reference in references]).score,
        "chrf": sacrebleu.corpus_chrf([answer], [[reference] for reference in references]).score,
        "ter": sacrebleu.corpus_ter([answer], [[reference] for reference in references]).score,
        "sentence_bleu": truthfulqa.bleu([[references[0]]], [answer]),
        "rouge": list(truthfulqa.rouge([references[0]], [answer]).values()),
    }


pairs = []
for text in ODD:
    for other in [text, generator.choice(ODD), generator.choice(ODD)]:
        pairs.append(compare(text, [other]))
for length in list(range(1, 13)) * 8 + [30, 60, 120, 200] * 3:
    reference = sentence(length)
    pairs.append(compare(changed(reference), [reference]))
# Lengths that differ greatly, and few different words, so that many moves are possible.
for few, many in [(1, 80), (2, 150), (3, 40), (80, 1), (150, 2), (40, 200), (0, 5), (5, 0)]:
    pairs.append(compare(sentence(few), [sentence(many)]))
for length in [20, 40, 80, 150]:
    words = [generator.choice("abc") for _ in range(length)]
    pairs.append(compare(" ".join(words), [" ".join(generator.sample(words, length))]))
for length in range(1, 16):
    references = [sentence(length), sentence(length + 2), changed(sentence(max(1, length - 1)))]
    pairs.append(compare(changed(generator.choice(references)), references))
# Several sentences: the union of common subsequences counts.
for _ in range(25):
    lines = [sentence(generator.randint(1, 8)) for _ in range(generator.randint(1, 5))]
    shuffled = [changed(line) for line in generator.sample(lines, len(lines))]
    pairs.append(compare(generator.choice(["\n", " . "]).join(shuffled), [generator.choice(["\n", " . "]).join(lines)]))

items = [(pair["references"][0], pair["answer"]) for pair in pairs]
corpora = [{"first": first, "count": count, **{name: getattr(metrics, name)(items[first:first + count]) for name in ["bleu", "chrf", "ter"]}}
           for first, count in [(0, len(items)), (0, 1), (0, 20), (100, 50), (160, 80), (250, 40)]]

documents = []
for i in range(12):
    truths = [sentence(generator.randint(2, 10)) for _ in range(generator.randint(1, 4))] + ([" I have no comment. "] if i % 4 == 0 else []) + (["", "  "] if i % 3 == 0 else [])
    lies = [sentence(generator.randint(2, 10)) for _ in range(generator.randint(1, 4))]
    document = {"type": "made up", "question": f" Is number {i} odd? ", "best_answer": truths[0], "correct_answers": truths, "incorrect_answers": lies}
    answer = ["", " I have no comment.", changed(truths[0]), changed(lies[0]), sentence(6) + "\n" + truths[-1]][i % 5]
    prepared = truthfulqa.preprocess_function(document)
    documents.append({"document": document, "prepared": prepared, "answer": answer, "metrics": truthfulqa.process_results_gen(prepared, [answer])})

western, international = Tokenizer13a(), TokenizerV14International()
tokens = [{"text": text, "western": western(text.rstrip()).split(), "international": international(text.rstrip()).split()} for text in ODD]
result = {"pairs": pairs, "corpora": corpora, "documents": documents, "tokens": tokens}
(HERE / "../data/evaluation/text-similarity.json").write_text(json.dumps(result, ensure_ascii=True, indent=0), encoding="utf-8")
print(len(pairs), "pairs,", len(corpora), "corpora,", len(documents), "documents")
