#!/usr/bin/env python3
"""Writes tests/data/quantization.json: the blocks in which llama.cpp's own encoders store test rows, which the tests can generate again.

usage: quantization.py LIBGGML_BASE_SO > tests/data/quantization.json
The library is llama.cpp's libggml-base, for example of the npm package @node-llama-cpp/linux-x64.
"""
import array, ctypes, hashlib, json, sys

TYPES = dict(Q4_0=2, Q4_1=3, Q5_0=6, Q5_1=7, Q8_0=8, Q2_K=10, Q3_K=11, Q4_K=12, Q5_K=13, Q6_K=14, IQ4_NL=20, IQ4_XS=23)
ROWS, COLUMNS = 4, 768  # A row has 24 blocks of 32 or 3 blocks of 256, so its last batch is not full.


class Generator:
    """Knuth's 64-bit linear congruential generator; a number consists of 24 of its bits, which a float represents exactly."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        return (self.state >> 40) / 2**24

    def gaussian(self):
        total = 0.0
        for _ in range(12):
            total += self.uniform()
        return total - 6


KINDS = {
    "gaussian": lambda g: 0.02 * g.gaussian(),
    "heavy-tailed": lambda g: 0.02 * g.gaussian() * g.gaussian() * g.gaussian(),
    "positive": lambda g: 0.5 + g.uniform(),
    "sparse": lambda g: g.gaussian() if g.uniform() < 0.02 else 0.0,
    "tiny": lambda g: 3e-7 * g.gaussian(),
}


def single(values):
    return array.array("f", values)


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]

    class Traits(ctypes.Structure):
        _fields_ = [("name", ctypes.c_char_p), ("block", ctypes.c_int64), ("interleave", ctypes.c_int64), ("size", ctypes.c_size_t), ("quantized", ctypes.c_bool), ("to_float", ctypes.c_void_p)]

    library.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
    results = []
    for seed, (kind, draw) in enumerate(KINDS.items(), 1):
        generator = Generator(seed)
        weights = single(draw(generator) for _ in range(ROWS * COLUMNS))
        importance = single(generator.uniform() ** 2 for _ in range(COLUMNS))
        for name, number in TYPES.items():
            for columns in (None, importance):
                blocks = ctypes.create_string_buffer(4 * len(weights))
                pointer = None if columns is None else ctypes.addressof((ctypes.c_float * COLUMNS).from_buffer(columns))
                size = library.ggml_quantize_chunk(number, ctypes.addressof((ctypes.c_float * len(weights)).from_buffer(weights)), blocks, 0, ROWS, COLUMNS, pointer)
                decoded = (ctypes.c_float * len(weights))()
                to_float = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(library.ggml_get_type_traits(number).contents.to_float)
                to_float(ctypes.addressof(blocks), ctypes.addressof(decoded), len(weights))
                error = sum((a - b) ** 2 * (1 if columns is None else columns[i % COLUMNS]) for i, (a, b) in enumerate(zip(weights, decoded)))
                norm = sum(a ** 2 * (1 if columns is None else columns[i % COLUMNS]) for i, a in enumerate(weights))
                results.append(dict(
                    type=name, rows=kind, seed=seed, importance=columns is not None,
                    relative_error=(error / norm) ** 0.5, sha256=hashlib.sha256(blocks.raw[:size]).hexdigest()))
                if len(sys.argv) > 2:
                    open(f"{sys.argv[2]}/{name}.{kind}.{columns is not None}.bin", "wb").write(blocks.raw[:size])
    print("[\n" + ",\n".join(json.dumps(result) for result in results) + "\n]")


main()
