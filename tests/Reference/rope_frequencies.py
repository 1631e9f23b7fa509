#!/usr/bin/env python3
"""Writes tests/data/rope-frequencies.json: rotary frequencies and attention magnitudes in double precision.

The formulas are those of Hugging Face's transformers, src/transformers/modeling_rope_utils.py (functions for linear scaling, NTK-aware
scaling, static and dynamic, and YaRN), and of the papers that it cites. They are implemented here again, with Python's floats, which are doubles.

    python3 tests/Reference/rope_frequencies.py > tests/data/rope-frequencies.json
"""
import json
import math
import sys


def default(case):
    return [case["theta"] ** (-2 * i / case["head"]) for i in range(case["head"] // 2)], 1.0


def linear(case):
    return [frequency / case["factor"] for frequency in default(case)[0]], 1.0


def ntk(case):
    head = case["head"]
    return default({**case, "theta": case["theta"] * case["factor"] ** (head / (head - 2))})


def yarn(case):
    head, theta, factor = case["head"], case["theta"], case["factor"]

    def dimension_of(rotations):
        return head * math.log(case["original"] / (rotations * 2 * math.pi)) / (2 * math.log(theta))

    low, high = dimension_of(case["betaFast"]), dimension_of(case["betaSlow"])
    if case["truncate"]:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, head - 1)
    if low == high:
        high += 0.001
    frequencies = []
    for i in range(head // 2):
        ramp = min(max((i - low) / (high - low), 0), 1)
        wavelength_root = theta ** (2 * i / head)
        frequencies.append(1 / (factor * wavelength_root) * ramp + 1 / wavelength_root * (1 - ramp))
    return frequencies, 0.1 * math.log(factor) + 1


def dynamic(case):
    head, factor = case["head"], case["factor"]
    stretch = factor * max(case["length"], case["original"]) / case["original"] - (factor - 1)
    return default({**case, "theta": case["theta"] * stretch ** (head / (head - 2))})


METHODS = {"DynamicNtk": dynamic, "None": default, "Linear": linear, "NtkAware": ntk, "Yarn": yarn}
CASES = [
    ("None", 128, 10000.0, 1.0, 4096, 32.0, 1.0),
    ("Linear", 128, 10000.0, 4.0, 4096, 32.0, 1.0),
    ("NtkAware", 128, 10000.0, 2.0, 4096, 32.0, 1.0),
    ("NtkAware", 64, 1000000.0, 8.0, 4096, 32.0, 1.0),
    ("Yarn", 128, 10000.0, 4.0, 4096, 32.0, 1.0),
    ("Yarn", 128, 10000.0, 32.0, 4096, 32.0, 1.0),
    ("Yarn", 128, 1000000.0, 2.5, 16384, 32.0, 1.0),
    ("Yarn", 64, 10000.0, 8.0, 2048, 64.0, 2.0),
    ("Yarn", 32, 10000.0, 4.0, 512, 16.0, 16.0),
    ("Yarn", 128, 10000.0, 4.0, 4096, 32.0, 1.0, False),
    ("Yarn", 64, 500000.0, 16.0, 8192, 24.0, 3.0, False),
    ("Yarn", 128, 10000.0, 8.0, 4096, 9.0, 9.0, False),
    ("DynamicNtk", 128, 10000.0, 2.0, 4096, 32.0, 1.0, True, 4096),
    ("DynamicNtk", 128, 10000.0, 2.0, 4096, 32.0, 1.0, True, 8192),
    ("DynamicNtk", 64, 10000.0, 4.0, 2048, 32.0, 1.0, True, 5120),
]


def main():
    cases = []
    for method, *figures in CASES:
        case = dict(zip(("head", "theta", "factor", "original", "betaFast", "betaSlow", "truncate", "length"), [*figures, *(True, 0)[len(figures) - 6:]]))
        frequencies, magnitude = METHODS[method](case)
        cases.append({"type": method, **case, "magnitude": magnitude, "frequencies": frequencies})
    sys.stdout.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
