"""Renders templates with jinja2 in its default configuration with StrictUndefined, and writes ../data/templates/strict.jsonl.

Usage: python3 template_dialects.py   (needs jinja2 3.1)
The first line is {"variables"}, each other line {"template", "rendered"}; rendered is null if jinja2 refuses the template. This is the configuration in which
lm-evaluation-harness renders the templates of its task files (lm_eval/utils.py).
"""
import json
import pathlib

from jinja2 import BaseLoader, Environment, StrictUndefined

ENVIRONMENT = Environment(loader=BaseLoader, undefined=StrictUndefined, keep_trailing_newline=True)
VARIABLES = {"q": " two ", "choices": ["a", "it's", "\"x\""], "n": 3, "nested": {"text": ["u", "v"], "label": ["A", "B"]}, "none": None, "t": True}
TEMPLATES = [
    "line\n", "line\n\n", "\n", "{% if t %}\nyes\n{% endif %}\n", "  {% if t %}yes{% endif %}\n", "a\n  {% set x = 1 %}\nb{{ x }}\n",
    "a {# note #}\nb", "a {%- if t %} b {%- endif -%} \n c", "{% raw %}\n{{ q }}\n{% endraw %}\n", "  {%+ if t %}x{% endif +%}\n",
    "{{ q.strip() }}: {{ choices }}", "{{ nested.text }}", "{{ [q, n] }}", "{{ none }}{{ t }}{{ n / 2 }}",
    "{{ missing }}", "{{ missing.x }}", "{{ nested.missing }}", "{{ nested['missing'] }}", "{{ choices[5] }}", "{% if missing %}x{% endif %}",
    "{% if missing is defined %}x{% else %}y{% endif %}", "{{ missing | default('d') }}", "{{ missing or 'd' }}", "{{ 'd' or missing }}",
    "{{ not missing }}", "{% for x in missing %}x{% endfor %}", "{{ missing | list }}", "{{ missing | length }}", "{{ missing | join }}",
    "{{ missing == 1 }}", "{{ 1 != missing }}", "{{ 'a' in missing }}", "{{ missing in choices }}", "{{ missing ~ 'x' }}", "{{ missing | string }}",
    "{{ missing | upper }}", "{{ 'x' if missing else 'y' }}", "{{ 'x' if false }}", "{{ 'x' if missing is undefined }}",
    "{% set y = missing %}fine", "{{ [missing] | length }}", "{{ choices | select | list }}", "{{ [missing] | select | list }}",
    "{% for x in choices if missing %}x{% endfor %}", "{{ missing | items | list }}", "{{ missing is none }}", "{{ missing is string }}",
    "{{ choices | first }}{{ [] | first }}", "a\r\nb\rc\n",
]


def render(template):
    try:
        return ENVIRONMENT.from_string(template).render(**VARIABLES)
    except Exception:
        return None


target = pathlib.Path(__file__).parent / "../data/templates/strict.jsonl"
with open(target, "w", encoding="utf-8", newline="\n") as file:
    print(json.dumps({"variables": VARIABLES}, ensure_ascii=False), file=file)
    for template in TEMPLATES:
        print(json.dumps({"template": template, "rendered": render(template)}, ensure_ascii=False), file=file)
