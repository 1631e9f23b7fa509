"""Computes with Python what Llama2.Evaluation reimplements, and writes ../data/evaluation/python-text.json.

Usage: python3 python_text.py   (Python 3.11 or later)
Regular expressions (findall and sub), literals (ast.literal_eval), samples of random.Random, and methods of strings.
"""
import ast
import json
import pathlib
import random
import re
import string

TEXTS = [
    "", "a", "The answer is 42.", "#### 1,234.5\nQuestion: next", "#### -7", "costs $3.50 or $-2, 10% off", "A.B,C\t d\x1ce\n", "naïve Ⅷ ½ x² e\u0301 ſ _z",
    "(A) because (B) is wrong: B", "\U0001F999 and 漢字 \u00a0 end\n", "aaa bbb aaab", "x=[1,2] {3}", "foo-bar_baz 12ab", "line one\nline two\r\nline three",
    "\\boxed{5} and \\boxed{6}", "\"quoted  text\" 'single' ( spaced ) { x }",
]
PATTERNS = [
    r"#### (\-?[0-9\.\,]+)", r"(-?[$0-9.,]{2,})|(-?[0-9]+)", r"The answer is (\-?[0-9\.\,]+).", r"(?s).*#### ", r"\.$", r"\$", ",", r"\w+", r"\W+", r"\s", r"\S+", r"\d+", r"\D",
    r"[\w.]+", r"[^\w\s]+", r"[\W]", r"[\S]+", r"[\D]", r"[^\s]", r"a*", r"a+?", r"(a)(b)?", r"(?P<x>a)(?P<y>b)?", r"(a)(?P<n>b)(c)?", r"(?P<x>\w)(?P=x)", r"(\w)\1", r"(?i)THE", r"(?i:the) answer",
    r"(?m)^line", r"line$", r"(?m)\w+$", r"three\Z", r"\Aline", r"\bb\w*", r"\Bb", r"b{,2}", r"a{2,}", r"a{2}", r"x{", r"{\s*([^}]*?)\s*}", r"[]a]", r"[^]a]+", r"[a\]b]", r"[[]", r"[a-c[]+", r"[\-a]",
    r"a++", r"(?>a+)b", r"a*+", r"(?:ab)?+", r"(?<=a)b", r"(?<!a)b", r"a(?=b)", r"a(?!a)", r"(a)?(?(1)b|x)", r"\x41", r"\u00ef", r"\U0001F999", "\U0001F999", "[\U0001F999x]", "[x\U0001F999]+", r"\t", r"[\b]", r"\101", r"\012",
    r"\\boxed\{(\d)\}", r"(?#comment)a", r"(\([A-Z]\))", r":[\s]*(A|B)", r"\b(?:The |the |An |A |The |a |an )", r"\(\s*([^\)]*?)\s*\)", r"\"\s*([^\"]*?)\s*\"", r"()", r"a|", r".", r"(?s).", r"[\s\S]", r"\-", r"\/", "é|ï",
]
BAD_PATTERNS = ["(", ")", "a)", "[", "[a", "(?P<x", "(?P<x>a)(?P<x>b)", r"\1", r"(a)\2", "*a", "a**", "a{2}{3}", "(?<x>a)", r"\q", r"\x4", r"[z-a]", "a(?i)b", "(?P=x)", "\\", r"(?(1)a|b)", "(?z)a", r"\400"]
REPLACEMENTS = ["", "-", r"<\1>", r"\g<1>!", r"\n", r"\\", r"\.", r"\0", r"\g<0>", r"\101"]
LITERALS = [
    "[]", "[1, 2]", "['a', \"b\"]", "['it\\'s', \"x\\ny\", '\\u00e9\\x41\\101']", "('a',)", "()", "(1)", "1, 2", "{'a': 1, 'b': [2]}", "None", "True", "[None, False, -3, +4, 1.5, -2e3, 1_000, .5, 5.]",
    "'a' 'b'", "['a' \"b\", r'\\n', u'x']", "'''long\n'quoted' text'''", "  [1]", "[1]  ", "[1]\n", "[1,\n 2]", "[1,]", "[,]", "[1 2]", "[a]", "[1", "1]", "'a", "'a\nb'", "", " ", "07", "00", "0x1F", "[1] + [2]", "[1][0]",
    "f'x'", "{'a'}", "[[[[]]]]", "[['a'], ('b', 1)]", "'\\q'", "\"\\\"\"", "['😀']", "1e400", "--1", "- 5", "12a", "1__0", "['a'; 'b']", "{1: 2, 'a': None}", "{[1]: 2}", "[true]", "'x' 1",
]


def literal(text):
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None
    return None if isinstance(value, set) else repr(value)


def refused(pattern):
    try:
        re.compile(pattern)
    except re.error:
        return True
    return False


def substitute(pattern, replacement, text):
    try:
        return re.sub(pattern, replacement, text)
    except (re.error, IndexError):
        return None


assert all(map(refused, BAD_PATTERNS))
characters = [chr(code) for code in [*range(0x250), *range(0x2000, 0x2070), *range(0x2150, 0x2190), 0x1680, 0x3000, 0x3007, 0x4E00, 0xFE33, 0xFF3F]]
samples = []
for seed in [0, 1, 42, 1234, -5, 2**31, 2**40 + 7]:
    generator = random.Random(seed)
    samples.append({"seed": seed, "draws": [[n, k, generator.sample(range(n), k)] for n, k in [(1, 1), (3, 3), (10, 5), (21, 5), (22, 5), (85, 6), (86, 6), (1000, 6), (7473, 5), (7473, 25), (1, 0), (300, 25), (100000, 64)]]})
result = {
    "texts": TEXTS,
    "matches": [{"pattern": p, "found": [[list(m) if isinstance(m, tuple) else [m] for m in re.findall(p, t)] for t in TEXTS]} for p in PATTERNS],
    "bad": BAD_PATTERNS,
    "substitutions": [{"pattern": p, "replacement": r, "count": c, "results": [substitute(p, r, t) if c == 0 else re.sub(p, r, t, count=c) for t in TEXTS]}
                      for p, r, c in [*[(r"(\w)a", r, 0) for r in REPLACEMENTS], (r"(?P<n>\d)", r"[\g<n>]", 0), ("a", "b", 1), ("x*", "-", 0), (r"\[.*?\]", "", 0)]],
    "bad_replacements": [r for r in [r"\2", r"\g<x>", "\\q", "\\", r"\g<1", r"\x41"] if substitute("(a)", r, "a") is None],
    "literals": [{"text": t, "repr": literal(t)} for t in LITERALS],
    "samples": samples,
    "punctuation": string.punctuation,
    "word": "".join(c for c in characters if re.fullmatch(r"\w", c)),
    "space": "".join(c for c in characters if re.fullmatch(r"\s", c)),
    "characters": "".join(characters),
    "lower": [[t, t.lower(), t.upper(), t.capitalize(), t.strip()] for t in TEXTS + ["ΌΣΟΣ", "İstanbul", "ǅ", "\x1c x \x85"]],
}
target = pathlib.Path(__file__).parent / "../data/evaluation/python-text.json"
target.write_text(json.dumps(result, ensure_ascii=True, indent=0), encoding="utf-8")
