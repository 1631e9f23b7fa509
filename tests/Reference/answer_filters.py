"""Extracts and compares answers by the rules of lm-evaluation-harness, and writes ../data/evaluation/answer-filters.json.

Usage: python3 answer_filters.py
The rules are those of lm_eval/filters and of exact_match in lm_eval/api/metrics.py, written anew.
"""
import json
import pathlib
import re
import string
import unicodedata

ANSWERS = [
    " She has 3 + 4 = 7 apples.\n#### 7", "#### 1,234", "####-5", "#### -5", "#### 7.", "#### $18", "#### 18 dollars", "The answer is 18.", "the answer is 18", "", "no number", "1 2 3",
    "10.5", "#### 10.5.", "She pays $1,000.00 for it.", "#### 1\n#### 2", "50%", "-", "--", "...", "$", "7/8", "#### ,", "3.", "It is 2,5 or 2.5", "x = -12", "９", "１２３", "The answer is -3,000,000!",
    "#### 7\nQuestion: 8", "(A)", "B", "the answer: C", "Answer: b", "red", "Red.", "RED!", "The Eiffel tower", "an eiffel tower", "  padded  ", "\u00a0x\u00a0", "A\nB", "ß", "STRASSE",
]
TARGETS = ["7", "#### 7", "She has 7.\n#### 7", "1234", "1,234", "-5", "18", "$18", "10.5", "Eiffel Tower", "eiffel tower", "red", "", "three", "a1b2", "the red; an A"]
REGEXES = [(r"#### (\-?[0-9\.\,]+)", 0), (r"(-?[$0-9.,]{2,})|(-?[0-9]+)", -1), (r"The answer is (\-?[0-9\.\,]+).", 0), (r"(-?[0-9]+)", 1), (r"[A-Z]", -2), (r"(x)|(y)|", 0), (r"(\d)?", 0)]
GSM8K = {"ignore_case": True, "regexes_to_ignore": [",", "\\$", "(?s).*#### ", "\\.$"]}
NQ = {"ignore_case": True, "ignore_punctuation": True, "regexes_to_ignore": ["\\b(?:The |the |An |A |The |a |an )"]}
METRICS = [{}, GSM8K, NQ, {"ignore_case": True, "ignore_punctuation": True}, {"ignore_numbers": True}, {"ignore_punctuation": True, "ignore_numbers": True}]
CHOICES = [["red", "green", "blue"], ["18", "7", "-5"], ["A.", "(B)", "red."]]
CHOICE_FILTERS = [
    {"regex_pattern": r"(\([A-Z]\))", "ignore_case": True, "ignore_punctuation": True}, {"regex_pattern": r"(\([A-Z]\))", "group_select": -1},
    {"regex_pattern": r"#### (\d)", "regexes_to_ignore": ["[0-6]"], "fallback": "none"},
]


def first_non_empty(match):
    if isinstance(match, tuple):
        return next((group for group in match if group), None)
    return match


def extract(pattern, select, answer, fallback="[invalid]"):
    matches = re.findall(pattern, answer)
    if not matches:
        return fallback
    try:
        group = first_non_empty(matches[select])
    except IndexError:
        return fallback  # lm-evaluation-harness ends with an error here
    return (fallback if group is None else group).strip()


def simplify(text, regexes_to_ignore=(), ignore_case=False, ignore_punctuation=False, ignore_numbers=False):
    for regex in regexes_to_ignore:
        text = re.sub(regex, "", text)
    if ignore_case:
        text = text.lower()
    if ignore_punctuation:
        text = "".join(c for c in text if c not in string.punctuation)
    if ignore_numbers:
        text = "".join(c for c in text if c not in string.digits)
    return text


def choose(answer, choices, regex_pattern, group_select=0, fallback="[invalid]", ignore_case=False, ignore_punctuation=False, regexes_to_ignore=()):
    def simple(text):
        for regex in regexes_to_ignore:
            text = re.sub(regex, "", text)
        if ignore_case:
            text = text.lower()
        if ignore_punctuation:
            text = "".join(c for c in text if not unicodedata.category(c).startswith("P"))
        return text

    def find(pattern, text, table):
        matches = re.findall(pattern, text)
        if not -len(matches) <= group_select < len(matches):
            return None
        group = first_non_empty(matches[group_select])
        return table.get(group.strip(), group.strip()) if group else None

    simple_choices = [simple(choice.strip()) for choice in choices]
    letters = [chr(ord("A") + i) for i in range(len(choices))]
    return (find(regex_pattern, answer, {})
            or find("|".join(map(re.escape, simple_choices)), simple(answer), {c: f"({l})" for c, l in zip(simple_choices, letters)})
            or find(rf":[\s]*({'|'.join(letters)})", answer, {l: f"({l})" for l in letters})
            or fallback)


result = {
    "answers": ANSWERS,
    "targets": TARGETS,
    "regexes": [{"pattern": p, "select": s, "extracted": [extract(p, s, a) for a in ANSWERS]} for p, s in REGEXES],
    "metrics": [{"options": o, "matches": [[simplify(a, **o) == simplify(t, **o) for t in TARGETS] for a in ANSWERS]} for o in METRICS],
    "choices": [{"options": o, "choices": c, "extracted": [choose(a, c, **o) for a in ANSWERS]} for o in CHOICE_FILTERS for c in CHOICES],
}
target = pathlib.Path(__file__).parent / "../data/evaluation/answer-filters.json"
target.write_text(json.dumps(result, ensure_ascii=True, indent=0), encoding="utf-8")
