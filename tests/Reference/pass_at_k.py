"""Computes golden values of pass@k from exact binomial coefficients.

usage: python3 tests/Reference/pass_at_k.py >tests/data/pass-at-k.json
The definition is that of Chen et al. 2021 (arXiv 2107.03374), section 2.1: 1 - C(n - c, k) / C(n, k), rounded once.
"""
import json
from fractions import Fraction
from math import comb

CASES = [(1, 0, 1), (1, 1, 1), (2, 1, 1), (2, 1, 2), (10, 3, 1), (10, 3, 5), (10, 3, 7), (10, 3, 8), (100, 1, 10), (100, 13, 10), (100, 99, 1),
         (200, 0, 100), (200, 1, 100), (200, 7, 1), (200, 7, 10), (200, 7, 100), (200, 7, 193), (200, 7, 194), (200, 200, 1), (1000, 2, 500),
         (10000, 5, 100), (10000, 5000, 2)]

values = [[n, c, k, float(1 - Fraction(comb(n - c, k), comb(n, k)))] for n, c, k in CASES]
print("[" + ",\n".join(json.dumps(value) for value in values) + "]")
