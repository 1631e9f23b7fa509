"""Exact match and F1 as SQuAD's evaluation normalizes answers, for ReferenceAnswerEvaluatorTests."""
import collections
import re
import string


def words(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(prediction, gold):
    a, b = words(prediction), words(gold)
    common = sum((collections.Counter(a) & collections.Counter(b)).values())
    if not a or not b:
        return float(a == b)
    if common == 0:
        return 0.0
    precision, recall = common / len(a), common / len(b)
    return 2 * precision * recall / (precision + recall)


for prediction, gold in [("The Eiffel Tower.", "eiffel tower"), ("It is in Paris, France", "Paris"), ("a cat and a dog", "the dog and the cat"),
                         ("to be or not to be", "to be"), ("U.S.A.", "usa"), ("nothing alike", "42"), ("", "42"), ("the", "a")]:
    print(repr(prediction), repr(gold), words(prediction) == words(gold), repr(f1(prediction, gold)))
