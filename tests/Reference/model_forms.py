"""Writes one small Llama in every published form, with logits in exact arithmetic. Needs numpy; uses no code of this repository.

Usage: model_forms.py OUTPUT_FOLDER     (tests/data/forms is its output)

The weights are random: 32 wide, 2 layers, 4 heads that share 2 key-value heads, feed-forward 64, 290 tokens, context 64, output not tied.
The rotary embedding is that of Meta's code, which rotates pairs of neighbours. For Hugging Face, q and k are permuted as its converter permutes them.
"""
import json
import os
import struct
import sys

import numpy as np

WIDTH, LAYERS, HEADS, KV_HEADS, HIDDEN, CONTEXT, EPS, THETA = 32, 2, 4, 2, 64, 64, 1e-5, 10000.0
HEAD = WIDTH // HEADS
KV = HEAD * KV_HEADS
TOKENS = [1, 260, 263, 275, 4, 289, 2, 1, 281, 259, 270, 277]
CHAT_TEMPLATE = "{% for message in messages %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% endfor %}"


def pieces():
    texts = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % i for i in range(256)]
    words = ["\u2581t", "he", "in", "\u2581the", "an", "er", "\u2581\u2581", "the", "\u2581an", "\u00e9t", "\U0001F600e"]
    singles = ["\u2581", "t", "h", "e", "i", "n", "a", "r", "d", "s", "o", "l", ".", ",", "w", "m", "u", "\u00e9", "\U0001F600", "g"]
    scores = [0.0] * len(texts)
    types = [2, 3, 3] + [6] * 256
    texts += words + singles
    scores += [float(-i) for i in range(len(words) + len(singles))]
    types += [1] * (len(words) + len(singles))
    return texts, scores, types


def weights(rng, vocabulary):
    def matrix(rows, columns):
        return (rng.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    def norm():
        return (1 + 0.1 * rng.standard_normal(WIDTH)).astype(np.float32)

    layers = [dict(attn_norm=norm(), q=matrix(WIDTH, WIDTH), k=matrix(KV, WIDTH), v=matrix(KV, WIDTH), o=matrix(WIDTH, WIDTH),
                   ffn_norm=norm(), gate=matrix(HIDDEN, WIDTH), up=matrix(HIDDEN, WIDTH), down=matrix(WIDTH, HIDDEN)) for _ in range(LAYERS)]
    return dict(embed=matrix(vocabulary, WIDTH), layers=layers, norm=norm(), output=matrix(vocabulary, WIDTH))


def logits(model, tokens):
    def rms(x, w):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPS) * w.astype(np.float64)

    def rotate(x):
        angle = np.arange(len(tokens))[:, None] / THETA ** (np.arange(0, HEAD, 2) / HEAD)[None, :]
        cos, sin = np.cos(angle)[:, None, :], np.sin(angle)[:, None, :]
        result = np.empty_like(x)
        result[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
        result[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
        return result

    x = model["embed"].astype(np.float64)[tokens]
    count = len(tokens)
    for layer in model["layers"]:
        layer = {name: value.astype(np.float64) for name, value in layer.items()}
        h = rms(x, layer["attn_norm"])
        q = rotate((h @ layer["q"].T).reshape(count, HEADS, HEAD))
        k = np.repeat(rotate((h @ layer["k"].T).reshape(count, KV_HEADS, HEAD)), HEADS // KV_HEADS, axis=1)
        v = np.repeat((h @ layer["v"].T).reshape(count, KV_HEADS, HEAD), HEADS // KV_HEADS, axis=1)
        s = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(HEAD)
        s = np.where(np.tril(np.ones((count, count), bool))[None], s, -np.inf)
        p = np.exp(s - s.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        x = x + np.einsum("hij,jhd->ihd", p, v).reshape(count, WIDTH) @ layer["o"].T
        h = rms(x, layer["ffn_norm"])
        g = h @ layer["gate"].T
        x = x + (g / (1 + np.exp(-g)) * (h @ layer["up"].T)) @ layer["down"].T
    return (rms(x, model["norm"]) @ model["output"].astype(np.float64).T).astype(np.float32)


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


# --- GGUF (github.com/ggml-org/ggml, docs/gguf.md)

def gguf_string(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def gguf_value(value):
    if isinstance(value, bool):
        return struct.pack("<IB", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_string(value)
    if isinstance(value, tuple):  # a number of a stated type
        return struct.pack("<I", value[0]) + struct.pack(value[1], value[2])
    kind = 8 if isinstance(value[0], str) else 6 if isinstance(value[0], float) else 5
    body = b"".join(gguf_string(v) if kind == 8 else struct.pack("<f" if kind == 6 else "<i", v) for v in value)
    return struct.pack("<IIQ", 9, kind, len(value)) + body


def gguf(metadata, tensors):
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata:
        head += gguf_string(key) + gguf_value(value)
    data = b""
    for name, array in tensors:
        head += gguf_string(name) + struct.pack("<I", array.ndim) + struct.pack("<%dQ" % array.ndim, *array.shape[::-1])
        head += struct.pack("<IQ", 0, len(data))
        data += array.tobytes()
        data += bytes(-len(data) % 32)
    return head + bytes(-len(head) % 32) + data


def gguf_tensors(model):
    result = [("token_embd.weight", model["embed"])]
    for i, layer in enumerate(model["layers"]):
        for name, part in (("attn_norm", "attn_norm"), ("attn_q", "q"), ("attn_k", "k"), ("attn_v", "v"), ("attn_output", "o"),
                           ("ffn_norm", "ffn_norm"), ("ffn_gate", "gate"), ("ffn_up", "up"), ("ffn_down", "down")):
            result.append(("blk.%d.%s.weight" % (i, name), layer[part]))
    return result + [("output_norm.weight", model["norm"]), ("output.weight", model["output"])]


def write_gguf(folder, model, vocabulary):
    texts, scores, types = vocabulary
    metadata = [("general.architecture", "llama"), ("general.name", "forms"), ("llama.context_length", CONTEXT),
                ("llama.embedding_length", WIDTH), ("llama.block_count", LAYERS), ("llama.feed_forward_length", HIDDEN),
                ("llama.attention.head_count", HEADS), ("llama.attention.head_count_kv", KV_HEADS),
                ("llama.attention.layer_norm_rms_epsilon", EPS), ("llama.rope.freq_base", THETA), ("tokenizer.ggml.model", "llama"),
                ("tokenizer.ggml.tokens", texts), ("tokenizer.ggml.scores", scores), ("tokenizer.ggml.token_type", types),
                ("tokenizer.ggml.bos_token_id", 1), ("tokenizer.ggml.eos_token_id", 2), ("tokenizer.ggml.unknown_token_id", 0)]
    tensors = gguf_tensors(model)
    write(folder + "/gguf/model.gguf", gguf(metadata, tensors))
    cuts = [0, 3, 12, len(tensors)]
    for part in range(3):
        split = [("split.no", (2, "<H", part)), ("split.count", (2, "<H", 3)), ("split.tensors.count", (5, "<i", len(tensors)))]
        write(folder + "/gguf-split/model-%05d-of-00003.gguf" % (part + 1), gguf((metadata if part == 0 else []) + split, tensors[cuts[part]:cuts[part + 1]]))


# --- Hugging Face (github.com/huggingface/transformers, convert_llama_weights_to_hf.py; github.com/huggingface/safetensors)

def permute(w, heads):
    return w.reshape(heads, w.shape[0] // heads // 2, 2, w.shape[1]).swapaxes(1, 2).reshape(w.shape)


def huggingface_tensors(model):
    result = {"model.embed_tokens.weight": model["embed"], "lm_head.weight": model["output"], "model.norm.weight": model["norm"]}
    for i, layer in enumerate(model["layers"]):
        prefix = "model.layers.%d." % i
        for name, array in (("self_attn.q_proj", permute(layer["q"], HEADS)), ("self_attn.k_proj", permute(layer["k"], KV_HEADS)),
                            ("self_attn.v_proj", layer["v"]), ("self_attn.o_proj", layer["o"]), ("mlp.gate_proj", layer["gate"]),
                            ("mlp.up_proj", layer["up"]), ("mlp.down_proj", layer["down"]), ("input_layernorm", layer["attn_norm"]),
                            ("post_attention_layernorm", layer["ffn_norm"])):
            result[prefix + name + ".weight"] = array
        result[prefix + "self_attn.rotary_emb.inv_freq"] = (THETA ** -(np.arange(0, HEAD, 2) / HEAD)).astype(np.float32)
    return result


def safetensors(tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in sorted(tensors.items()):
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += np.ascontiguousarray(array).tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def varint(value):
    result = b""
    while value > 127:
        result += bytes([value & 127 | 128])
        value >>= 7
    return result + bytes([value])


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def sentencepiece(vocabulary):
    body = b"".join(field(1, field(1, text.encode()) + field(2, score) + field(3, kind)) for text, score, kind in zip(*vocabulary))
    body += field(2, field(3, 2) + field(35, 1) + field(40, 0) + field(41, 1) + field(42, 2))
    return body + field(3, field(1, b"identity") + field(3, 1) + field(4, 0) + field(5, 1))


def merges(vocabulary):
    """The merges that generate_merges in transformers' convert_slow_tokenizer.py would give."""
    texts, scores, _ = vocabulary
    ids = {text: i for i, text in enumerate(texts)}
    result = []
    for text, score in zip(texts, scores):
        local = [(text[:i], text[i:], score) for i in range(1, len(text)) if text[:i] in ids and text[i:] in ids]
        result += sorted(local, key=lambda m: (ids[m[0]], ids[m[1]]))
    return [left + " " + right for left, right, _ in sorted(result, key=lambda m: (m[2], len(m[0]), len(m[1])), reverse=True)]


def tokenizer_json(vocabulary):
    token = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    return json.dumps(dict(
        version="1.0", truncation=None, padding=None,
        added_tokens=[dict(id=i, content=vocabulary[0][i], **token) for i in range(3)],
        normalizer=dict(type="Sequence", normalizers=[dict(type="Prepend", prepend="\u2581"),
                                                      dict(type="Replace", pattern=dict(String=" "), content="\u2581")]),
        pre_tokenizer=None,
        post_processor=dict(type="TemplateProcessing", single=[dict(SpecialToken=dict(id="<s>", type_id=0)), dict(Sequence=dict(id="A", type_id=0))],
                            pair=[], special_tokens={"<s>": dict(id="<s>", ids=[1], tokens=["<s>"])}),
        decoder=dict(type="Sequence", decoders=[dict(type="Replace", pattern=dict(String="\u2581"), content=" "), dict(type="ByteFallback"),
                                                dict(type="Fuse"), dict(type="Strip", content=" ", start=1, stop=0)]),
        model=dict(type="BPE", dropout=None, unk_token="<unk>", continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=True,
                   byte_fallback=True, ignore_merges=False, vocab={text: i for i, text in enumerate(vocabulary[0])}, merges=merges(vocabulary))),
        ensure_ascii=False, indent=1)


def write_huggingface(folder, model, vocabulary):
    configuration = dict(
        architectures=["LlamaForCausalLM"], attention_bias=False, bos_token_id=1, eos_token_id=2, hidden_act="silu", hidden_size=WIDTH,
        intermediate_size=HIDDEN, max_position_embeddings=CONTEXT, model_type="llama", num_attention_heads=HEADS, num_hidden_layers=LAYERS,
        num_key_value_heads=KV_HEADS, pretraining_tp=1, rms_norm_eps=EPS, rope_scaling=None, rope_theta=THETA, tie_word_embeddings=False,
        torch_dtype="float32", use_cache=True, vocab_size=len(vocabulary[0]))
    tensors = huggingface_tensors(model)
    single, sharded = folder + "/huggingface/", folder + "/huggingface-sharded/"
    for path in (single, sharded):
        write(path + "config.json", json.dumps(configuration, indent=2))
        write(path + "generation_config.json", json.dumps(dict(bos_token_id=1, eos_token_id=[2]), indent=2))
        write(path + "tokenizer_config.json", json.dumps(
            dict(add_bos_token=True, add_eos_token=False, bos_token="<s>", eos_token=dict(content="</s>", special=True), unk_token="<unk>",
                 added_tokens_decoder={str(i): dict(content=vocabulary[0][i], special=True) for i in range(3)}, chat_template=CHAT_TEMPLATE,
                 tokenizer_class="LlamaTokenizer"), indent=2))
    write(single + "model.safetensors", safetensors(tensors))
    write(single + "tokenizer.model", sentencepiece(vocabulary))
    write(sharded + "tokenizer.json", tokenizer_json(vocabulary))
    names, shards = sorted(tensors), 3
    map_ = {}
    for i in range(shards):
        name = "model-%05d-of-%05d.safetensors" % (i + 1, shards)
        part = names[i::shards]
        map_.update((tensor, name) for tensor in part)
        write(sharded + name, safetensors({tensor: tensors[tensor] for tensor in part}))
    total = sum(array.nbytes for array in tensors.values())
    write(sharded + "model.safetensors.index.json", json.dumps(dict(metadata=dict(total_size=total), weight_map=map_), indent=2))


# --- llama2.c (github.com/karpathy/llama2.c, export.py and tokenizer.py)

def header(vocabulary_size):
    return struct.pack("<7i", WIDTH, HIDDEN, LAYERS, HEADS, KV_HEADS, vocabulary_size, CONTEXT)


def write_llama2c(folder, model, vocabulary):
    count = len(vocabulary[0])
    layers = model["layers"]

    def each(*names):
        return b"".join(layer[name].tobytes() for name in names for layer in layers)

    angle = np.outer(np.arange(CONTEXT), 1 / THETA ** (np.arange(0, HEAD, 2) / HEAD))
    frequencies = np.cos(angle).astype(np.float32).tobytes() + np.sin(angle).astype(np.float32).tobytes()
    write(folder + "/llama2c/legacy.bin", header(-count) + model["embed"].tobytes()
          + each("attn_norm", "q", "k", "v", "o", "ffn_norm", "gate", "down", "up") + model["norm"].tobytes() + frequencies + model["output"].tobytes())

    def start(version, tail=b""):
        head = struct.pack("<Ii", 0x616B3432, version) + header(count) + struct.pack("<B", 0) + tail
        return head + bytes(256 - len(head))

    norms = each("attn_norm", "ffn_norm") + model["norm"].tobytes()
    write(folder + "/llama2c/version1.bin", start(1) + norms + model["embed"].tobytes() + each("q", "k", "v", "o", "gate", "down", "up") + model["output"].tobytes())

    for group in (32, 16):
        body = b""
        quantized = dict(model, layers=[dict(layer) for layer in layers])
        places = [(quantized, "embed")] + [(layer, name) for name in ("q", "k", "v", "o", "gate", "down", "up") for layer in quantized["layers"]] + [(quantized, "output")]
        for owner, name in places:
            w = owner[name].reshape(-1, group)
            scale = (np.abs(w).max(axis=1) / 127).astype(np.float32)
            codes = np.round(w / scale[:, None]).astype(np.int8)
            body += codes.tobytes() + scale.tobytes()
            # This library keeps groups of 32 as Q8_0, whose scales are halves.
            kept = scale.astype(np.float16).astype(np.float32) if group == 32 else scale
            owner[name] = (codes.astype(np.float32) * kept[:, None]).reshape(owner[name].shape)
        write(folder + "/llama2c/version2-group%d.bin" % group, start(2, struct.pack("<i", group)) + norms + body)
        write(folder + "/llama2c/version2-group%d.logits.f32" % group, logits(quantized, TOKENS).tobytes())

    data = b""
    longest = 0
    for i, (text, score) in enumerate(zip(vocabulary[0], vocabulary[1])):
        text = "\n<s>\n" if i == 1 else "\n</s>\n" if i == 2 else text
        encoded = text.replace("\u2581", " ").encode()
        longest = max(longest, len(encoded))
        data += struct.pack("<fi", score, len(encoded)) + encoded
    write(folder + "/llama2c/tokenizer.bin", struct.pack("<i", longest) + data)


def main(folder):
    vocabulary = pieces()
    model = weights(np.random.default_rng(7), len(vocabulary[0]))
    write(folder + "/logits.f32", logits(model, TOKENS).tobytes())
    write(folder + "/tokens.json", json.dumps(TOKENS))
    write_gguf(folder, model, vocabulary)
    write_huggingface(folder, model, vocabulary)
    write_llama2c(folder, model, vocabulary)


main(sys.argv[1])
