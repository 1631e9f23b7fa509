"""Encodes pairs of context and continuation with lm-evaluation-harness' own code, and writes ../data/evaluation/harness/pairs.json.

Usage: python3 harness_pairs.py HARNESS
HARNESS is a checkout of EleutherAI/lm-evaluation-harness; the values in the repository were made with commit 4e7e0d47f. Its class TemplateLM runs
unchanged; the packages that it imports and does not need are replaced by stand-ins. What its HFLM adds is restated below: the begin-of-sequence token
before each text if add_bos_token=True, and the lines of _loglikelihood_tokens that cut off the beginning of a prompt.

The tokenizer is SentencePiece's BPE, written out here (Sennrich et al. 2016, arXiv 1508.07909; merges by score): of ../data/spm512.model, and of Llama
2's vocabulary in ../../../shared/golden, for which the 947 encodings of SentencePiece that are there are checked first.

A pair is [context, continuation, with <s>, without <s>, with <s> and a context of 4 tokens]; each of the last three is [tokens, number of scored tokens],
or empty if the harness fails: if no token is left to score or to begin with, or if more tokens are scored than the context has.
"""
import itertools
import json
import pathlib
import struct
import sys
import types

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE / "../../../shared/golden/tokenizer"
BEGIN = 1


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


stand_in("tqdm", tqdm=lambda items, **options: items)
stand_in("transformers", __version__="4")
for package, path in [("lm_eval", "lm_eval"), ("lm_eval.api", "lm_eval/api")]:
    # The packages without what their __init__.py imports.
    stand_in(package, __path__=[str(pathlib.Path(sys.argv[1]) / path)])
stand_in("lm_eval.utils")
sys.modules["lm_eval"].utils = sys.modules["lm_eval.utils"]

from lm_eval.api.model import TemplateLM  # noqa: E402


def fields(data):
    """The fields of a message of Protocol Buffers."""
    position = 0

    def number():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        tag = number()
        if tag & 7 == 0:
            yield tag >> 3, number()
        else:
            length = {1: 8, 5: 4}.get(tag & 7) or number()
            yield tag >> 3, data[position:position + length]
            position += length


class Tokenizer:
    def __init__(self, path):
        self.ids, self.scores = {}, {}
        for index, piece in enumerate(value for field, value in fields(path.read_bytes()) if field == 1):
            values = dict(fields(piece))
            text = values[1].decode()
            self.ids[text] = index
            if values.get(3, 1) == 1:
                self.scores[text] = struct.unpack("<f", values[2])[0] if 2 in values else 0.0

    def encode(self, text):
        if not text:
            return []
        symbols = list(("\u2581" + text).replace(" ", "\u2581"))
        while True:
            pairs = [(-self.scores[left + right], i) for i, (left, right) in enumerate(zip(symbols, symbols[1:])) if left + right in self.scores]
            if not pairs:
                break
            i = min(pairs)[1]
            symbols[i:i + 2] = [symbols[i] + symbols[i + 1]]
        return [token for symbol in symbols for token in (
            [self.ids[symbol]] if symbol in self.scores else [self.ids[f"<0x{byte:02X}>"] for byte in symbol.encode("utf-8")])]


class Model(TemplateLM):
    """What HFLM does to tokens."""

    eot_token_id = BEGIN
    prefix_token_id = BEGIN

    def __init__(self, tokenizer, adds_begin, context_length):
        super().__init__()
        self.tokenizer, self.adds_begin, self.max_length = tokenizer, adds_begin, context_length

    def tok_encode(self, string, add_special_tokens=None, **options):
        adds_begin = self.adds_begin if add_special_tokens is None else add_special_tokens
        return [BEGIN] * adds_begin + self.tokenizer.encode(string)

    def _loglikelihood_tokens(self, requests, **options):
        [(_, context_enc, continuation_enc)] = requests
        assert len(context_enc) > 0
        assert len(continuation_enc) > 0
        assert len(continuation_enc) <= self.max_length
        inputs = (context_enc + continuation_enc)[-(self.max_length + 1):][:-1]
        return [inputs + continuation_enc[-1:], len(continuation_enc)]

    def loglikelihood_rolling(self, requests):
        raise NotImplementedError

    def generate_until(self, requests):
        raise NotImplementedError


CONTEXTS = ["", " ", "\u00a0", "\t\n", "The cow says", "The cow says ", "The cow says  ", "The cow says\t", "The cow says\n", "The cow says\r\n", "The cow says\u00a0", "The cow says\u3000",
            "The cow says\u200b", "The cow says\x1c", "The cow says\x1f ", "The cow says\u0085", "The cow says\ufeff", "The cow sa", " The cow", "Answer:", "\u4f60\u597d", "x\u2581", "\U0001f404 "]
CONTINUATIONS = ["", " ", " moo", "moo", "\nmoo", "\u00a0moo ", "\u0301", "  A", "s"]


FORMS = [(True, 512), (False, 512), (True, 4)]


def encode(tokenizer, context, continuation, adds_begin, context_length):
    """Tokens and how many of them are scored; an empty list if the harness has no answer."""
    try:
        return Model(tokenizer, adds_begin, context_length).loglikelihood([types.SimpleNamespace(args=(context, continuation))], disable_tqdm=True)
    except (AssertionError, IndexError):
        return []


def main():
    llama = GOLDEN / "tokenizer.model"
    with open(GOLDEN / "cases.jsonl", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    tokenizer = Tokenizer(llama)
    wrong = [case["text"] for case in cases if tokenizer.encode(case["text"]) != case["ids"]]
    assert not wrong, wrong[:5]
    print(f"{len(cases)} encodings are SentencePiece's")
    lines = []
    for name, path in [("spm512.model", HERE / "../data/spm512.model"), ("tokenizer.model", llama)]:
        tokenizer = Tokenizer(path)
        pairs = [[context, continuation, *(encode(tokenizer, context, continuation, *form) for form in FORMS)] for context, continuation in itertools.product(CONTEXTS, CONTINUATIONS)]
        lines.append(f'"{name}": [\n' + ",\n".join(json.dumps(pair, separators=(",", ":")) for pair in pairs) + "\n]")
        print(name, len(pairs), "pairs; without an answer:", sum(not answer for pair in pairs for answer in pair[2:]), "of", len(FORMS) * len(pairs))
    (HERE / "../data/evaluation/harness/pairs.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")

main()
