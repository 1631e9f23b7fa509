#!/usr/bin/env python3
"""Quantizes a model with llama.cpp's own llama_model_quantize and with llama2, and prints the differences between the two files, and how long each program took.

usage: quantize.py FOLDER LLAMA2_DLL MODEL [--imatrix FILE.gguf] [--types Q4_0,Q4_K_M,…] [--threads N]
FOLDER contains llama.cpp's libraries, for example node_modules/@node-llama-cpp/linux-x64/bins/linux-x64 after run.sh; the structure below is
that of llama.cpp's release v0.5.0. Files are equal if every tensor has the same type, shape and bytes, and every metadata key the same value. The
order of the tensors is not compared: llama2 keeps the source's order, and llama.cpp sorts them.
"""
import argparse, ctypes, glob, os, struct, subprocess, sys, tempfile, time

FILE_TYPES = dict(
    F32=0, F16=1, BF16=32, Q4_0=2, Q4_1=3, Q8_0=7, Q5_0=8, Q5_1=9, Q2_K=10, Q2_K_S=21, Q3_K_S=11, Q3_K_M=12, Q3_K_L=13, Q4_K_S=14, Q4_K_M=15,
    Q5_K_S=16, Q5_K_M=17, Q6_K=18, IQ4_NL=25, IQ4_XS=30)
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176),
    14: (256, 210), 20: (32, 18), 23: (256, 136), 30: (1, 2)}
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class Parameters(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("threads", "file_type", "output_type", "embedding_type")] + [
        (name, ctypes.c_bool) for name in ("allow_requantize", "quantize_output", "only_copy", "pure", "keep_split", "dry_run")] + [
        (name, ctypes.c_void_p) for name in ("imatrix", "overrides", "tensor_types", "prune")]


class Importance(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("data", ctypes.POINTER(ctypes.c_float)), ("size", ctypes.c_size_t)]


class Gguf:
    """A trusted GGUF file: metadata, and tensors as (type, shape, bytes)."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = memoryview(file.read())
        self.position = 8
        tensor_count, key_count = self.take("Q"), self.take("Q")
        self.metadata = {}
        for _ in range(key_count):
            key = self.string()
            self.metadata[key] = self.value(self.take("I"))
        entries = [(self.string(), [self.take("Q") for _ in range(self.take("I"))], self.take("I"), self.take("Q")) for _ in range(tensor_count)]
        start = (self.position + 31) // 32 * 32
        self.tensors = {}
        for name, shape, kind, offset in entries:
            count = 1
            for length in shape:
                count *= length
            block, size = BLOCKS[kind]
            self.tensors[name] = (kind, shape, self.data[start + offset:start + offset + count // block * size])

    def take(self, kind):
        (value,) = struct.unpack_from("<" + kind, self.data, self.position)
        self.position += struct.calcsize("<" + kind)
        return value

    def string(self):
        length = self.take("Q")
        self.position += length
        return bytes(self.data[self.position - length:self.position]).decode(errors="replace")

    def value(self, kind):
        if kind == 8:
            return self.string()
        if kind == 9:
            element = self.take("I")
            return [self.value(element) for _ in range(self.take("Q"))]
        return self.take(SCALARS[kind])


def load(folder):
    for pattern in ("libggml-base*", "libggml.*"):
        ctypes.CDLL(glob.glob(os.path.join(folder, pattern))[0], mode=ctypes.RTLD_GLOBAL)
    llama = ctypes.CDLL(glob.glob(os.path.join(folder, "libllama.*"))[0], mode=ctypes.RTLD_GLOBAL)
    llama.llama_model_quantize_default_params.restype = Parameters
    llama.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Parameters)]
    return llama


def importance(path):
    """The means that llama-quantize computes from an importance matrix: sums divided by counts."""
    tensors = Gguf(path).tensors
    entries = []
    for name, (_, _, data) in tensors.items():
        if name.endswith(".in_sum2"):
            (count,) = struct.unpack("<f", tensors[name[:-8] + ".counts"][2])
            sums = struct.unpack(f"<{len(data) // 4}f", data)
            single = lambda number: ctypes.c_float(number).value
            entries.append((name[:-8].encode(), (ctypes.c_float * len(sums))(*(single(total / count) for total in sums)), len(sums)))
    array = (Importance * (len(entries) + 1))()
    for i, entry in enumerate(entries):
        array[i] = Importance(*entry)
    return array


def differences(ours, theirs):
    keys = {key for key in ours.metadata.keys() | theirs.metadata.keys() if ours.metadata.get(key) != theirs.metadata.get(key)}
    names = {name for name in ours.tensors.keys() | theirs.tensors.keys() if ours.tensors.get(name) != theirs.tensors.get(name)}
    return sorted(key for key in keys if not key.startswith("quantize.imatrix.")), sorted(names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("llama2")
    parser.add_argument("model")
    parser.add_argument("--imatrix")
    parser.add_argument("--types", default=",".join(FILE_TYPES))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    llama = load(arguments.folder)
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda level, text, data: None)
    llama.llama_log_set(quiet, None)
    matrix = importance(arguments.imatrix) if arguments.imatrix else None
    has_failed = False
    print("| type | llama.cpp, s | llama2, s | tensors | what differs |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        theirs, ours = os.path.join(temporary, "theirs.gguf"), os.path.join(temporary, "ours.gguf")
        for name in arguments.types.split(","):
            parameters = llama.llama_model_quantize_default_params()
            parameters.threads, parameters.file_type = arguments.threads, FILE_TYPES[name]
            if matrix is not None:
                parameters.imatrix = ctypes.addressof(matrix)
            start = time.perf_counter()
            has_refused = llama.llama_model_quantize(arguments.model.encode(), theirs.encode(), ctypes.byref(parameters)) != 0
            middle = time.perf_counter()
            command = ["dotnet", arguments.llama2, "quantize", arguments.model, ours, name, "--threads", str(arguments.threads)]
            run = subprocess.run(command + (["--imatrix", arguments.imatrix] if arguments.imatrix else []), capture_output=True, text=True)
            end = time.perf_counter()
            if has_refused or run.returncode:
                has_failed |= not (has_refused and run.returncode)
                print(f"| {name} | {'refused' if has_refused else 'written'} | {run.stderr.strip() or 'written'} | | |")
                continue
            ours_file, theirs_file = Gguf(ours), Gguf(theirs)
            keys, names = differences(ours_file, theirs_file)
            has_failed |= bool(keys or names)
            print(f"| {name} | {middle - start:.2f} | {end - middle:.2f} | {len(ours_file.tensors)} | {', '.join(keys + names) or 'nothing'} |", flush=True)
            del ours_file, theirs_file
    sys.exit(has_failed)


main()
