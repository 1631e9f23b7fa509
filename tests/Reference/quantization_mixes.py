#!/usr/bin/env python3
"""Writes tests/data/quantization-mixes.json: the format that llama.cpp's own llama_model_quantize gives each tensor of models of several shapes.

usage: quantization_mixes.py FOLDER > tests/data/quantization-mixes.json
The folder has llama.cpp's libraries, for example those of the npm package @node-llama-cpp/linux-x64; the structure below is that of release v0.5.0.
"""
import ctypes, glob, itertools, json, os, re, struct, sys, tempfile

FILE_TYPES = dict(
    F32=0, F16=1, Q4_0=2, Q4_1=3, Q8_0=7, Q5_0=8, Q5_1=9, Q2_K=10, Q3_K_S=11, Q3_K_M=12, Q3_K_L=13, Q4_K_S=14, Q4_K_M=15, Q5_K_S=16, Q5_K_M=17,
    Q6_K=18, Q2_K_S=21, IQ4_NL=25, IQ4_XS=30, BF16=32)

# layers, heads, key and value heads, width, feed-forward width, has an output matrix
SHAPES = [
    (32, 8, 8, 256, 256, True),
    (22, 8, 1, 256, 512, True),
    (80, 8, 1, 256, 256, True),
    (80, 8, 8, 256, 256, True),
    (5, 8, 2, 256, 256, False),
    (8, 4, 4, 160, 172, True),
    (8, 4, 1, 160, 512, False),
]


class Parameters(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("threads", "file_type", "output_type", "embedding_type")] + [
        (name, ctypes.c_bool) for name in ("allow_requantize", "quantize_output", "only_copy", "pure", "keep_split", "dry_run")] + [
        (name, ctypes.c_void_p) for name in ("imatrix", "overrides", "tensor_types", "prune")]


class Importance(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("data", ctypes.POINTER(ctypes.c_float)), ("size", ctypes.c_size_t)]


def string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def value(content):
    if isinstance(content, str):
        return struct.pack("<I", 8) + string(content)
    if isinstance(content, float):
        return struct.pack("<If", 6, content)
    if isinstance(content, list):
        return struct.pack("<IIQ", 9, 8, len(content)) + b"".join(map(string, content))
    return struct.pack("<II", 4, content)


def write_model(path, shape):
    layers, heads, shared_heads, width, hidden, has_output = shape
    shared = width // heads * shared_heads
    tensors = [("token_embd.weight", (width, 64)), ("output_norm.weight", (width,))]
    if has_output:
        tensors.append(("output.weight", (width, 64)))
    for i in range(layers):
        tensors += [(f"blk.{i}.{name}.weight", dimensions) for name, dimensions in (
            ("attn_norm", (width,)), ("attn_q", (width, width)), ("attn_k", (width, shared)), ("attn_v", (width, shared)), ("attn_output", (width, width)),
            ("ffn_norm", (width,)), ("ffn_gate", (width, hidden)), ("ffn_up", (width, hidden)), ("ffn_down", (hidden, width)))]
    metadata = {
        "general.architecture": "llama", "llama.context_length": 64, "llama.embedding_length": width, "llama.block_count": layers,
        "llama.feed_forward_length": hidden, "llama.attention.head_count": heads, "llama.attention.head_count_kv": shared_heads,
        "llama.attention.layer_norm_rms_epsilon": 1e-5, "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": [f"t{i}" for i in range(64)]}
    with open(path, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)))
        for key, content in metadata.items():
            file.write(string(key) + value(content))
        offset = 0
        for name, dimensions in tensors:
            kind, size = (0, 4) if len(dimensions) == 1 else (1, 2)
            for length in dimensions:
                size *= length
            file.write(string(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, kind, offset))
            offset += (size + 31) // 32 * 32
        # The weights are not read, so the file has a hole of zeros in their place.
        file.truncate((file.tell() + 31) // 32 * 32 + offset)


def runs(types):
    return " ".join(f"{key}*{len(list(run))}" for key, run in itertools.groupby(types))


def main():
    folder = sys.argv[1]
    for pattern in ("libggml-base*", "libggml.*"):
        ctypes.CDLL(glob.glob(os.path.join(folder, pattern))[0], mode=ctypes.RTLD_GLOBAL)
    llama = ctypes.CDLL(glob.glob(os.path.join(folder, "libllama.*"))[0], mode=ctypes.RTLD_GLOBAL)
    llama.llama_model_quantize_default_params.restype = Parameters
    llama.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Parameters)]
    log = []
    callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda level, text, data: log.append(text.decode()))
    llama.llama_log_set(callback, None)
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, "model.gguf")
        for shape in SHAPES:
            write_model(path, shape)
            for name, has_importance in itertools.product(FILE_TYPES, (False, True)):
                parameters = llama.llama_model_quantize_default_params()
                parameters.threads, parameters.file_type, parameters.dry_run = 1, FILE_TYPES[name], True
                one = (ctypes.c_float * 1)(1)
                importance = (Importance * 2)(Importance(b"none", one, 1))
                if has_importance:
                    parameters.imatrix = ctypes.addressof(importance)
                log.clear()
                if llama.llama_model_quantize(path.encode(), (path + ".out").encode(), ctypes.byref(parameters)):
                    raise RuntimeError("".join(log))
                types = {}
                for tensor, old, size in re.findall(r"\]\s+(\S+)\s+- \[.*?\], type =\s+(\w+), (?:.*?)size = (.*)", re.sub(r"warning:.*?-> falling back to\s+\w+\s*", "", "".join(log))):
                    new = re.search(r"\((\w+)\)", size)
                    types[tensor] = (new.group(1) if new else old).upper()
                (rest,) = {types[f"blk.{i}.{kind}.weight"] for i in range(shape[0]) for kind in ("attn_q", "attn_k", "ffn_gate", "ffn_up")}
                results.append(dict(
                    mix=name, layers=shape[0], heads=shape[1], key_value_heads=shape[2], width=shape[3], feed_forward=shape[4], importance=has_importance,
                    embedding=types["token_embd.weight"], output=types.get("output.weight"), rest=rest,
                    **{kind: runs(types[f"blk.{i}.{kind}.weight"] for i in range(shape[0])) for kind in ("attn_v", "attn_output", "ffn_down")}))
    print("[\n" + ",\n".join(json.dumps(result) for result in results) + "\n]")


main()
