#!/usr/bin/env python3
"""Writes tests/data/meta-checkpoint: one tiny Llama as Meta's own folders of 1, 2 and 8 shards, its logits, and hostile pickles.

The weights are split into shards as in model.py of github.com/meta-llama/llama, which distributes its layers over fairscale's model-parallel ranks:
ColumnParallelLinear splits the rows of a weight (wq, wk, wv, w1, w3, output), RowParallelLinear and ParallelEmbedding split its columns (wo, w2,
tok_embeddings), and every rank has the norms. All weights are multiples of 1/512, so bfloat16 and half represent the same numbers exactly. The logits
are computed by the formulas of that model.py, in double precision.

    python3 tests/Reference/meta_checkpoint.py tests/data/meta-checkpoint        (PyTorch 1.13 or later)
"""
import base64
import collections
import json
import pathlib
import pickle
import struct
import sys

import torch

DIM, HEADS, KEY_VALUE_HEADS, LAYERS, EPSILON = 64, 16, 8, 2, 1e-5
MULTIPLE_OF, MULTIPLIER = 8, 0.5
HEAD = DIM // HEADS
TOKENS = [1, 9, 4, 10, 5, 15, 3, 7, 8, 6]
PIECES = ["<unk>", "<s>", "</s>", "\u2581", "a", "b", "c", "d", "e", "\u2581a", "ab", "bc", "\u2581ab", "abc", "\u2581abc", "de"]


def hidden_length():
    hidden = int(2 * (4 * DIM) / 3)
    hidden = int(MULTIPLIER * hidden)
    return MULTIPLE_OF * ((hidden + MULTIPLE_OF - 1) // MULTIPLE_OF)


def make_weights():
    generator = torch.Generator().manual_seed(1)

    def matrix(rows, columns):
        return torch.randint(-127, 128, (rows, columns), generator=generator).double() / 512

    def norm():
        return 1 + torch.randint(-64, 65, (DIM,), generator=generator).double() / 128

    hidden, key_value = hidden_length(), HEAD * KEY_VALUE_HEADS
    weights = {"tok_embeddings.weight": matrix(len(PIECES), DIM), "norm.weight": norm(), "output.weight": matrix(len(PIECES), DIM)}
    for layer in range(LAYERS):
        name = f"layers.{layer}."
        weights[name + "attention.wq.weight"] = matrix(DIM, DIM)
        weights[name + "attention.wk.weight"] = matrix(key_value, DIM)
        weights[name + "attention.wv.weight"] = matrix(key_value, DIM)
        weights[name + "attention.wo.weight"] = matrix(DIM, DIM)
        weights[name + "feed_forward.w1.weight"] = matrix(hidden, DIM)
        weights[name + "feed_forward.w2.weight"] = matrix(DIM, hidden)
        weights[name + "feed_forward.w3.weight"] = matrix(hidden, DIM)
        weights[name + "attention_norm.weight"] = norm()
        weights[name + "ffn_norm.weight"] = norm()
    weights["rope.freqs"] = 1 / (10000 ** (torch.arange(0, HEAD, 2).double() / HEAD))
    return weights


def rms_norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x, frequencies):
    angles = torch.outer(torch.arange(x.shape[0]).double(), frequencies)[:, None, :]
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * angles.cos() - odd * angles.sin(), even * angles.sin() + odd * angles.cos()), -1).flatten(-2)


def compute_logits(weights):
    x, count = weights["tok_embeddings.weight"][TOKENS], len(TOKENS)
    mask = torch.full((count, count), float("-inf")).double().triu(1)
    for layer in range(LAYERS):
        w = {key.split(".", 2)[2]: value for key, value in weights.items() if key.startswith(f"layers.{layer}.")}
        normed = rms_norm(x, w["attention_norm.weight"])
        query = rotate((normed @ w["attention.wq.weight"].T).view(count, HEADS, HEAD), weights["rope.freqs"])
        key = rotate((normed @ w["attention.wk.weight"].T).view(count, KEY_VALUE_HEADS, HEAD), weights["rope.freqs"])
        value = (normed @ w["attention.wv.weight"].T).view(count, KEY_VALUE_HEADS, HEAD)
        key, value = (t.repeat_interleave(HEADS // KEY_VALUE_HEADS, dim=1) for t in (key, value))
        scores = torch.einsum("qhd,khd->hqk", query, key) / HEAD ** 0.5 + mask
        attended = torch.einsum("hqk,khd->qhd", scores.softmax(-1), value).reshape(count, DIM)
        x = x + attended @ w["attention.wo.weight"].T
        normed = rms_norm(x, w["ffn_norm.weight"])
        gate = torch.nn.functional.silu(normed @ w["feed_forward.w1.weight"].T) * (normed @ w["feed_forward.w3.weight"].T)
        x = x + gate @ w["feed_forward.w2.weight"].T
    return rms_norm(x, weights["norm.weight"]) @ weights["output.weight"].T


def split_dimension(name):
    if name.endswith(("wo.weight", "w2.weight", "tok_embeddings.weight")):
        return 1
    return None if name.endswith(("norm.weight", "freqs")) else 0


def shard(weights, count, rank, dtype):
    """The part of the weights that one rank has; each tensor has a storage of its own."""
    parts = collections.OrderedDict() if count == 2 else {}
    for name, weight in weights.items():
        dimension = split_dimension(name)
        part = weight if dimension is None else weight.chunk(count, dimension)[rank]
        parts[name] = part.to(dtype, copy=True).contiguous().clone()
    return parts


def share_storages(parts, weights, rank):
    """As in Meta's larger releases: queries, keys and values share one storage, and a slice of columns is saved without being cloned."""
    names = [f"layers.0.attention.{w}.weight" for w in ("wq", "wk", "wv")]
    whole = torch.cat([parts[name] for name in names])
    for name, part in zip(names, whole.split([parts[name].shape[0] for name in names])):
        parts[name] = part
    name = "layers.1.attention.wo.weight"
    parts[name] = weights[name].to(parts[name].dtype).chunk(2, 1)[rank]
    parts["layers.1.ffn_norm.weight"] = torch.nn.Parameter(parts["layers.1.ffn_norm.weight"])


def varint(value):
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded + bytes([value]))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tokenizer_model():
    """A message of sentencepiece_model.proto: byte-pair encoding, without any normalization except the dummy prefix."""
    model = b""
    for i, piece in enumerate(PIECES):
        kind = 2 if i == 0 else 3 if i < 3 else 1
        model += field(1, field(1, piece.encode()) + varint(2 << 3 | 5) + struct.pack("<f", -i) + field(3, kind))
    model += field(2, field(3, 2))
    return model + field(3, field(1, b"identity") + field(3, 1) + field(4, 0) + field(5, 1))


class Call:
    """An object that is pickled as a call of a global; the global need not exist."""

    def __init__(self, function, *arguments, state=None):
        self.function, self.arguments, self.state = function, arguments, state

    def __reduce__(self):
        return (self.function, self.arguments) if self.state is None else (self.function, self.arguments, self.state)


def stub(module, name):
    """A global of which the pickler writes only the name."""
    created = type(name, (), {"__module__": module, "__qualname__": name})
    return created


class ByName(pickle._Pickler):
    """The pickler in pure Python, which writes the names of stubs without checking that they exist."""

    def save_global(self, obj, name=None):
        module, name = obj.__module__, getattr(obj, "__qualname__", name)
        if self.proto >= 4:
            self.save(module)
            self.save(name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + module.encode() + b"\n" + name.encode() + b"\n")
        self.memoize(obj)

    def save_type(self, obj):
        self.save_global(obj)

    dispatch = {**pickle._Pickler.dispatch, type: save_type}


def dump(value, protocol):
    import io

    buffer = io.BytesIO()
    ByName(buffer, protocol).dump(value)
    return buffer.getvalue()


HOSTILE_GLOBALS = [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"), ("subprocess", "check_output"),
    ("builtins", "eval"), ("builtins", "exec"), ("builtins", "getattr"), ("builtins", "__import__"), ("__builtin__", "eval"),
    ("torch", "load"), ("torch.hub", "load"), ("torch.jit", "load"), ("torch.serialization", "load"), ("torch._utils", "_rebuild_device_tensor_from_numpy"),
    ("torch.storage", "_load_from_bytes"), ("torch", "Tensor"), ("torch._tensor", "_rebuild_from_type_v2"), ("torch.nn.modules.linear", "Linear"),
    ("numpy.core.multiarray", "_reconstruct"), ("numpy.testing._private.utils", "runstring"), ("collections", "defaultdict"),
    ("pickle", "loads"), ("_codecs", "encode"), ("runpy", "run_path"), ("pip", "main"), ("shutil", "rmtree"), ("ctypes", "CDLL"),
    ("operator", "attrgetter"), ("functools", "partial"), ("webbrowser", "open"), ("socket", "create_connection"), ("torch", "os.system"),
    ("collections", "OrderedDict.fromkeys"), ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_sparse_tensor"),
]


def hostile_pickles():
    for module, name in HOSTILE_GLOBALS:
        for protocol in (2, 4):
            payload = dump({"tok_embeddings.weight": Call(stub(module, name), "touch pwned")}, protocol)
            yield f"{module}.{name}", f"{module}.{name}, protocol {protocol}", payload
            if name == "system":
                yield f"{module}.{name}", f"{module}.{name}, protocol {protocol}, corrupt tail", payload[:-1] + b"\xff\xff\xff"
    yield "os.system", "protocol 0", b"cos\nsystem\n(S'touch pwned'\ntR."
    yield "os.system", "INST", b"\x80\x02(X\x0b\x00\x00\x00touch pwnedios\nsystem\n."
    yield "OBJ", "OBJ of an allowed class", b"\x80\x02(ccollections\nOrderedDict\no."
    yield "NEWOBJ", "NEWOBJ of an allowed class", b"\x80\x02ccollections\nOrderedDict\n)\x81."
    yield "BUILD", "BUILD of an allowed class", dump(Call(collections.OrderedDict, state={"__class__": "x"}), 2)
    yield "EXT1", "an extension registry's number", b"\x80\x02\x82\x01."
    yield "PERSID", "a persistent id of protocol 0", b"P0\n."
    yield "torch.FloatStorage", "a storage called", b"\x80\x02ctorch\nFloatStorage\nK\x08\x85R."


def main():
    root = pathlib.Path(sys.argv[1])
    weights = make_weights()
    parameters = {"dim": DIM, "multiple_of": MULTIPLE_OF, "ffn_dim_multiplier": MULTIPLIER, "n_heads": HEADS, "n_kv_heads": KEY_VALUE_HEADS,
                  "n_layers": LAYERS, "norm_eps": EPSILON, "vocab_size": -1}
    for count, dtype in ((1, torch.bfloat16), (2, torch.float16), (8, torch.bfloat16)):
        folder = root / f"shards-{count}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "params.json").write_text(json.dumps(parameters))
        for rank in range(count):
            parts = shard(weights, count, rank, dtype)
            if count == 2:
                share_storages(parts, weights, rank)
            torch.save(parts, folder / f"consolidated.{rank:02}.pth", pickle_protocol=4 if count == 2 and rank == 1 else 2)
    (root / "tokenizer.model").write_bytes(tokenizer_model())
    (root / "logits.json").write_text(json.dumps({"tokens": TOKENS, "logits": compute_logits(weights).tolist()}) + "\n")
    hostile = [{"refused": refused, "what": what, "pickle": base64.b64encode(payload).decode()} for refused, what, payload in hostile_pickles()]
    (root / "hostile-pickles.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in hostile) + "\n]\n")


main()
