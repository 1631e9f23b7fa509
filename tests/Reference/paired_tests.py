"""Values of paired tests from their definitions, and hashes of documents as lm-evaluation-harness makes them, for tests/data/evaluation/paired-tests.json.

McNemar's test is a sum of exact fractions. The tails of Student's t are numerical integrals of its density (Simpson's rule after x = tan u, which makes
the interval finite), not the incomplete beta function that the library uses.
"""
import hashlib
import json
import math
import statistics
import sys
from fractions import Fraction


def mcnemar(b, c):
    n = b + c
    tail = sum(Fraction(math.comb(n, i), 2 ** n) for i in range(min(b, c) + 1))
    return float(min(Fraction(1), 2 * tail))


def density(x, v):
    return math.exp(math.lgamma((v + 1) / 2) - math.lgamma(v / 2) - (v + 1) / 2 * math.log1p(x * x / v)) / math.sqrt(v * math.pi)


def two_sided(t, v, steps=20000):
    start, end = math.atan(abs(t)), math.pi / 2
    width = (end - start) / steps

    def at(i):
        u = start + i * width
        if i == steps:
            # The density falls as x^-(v+1), the factor grows as x^2.
            return 1 / math.pi if v == 1 else 0.0
        return density(math.tan(u), v) / math.cos(u) ** 2

    total = at(0) + at(steps) + math.fsum((4 if i % 2 else 2) * at(i) for i in range(1, steps))
    return 2 * total * width / 3


def quantile(v):
    low, high = 1.9, 13.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, v, 4000) > 0.05 else (low, middle)
    return low


def paired(first, second):
    differences = [b - a for a, b in zip(first, second)]
    n = len(differences)
    mean = statistics.fmean(differences)
    error = statistics.stdev(differences) / math.sqrt(n)
    return {"first": first, "second": second, "difference": mean, "radius": quantile(n - 1) * error, "p": two_sided(mean / error, n - 1)}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


documents = [
    {"question": "What is 2 + 2?", "choices": ["3", "4"], "answer": 1, "score": 0.25, "none": None, "yes": True},
    {"text": "a \"quote\", a \\ and\n\ttabs\u0001\b\f\r, \u00e9 \U0001F600 <b>&</b> \u007f", "empty": {}, "list": [], "nested": [[1, [2]], {"a": {"b": []}}]},
    {},
]
# Numbers as data sets spell them, which json.dumps writes in its own way.
spellings = [
    '{"a": [1e5, 0.00001, 4.50, -0.0, 1E-7, 12345678901234567890, 1e16, 123456789.123456789, 1e999], "b": 1.0}',
]
values = {
    "mcnemar": [{"first": b, "second": c, "p": mcnemar(b, c)} for b, c in [(0, 0), (0, 1), (0, 6), (1, 9), (10, 12), (25, 25), (3, 40), (150, 210), (900, 1100), (2000, 2400)]],
    "student": [{"t": t, "degrees": v, "p": two_sided(t, v)} for t, v in [(0, 5), (1, 1), (12.7, 1), (2.5, 2), (0.3, 3), (-2.1, 10), (1.96, 500), (3.3, 50), (0.7, 12000)]],
    "quantile": [{"degrees": v, "value": quantile(v)} for v in [1, 2, 5, 10, 39, 199, 1000, 14041]],
    "paired": [
        paired([0.2, 0.5, 0.9, 0.4, 0.1, 0.75], [0.3, 0.5, 0.7, 0.8, 0.6, 0.5]),
        paired([-3.5, -1.25, -7.0, -2.0], [-3.0, -1.0, -5.5, -1.75]),
    ],
    "documents": [{"document": d, "hash": digest(json.dumps(d, indent=2, ensure_ascii=False))} for d in documents],
    "spellings": [{"text": t, "hash": digest(json.dumps(json.loads(t), indent=2, ensure_ascii=False))} for t in spellings],
}
json.dump(values, sys.stdout, indent=1)
print()
