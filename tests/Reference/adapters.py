"""Writes one LoRA adapter for tests/data/forms as a folder of PEFT and as GGUF, with logits in exact arithmetic. Needs PyTorch and numpy.

Usage: adapters.py FORMS_FOLDER OUTPUT_FOLDER     (tests/data/forms and tests/data/adapters)

The logits are computed from tests/data/forms/huggingface, with rows in Hugging Face's order, in double precision. As in PEFT's lora/layer.py, the
product with an adapted matrix is W x + scale * B (A x), and an adapted embedding is E[t] + scale * (A^T B^T)[t]. As in PEFT's lora/dora.py, an adapter
with magnitudes m adds (m / n - 1) W x + m / n * scale * B (A x), where n are the norms of the rows of W + scale * B A. No code of this repository is used.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch

TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def read_safetensors(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    return {name: torch.frombuffer(bytearray(data[8 + length + e["data_offsets"][0]:8 + length + e["data_offsets"][1]]), dtype=torch.float32).reshape(e["shape"])
            for name, e in header.items() if name != "__metadata__"}


def write_safetensors(path, tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in sorted(tensors.items()):
        raw = tensor.contiguous().view(torch.int32 if tensor.dtype == torch.float32 else torch.int16).numpy().tobytes()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)


class Model:
    def __init__(self, folder):
        self.config = json.load(open(folder + "/config.json"))
        self.weights = {name: tensor.double() for name, tensor in read_safetensors(folder + "/model.safetensors").items()}

    def logits(self, tokens, adapters, saved={}):
        """adapters: a list of (pairs, scale by module) or (pairs, scale by module, magnitudes by module); pairs are (A, B) by module. saved: weights by module that replace the model's (modules_to_save)."""
        c, count, weights = self.config, len(tokens), {**self.weights, **{module + ".weight": weight.double() for module, weight in saved.items()}}
        heads, kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
        head = c["hidden_size"] // heads

        def linear(module, x):
            weight = weights[module + ".weight"]
            product = y = x @ weight.T
            for pairs, scales, *magnitudes in adapters:
                if module in pairs:
                    a, b = (factor.double() for factor in pairs[module])
                    ratio = magnitudes[0][module].double() / torch.linalg.norm(weight + scales[module] * b @ a, dim=1) if magnitudes else 1
                    y = y + (ratio - 1) * product + ratio * scales[module] * (x @ a.T @ b.T)
            return y

        def norm(module, x):
            return x / torch.sqrt((x * x).mean(-1, keepdim=True) + c["rms_norm_eps"]) * weights[module + ".weight"]

        frequencies = c["rope_theta"] ** -(torch.arange(0, head, 2).double() / head)
        angles = torch.arange(count).double()[:, None] * frequencies[None]
        cos, sin = (torch.cat((f(angles), f(angles)), -1)[:, None] for f in (torch.cos, torch.sin))

        def rotate(x):
            half = torch.cat((-x[..., head // 2:], x[..., :head // 2]), -1)
            return x * cos + half * sin

        x = weights["model.embed_tokens.weight"][tokens]
        for pairs, scales, *_ in adapters:
            if "model.embed_tokens" in pairs:
                a, b = pairs["model.embed_tokens"]
                x = x + scales["model.embed_tokens"] * (a.double().T @ b.double().T)[tokens]
        mask = torch.full((count, count), -math.inf).triu(1).double()
        for i in range(c["num_hidden_layers"]):
            p = "model.layers.%d." % i
            h = norm(p + "input_layernorm", x)
            q = rotate(linear(p + "self_attn.q_proj", h).reshape(count, heads, head))
            k = rotate(linear(p + "self_attn.k_proj", h).reshape(count, kv_heads, head)).repeat_interleave(heads // kv_heads, 1)
            v = linear(p + "self_attn.v_proj", h).reshape(count, kv_heads, head).repeat_interleave(heads // kv_heads, 1)
            s = torch.einsum("ihd,jhd->hij", q, k) / math.sqrt(head) + mask
            x = x + linear(p + "self_attn.o_proj", torch.einsum("hij,jhd->ihd", s.softmax(-1), v).reshape(count, -1))
            h = norm(p + "post_attention_layernorm", x)
            x = x + linear(p + "mlp.down_proj", torch.nn.functional.silu(linear(p + "mlp.gate_proj", h)) * linear(p + "mlp.up_proj", h))
        return linear("lm_head", norm("model.norm", x)).float()


def configuration(**changes):
    """As save_pretrained of PEFT 0.13 writes it."""
    return dict(dict(
        alpha_pattern={}, auto_mapping=None, base_model_name_or_path="forms", bias="none", fan_in_fan_out=False, inference_mode=True,
        init_lora_weights=True, layer_replication=None, layers_pattern=None, layers_to_transform=None, loftq_config={}, lora_alpha=8,
        lora_dropout=0.05, megatron_config=None, megatron_core="megatron.core", modules_to_save=None, peft_type="LORA", r=4, rank_pattern={},
        revision=None, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM", use_dora=False, use_rslora=False), **changes)


def scale(config, module):
    def pattern(name, default):
        return next((value for key, value in config[name].items() if module == key or module.endswith("." + key)), default)
    rank, alpha = pattern("rank_pattern", config["r"]), pattern("alpha_pattern", config["lora_alpha"])
    return rank, alpha / (math.sqrt(rank) if config["use_rslora"] else rank)


def create(model, config, modules, dtype, seed):
    torch.manual_seed(seed)
    pairs = {}
    for module in modules:
        rank, rows, columns = scale(config, module)[0], *model.weights[module + ".weight"].shape
        a, b = (rank, rows), (columns, rank)
        if module != "model.embed_tokens":
            a, b = (rank, columns), (rows, rank)
        pairs[module] = tuple((torch.randn(*shape) * 0.2).to(dtype) for shape in (a, b))
    return pairs


def magnitudes_of(model, pairs, scales):
    """The norms of the adapted rows, and up to a fifth more or less, as after some training."""
    norms = {module: torch.linalg.norm(model.weights[module + ".weight"] + scales[module] * b.double() @ a.double(), dim=1) for module, (a, b) in pairs.items()}
    return {module: (norm * (0.8 + 0.4 * torch.rand(len(norm)))).float() for module, norm in norms.items()}


def write_peft(folder, config, pairs, saved={}, magnitudes={}):
    os.makedirs(folder, exist_ok=True)
    json.dump(config, open(folder + "/adapter_config.json", "w"), indent=2)
    # get_peft_model_state_dict leaves ".modules_to_save.default" out of the names.
    tensors = {"base_model.model.%s.weight" % module: weight for module, weight in saved.items()}
    tensors.update(("base_model.model.%s.lora_magnitude_vector" % module, vector) for module, vector in magnitudes.items())
    for module, (a, b) in pairs.items():
        kind = ("lora_embedding_A", "lora_embedding_B") if module == "model.embed_tokens" else ("lora_A.weight", "lora_B.weight")
        for name, tensor in zip(kind, (a, b)):
            tensors["base_model.model.%s.%s" % (module, name)] = tensor
    write_safetensors(folder + "/adapter_model.safetensors", tensors)


# --- GGUF, as convert_lora_to_gguf.py of llama.cpp makes it: B of queries and keys permuted as LlamaModel.permute does, A of the embedding transposed

def gguf_name(module):
    if module in ("lm_head", "model.embed_tokens"):
        return {"lm_head": "output", "model.embed_tokens": "token_embd"}[module] + ".weight"
    _, _, layer, _, name = module.split(".")
    return "blk.%s.%s.weight" % (layer, dict(q_proj="attn_q", k_proj="attn_k", v_proj="attn_v", o_proj="attn_output", gate_proj="ffn_gate", up_proj="ffn_up", down_proj="ffn_down")[name])


def permute(w, heads):
    return w.reshape(heads, 2, w.shape[0] // heads // 2, w.shape[1]).swapaxes(1, 2).reshape(w.shape)


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def write_gguf(path, model, config, pairs):
    tensors = []
    for module, (a, b) in pairs.items():
        heads = dict(q_proj=model.config["num_attention_heads"], k_proj=model.config["num_key_value_heads"]).get(module.split(".")[-1])
        a, b = a.float().numpy(), b.float().numpy()
        tensors.append((gguf_name(module) + ".lora_a", a.T.copy() if module == "model.embed_tokens" else a))
        tensors.append((gguf_name(module) + ".lora_b", permute(b, heads) if heads else b))
    metadata = [("general.type", "adapter"), ("general.architecture", "llama"), ("adapter.type", "lora"), ("adapter.lora.alpha", float(config["lora_alpha"]))]
    head, data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)), b""
    for key, value in metadata:
        head += text(key) + (struct.pack("<I", 8) + text(value) if isinstance(value, str) else struct.pack("<If", 6, value))
    for name, array in tensors:
        head += text(name) + struct.pack("<I", 2) + struct.pack("<2Q", *array.shape[::-1]) + struct.pack("<IQ", 0, len(data))
        data += np.ascontiguousarray(array, np.float32).tobytes()
        data += bytes(-len(data) % 32)
    open(path, "wb").write(head + bytes(-len(head) % 32) + data)


def write_added_tokens(model, folder, layers, tokens):
    """Three tokens were added to the vocabulary, the embeddings and the output matrix were trained and stored, and tokenizer.save_pretrained named the tokens."""
    torch.manual_seed(4)
    config = configuration(modules_to_save=["embed_tokens", "lm_head"])
    pairs = create(model, config, [m for m in layers if m[-6:] in ("q_proj", "v_proj")], torch.bfloat16, 5)
    saved = {}
    for module in config["modules_to_save"]:
        weight = model.weights[("model." if module == "embed_tokens" else "") + module + ".weight"]
        resized = torch.cat((weight, weight.mean(0, keepdim=True).expand(3, -1)))
        saved[("model." if module == "embed_tokens" else "") + module] = (resized + torch.randn(resized.shape).double() * 0.1).bfloat16()
    write_peft(folder, config, pairs, saved)
    first = len(model.weights["lm_head.weight"])
    names = ["<|im_start|>", "<|im_end|>", "llama"]
    json.dump({name: first + i for i, name in enumerate(names)}, open(folder + "/added_tokens.json", "w"), indent=2)
    json.dump({"additional_special_tokens": names[:2]}, open(folder + "/special_tokens_map.json", "w"), indent=2)
    scales = {module: scale(config, module)[1] for module in pairs}
    model.logits(tokens + [first, first + 2, 5, first + 1], [(pairs, scales)], saved).numpy().tofile(folder + ".logits.f32")


def write_norms(model, folder, layers, tokens, plain):
    """All norms were trained and stored; also at half of the strength beside the adapter 'plain'."""
    torch.manual_seed(7)
    config = configuration(modules_to_save=["norm"])
    pairs = create(model, config, [m for m in layers if m[-6:] in ("q_proj", "v_proj")], torch.float32, 8)
    own = {name[:-len(".weight")]: weight for name, weight in model.weights.items() if name.endswith("norm.weight")}
    saved = {module: (weight * (0.5 + torch.rand(weight.shape).double())).float() for module, weight in own.items()}
    write_peft(folder, config, pairs, saved)
    scales = {module: scale(config, module)[1] for module in pairs}
    model.logits(tokens, [(pairs, scales)], saved).numpy().tofile(folder + ".logits.f32")
    halved, half = {module: 0.5 * value for module, value in scales.items()}, {module: own[module] + 0.5 * (weight.double() - own[module]) for module, weight in saved.items()}
    model.logits(tokens, [plain, (pairs, halved)], half).numpy().tofile(folder + "-half-plain.logits.f32")


def write_rows(model, folder, layers, tokens):
    """Rows of some tokens were trained (trainable_token_indices): of both matrices, or of the embeddings alone, also in a model whose output matrix shares them."""
    torch.manual_seed(9)
    embedding, output = "model.embed_tokens", "lm_head"
    for name, indices in (("/rows", {"embed_tokens": [tokens[2], 17, tokens[0]], "lm_head": [289, tokens[1], 3, 16]}), ("/rows-list", [tokens[1], tokens[3]])):
        config = configuration(trainable_token_indices=indices)
        pairs = create(model, config, [m for m in layers if m[-6:] in ("q_proj", "v_proj")], torch.float32, 10)
        scales = {module: scale(config, module)[1] for module in pairs}
        lists = {embedding: indices} if isinstance(indices, list) else {embedding: indices["embed_tokens"], output: indices["lm_head"]}
        rows = {module: (model.weights[module + ".weight"][ids] + torch.randn(len(ids), model.config["hidden_size"]) * 0.3).float() for module, ids in lists.items()}

        def replaced(module, base, strength=1.0):
            weight = base.clone()
            weight[lists[module]] += strength * (rows[module].double() - weight[lists[module]])
            return weight

        # As PEFT 0.20 writes it: the tensor has the rows themselves.
        write_peft(folder + name, config, pairs)
        tensors = read_safetensors(folder + name + "/adapter_model.safetensors")
        tensors.update(("base_model.model.%s.token_adapter.trainable_tokens_delta" % module, weight) for module, weight in rows.items())
        write_safetensors(folder + name + "/adapter_model.safetensors", tensors)
        model.logits(tokens, [(pairs, scales)], {m: replaced(m, model.weights[m + ".weight"]) for m in lists}).numpy().tofile(folder + name + ".logits.f32")
        if name == "/rows":
            halved = {module: 0.5 * value for module, value in scales.items()}
            model.logits(tokens, [(pairs, halved)], {m: replaced(m, model.weights[m + ".weight"], 0.5) for m in lists}).numpy().tofile(folder + "/rows-half.logits.f32")
        else:
            shared = replaced(embedding, model.weights[embedding + ".weight"])
            model.logits(tokens, [(pairs, scales)], {embedding: shared, output: shared}).numpy().tofile(folder + "/rows-list-tied.logits.f32")


def main(forms, folder):
    model = Model(forms + "/huggingface")
    tokens = json.load(open(forms + "/tokens.json"))
    layers = ["model.layers.%d.%s" % (i, name) for i in range(2) for name in (
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")]
    patterns = dict(rank_pattern={"model.layers.1.self_attn.q_proj": 3, "v_proj": 2}, alpha_pattern={
        "layers.0.mlp.down_proj": 5.5, "down_proj": 2, "q_proj": 1, "layers.1.self_attn.q_proj": 7})
    cases = [
        ("plain", configuration(), layers + ["lm_head", "model.embed_tokens"], torch.float32, 1),
        ("stabilized", configuration(use_rslora=True, r=9, lora_alpha=6), [m for m in layers if m[-6:] in ("q_proj", "v_proj")], torch.float16, 2),
        ("patterns", configuration(**patterns), layers, torch.bfloat16, 3),
    ]
    for name, config, modules, dtype, seed in cases:
        pairs = create(model, config, modules, dtype, seed)
        scales = {module: scale(config, module)[1] for module in modules}
        write_peft(folder + "/" + name, config, pairs)
        if name == "plain":
            write_gguf(folder + "/plain.gguf", model, config, pairs)
            halved = {module: 0.5 * value for module, value in scales.items()}
            model.logits(tokens, [(pairs, halved)]).numpy().tofile(folder + "/plain-half.logits.f32")
        model.logits(tokens, [(pairs, scales)]).numpy().tofile(folder + "/" + name + ".logits.f32")
        if name == "plain":
            plain = (pairs, scales)
    config = configuration(use_dora=True, lora_alpha=6)
    pairs = create(model, config, layers + ["lm_head"], torch.float32, 6)
    scales = {module: scale(config, module)[1] for module in pairs}
    magnitudes = magnitudes_of(model, pairs, scales)
    write_peft(folder + "/decomposed", config, pairs, magnitudes=magnitudes)
    halved = {module: 0.5 * value for module, value in scales.items()}
    for name, adapters in (("", [(pairs, scales, magnitudes)]), ("-half", [(pairs, halved, magnitudes)]), ("-plain", [plain, (pairs, scales, magnitudes)])):
        model.logits(tokens, adapters).numpy().tofile(folder + "/decomposed" + name + ".logits.f32")
    write_added_tokens(model, folder + "/tokens", layers, tokens)
    write_norms(model, folder + "/norms", layers, tokens, plain)
    write_rows(model, folder, layers, tokens)
    error = np.abs(model.logits(tokens, []).numpy() - np.fromfile(forms + "/logits.f32", np.float32).reshape(len(tokens), -1)).max()
    assert error < 1e-5, "without adapters these are the logits of tests/data/forms"


main(*sys.argv[1:])
