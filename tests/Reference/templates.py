"""Renders this file's own templates with jinja2, configured as in transformers, and writes ../data/templates/features.jsonl.

Usage: python3 templates.py   (needs jinja2 3.1)
Each line is {"template", "variables", "rendered"}; rendered is null if jinja2 refuses the template.
"""
import json
import pathlib

import jinja2.ext
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


ENVIRONMENT = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
ENVIRONMENT.filters["tojson"] = tojson
ENVIRONMENT.globals["raise_exception"] = raise_exception

VARIABLES = {
    "text": "  Grüße, <s>Wörld</s> 🦙! it's a_B-c  ",
    "lines": "one\ntwo\n\nthree\n",
    "numbers": [3, -1, 2, 3, 2.5],
    "words": ["pear", "Apple", "fig", "apple"],
    "people": [{"name": "Bo", "age": 30}, {"name": "Al", "age": 25, "tags": ["x", "y"]}, {"name": "Cy", "age": 30, "on": True}],
    "tool": {"name": "f", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": []}, "text": "\"é\\ <&> 🦙\n\u0001'"},
    "nested": {"a": {"b": [1, [2, {"c": None}]]}, "float": 1.5, "yes": True},
    "yes": True, "no": False, "nothing": None, "empty": "", "five": 5, "pi": 3.14159,
}

TEMPLATES = r"""
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }}
{{ 'a' ~ 1 + 2 ~ 'b' }} {{ 1 ~ none ~ true ~ 1.0 ~ nope }} {{ 'a' 'b' "c" }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 3 >= 3 != 4 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 1 == 1.0 == true }} {{ none == no }} {{ (1,) == [1] }}
{{ not yes and no or five }} {{ no or '' or 'x' }} {{ yes and 5 and 6 }} {{ not not five }} {{ not 1 == 2 }} {{ nothing or nope or 'end' }}
{{ 'a' in 'abc' }} {{ 'z' not in 'abc' }} {{ 2 in numbers }} {{ 'name' in tool }} {{ 'q' in nope }} {{ not 2 in numbers }}
{{ 'x' if yes else 'y' }}{{ 'x' if no else 'y' if no else 'z' }}{{ 'gone' if no }}|
{{ text[2:7] }}|{{ text[-3:] }}|{{ text[::-1] }}|{{ text[::2] }}|{{ text[10:2:-3] }}|{{ text[:-4] }}|{{ text[100:] }}|{{ text[25:28] }}
{{ numbers[1:3] }}{{ numbers[::-1] }}{{ numbers[-2:] }}{{ numbers[:99] }}{{ numbers[3:1] }}{{ numbers[::2] }}{{ (1, 2, 3)[1:] }}{{ numbers[4:0:-2] }}
{{ numbers[0] }}{{ numbers[-1] }}{{ numbers[9] }}|{{ 'abc'[1] }}{{ 'abc'[-1] }}|{{ people[1].tags[0] }}{{ people[1]['tags'].1 }}|{{ '🦙ab'[1] }}{{ '🦙ab'|length }}
{{ [1, 'a', none, true, 2.0, [], {}] }} {{ {'a': 1, "b'": ['x"y']} }} {{ (1,) }} {{ () }} {{ (1, 2) }} {{ ['é\n\t\\', "it's", 'q"\'', '\u200b\x07🦙'] }}
{{ 1.0 }} {{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1.5e-7 }} {{ 123456789.125 }} {{ 1e22 }} {{ 0.1 + 0.2 }} {{ 100 / 3 }} {{ 5 / 1 }} {{ 1_000 }} {{ -0.0 }} {{ 12345678901234567.0 }}
{{ text|trim }}|{{ text.strip() }}|{{ text.lstrip() }}|{{ text.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xyaxy'|trim('yx') }}|{{ 5|trim }}|{{ nope|trim }}
{{ text|upper }}{{ text|lower }}{{ text.title() }}{{ text|title }}{{ text|capitalize }}{{ text.strip().capitalize() }}{{ "they're bill's (x)"|title }}{{ "they're bill's"|string }}
{{ text.split() }}{{ 'a,b,,c'.split(',') }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ '  a  b  c '.split(none, 1) }}{{ '  a  b  c '.rsplit(none, 1) }}{{ ''.split() }}{{ ''.split(',') }}
{{ text.replace('W', 'vv') }}{{ 'aaaa'.replace('a', 'b', 2) }}{{ 'aaa'|replace('aa', 'b') }}{{ 'abc'.replace('', '-') }}{{ 'abc'|replace('b', '') }}
{{ text.startswith('  G') }}{{ text.endswith('!') }}{{ 'abc'.startswith(('x', 'a')) }}{{ 'abc'.endswith('') }}{{ 'abc'.find('c') }}{{ '🦙c'.find('c') }}{{ 'abc'.find('z') }}{{ 'abab'.rfind('ab') }}{{ 'abab'.count('ab') }}{{ 'abc'.count('') }}
{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('bc') }}{{ '12'.isdigit() }}{{ 'a1'.isalpha() }}{{ 'a1'.isalnum() }}{{ ' '.isspace() }}{{ 'aB'.islower() }}{{ 'AB1'.isupper() }}{{ ''.isdigit() }}
{{ lines.splitlines() }}{{ lines.splitlines(true) }}{{ lines|indent }}{{ lines|indent(2, true) }}{{ lines|indent(2, blank=true) }}{{ 'a\nb'|indent('> ', first=true) }}{{ ''|indent(2, true) }}|
{{ ', '.join(words) }}{{ words|join }}{{ words|join(', ') }}{{ people|join('-', attribute='name') }}{{ [1, none, 'x']|join('/') }}{{ 'abc'|join('.') }}{{ tool|join(' ') }}
{{ nope|default('d') }}{{ nope|d }}{{ ''|default('e') }}{{ ''|default('e', true) }}{{ none|d('n') }}{{ nope.foo|default('x') if nope is defined else 'u' }}{{ no|default('b', boolean=true) }}{{ people[0].zip|default('none') }}
{{ words|first }}{{ words|last }}{{ 'abc'|first }}{{ 'abc'|last }}{{ []|first }}|{{ words|length }}{{ tool|count }}{{ text|length }}{{ nope|length }}{{ tool|first }}{{ tool|last }}
{{ words|sort }}{{ words|sort(reverse=true) }}{{ words|sort(case_sensitive=true) }}{{ numbers|sort }}{{ people|sort(attribute='age')|map(attribute='name')|list }}{{ people|sort(true, attribute='age')|map(attribute='name')|join }}
{{ words|unique|list }}{{ words|unique(true)|list }}{{ numbers|unique|list }}{{ people|unique(attribute='age')|map(attribute='name')|list }}{{ words|reverse|list }}{{ 'ab🦙'|reverse }}{{ numbers|max }}{{ numbers|min }}{{ numbers|sum }}{{ people|sum(attribute='age') }}{{ words|min }}{{ words|max }}
{{ numbers|batch(2)|list }}{{ numbers|batch(2, 'x')|list }}{{ 'abc'|list }}{{ tool|list }}{{ nope|list }}{{ (1, 2)|list }}
{{ tool|items|list|length }}{{ nested.items()|list }}{{ nested|dictsort }}{{ {'b': 1, 'A': 2}|dictsort }}{{ {'b': 1, 'A': 2}|dictsort(true) }}{{ {'b': 1, 'A': 2}|dictsort(by='value', reverse=true) }}{{ nested.keys()|list }}{{ nested.values()|list }}
{{ nested.get('a').get('b') }}{{ nested.get('z') }}{{ nested.get('z', 7) }}{{ nested.a.b[1][1].c }}{{ nested['a']['b'][0] }}{{ dict(nested, x=1)|length }}{{ dict(a=1, b='c') }}{{ [1, 2, 1].count(1) }}{{ ['a', 'b'].index('b') }}
{{ tool|tojson }}
{{ tool|tojson(indent=2) }}{{ numbers|tojson(indent=4) }}{{ []|tojson(indent=2) }}{{ {}|tojson(indent=2) }}{{ nested|tojson(indent=0) }}
{{ tool|tojson(ensure_ascii=true) }}{{ {'b': 1, 'a': [true, none, 1.0, 1e30, -3]}|tojson(sort_keys=true) }}{{ nested|tojson(separators=(',', ':')) }}{{ 'x'|tojson }}{{ '</s>'|tojson }}{{ (1, 2)|tojson }}
{{ words|map('upper')|list }}{{ words|map('replace', 'p', 'b')|list }}{{ people|map(attribute='tags', default='-')|list }}{{ people|map(attribute='tags.0', default='-')|list }}{{ ['a ', ' b']|map('trim')|join('|') }}
{{ numbers|select('odd')|list if false }}{{ [1, 2, 3]|select('odd')|list }}{{ [1, 2, 3]|reject('odd')|list }}{{ [0, 1, '', 'x']|select|list }}{{ [1, 2, 3]|select('>', 1)|list }}{{ [1, 2]|select('in', [2])|list }}
{{ people|selectattr('on')|map(attribute='name')|list }}{{ people|rejectattr('on')|map(attribute='name')|list }}{{ people|selectattr('age', 'equalto', 30)|map(attribute='name')|list }}{{ people|selectattr('tags', 'defined')|list|length }}{{ people|rejectattr('name', 'in', ['Al', 'Bo'])|map(attribute='name')|list }}
{{ '42'|int + 1 }}{{ '4.7'|int }}{{ 'x'|int }}{{ 'x'|int(9) }}{{ 3.99|int }}{{ -3.99|int }}{{ true|int }}{{ none|int(5) }}{{ '1.5'|float }}{{ 'x'|float }}{{ 'x'|float(1.5) }}{{ 2|float }}{{ ' 7 '|int }}
{{ -5|abs }}{{ (-5.5)|abs }}{{ 2.567|round(2) }}{{ 2.5|round }}{{ 2.1|round(method='ceil') }}{{ 2.19|round(1, 'floor') }}{{ 7|round }}{{ [1, 2]|string }}{{ 5|string + 'x' }}{{ '<b>'|safe }}
{{ text is defined }}{{ nope is defined }}{{ nope is undefined }}{{ people[0].zip is defined }}{{ nothing is none }}{{ text is string }}{{ tool is mapping }}{{ words is iterable }}{{ 5 is iterable }}{{ words is sequence }}{{ tool is sequence }}{{ nope is iterable }}
{{ 5 is number }}{{ true is number }}{{ 5 is integer }}{{ true is integer }}{{ 5.0 is float }}{{ yes is boolean }}{{ yes is true }}{{ 1 is true }}{{ no is false }}{{ 5 is odd }}{{ 5 is even }}{{ 6 is divisibleby 3 }}{{ 6 is divisibleby(4) }}{{ 'abc' is lower }}{{ 'ABC' is upper }}
{{ 5 is equalto 5 }}{{ 5 is eq(6) }}{{ 5 is ne 6 }}{{ 5 is gt 4 }}{{ 5 is le 4 }}{{ 'a' is in 'abc' }}{{ 5 is in numbers }}{{ 5 is not none }}{{ not 5 is none }}{{ 5 is not none and 5 is number }}{{ range is callable }}
{{ 5 is not none and 5 is number }}{{ range is callable }}{{ 5 is number == true }}{{ nope is not defined or nope.x }}
{% for x in numbers %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }}/{{ loop.previtem }}/{{ loop.nextitem }}/{{ loop.depth }}/{{ loop.cycle('a', 'b') }};{% endfor %}
{% for x in numbers if x > 2 %}{{ x }}{{ loop.length }}{% else %}none{% endfor %}{% for x in numbers if x > 9 %}{{ x }}{% else %}none{% endfor %}{% for x in [] %}x{% else %}empty{% endfor %}{% for x in nope %}x{% endfor %}
{% for k, v in nested.items() %}{{ k }}={{ v }};{% endfor %}{% for (a, b) in [(1, 2), [3, 4]] %}{{ a }}{{ b }}{% endfor %}{% for k in tool %}{{ k }}{% endfor %}{% for c in 'a🦙' %}{{ c }},{% endfor %}
{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(2, 8, 3) %}{{ i }}{% endfor %}{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}{% for i in range(5, 1) %}{{ i }}{% endfor %}{{ range(3)|list }}{% for i in 1, 2 %}{{ i }}{% endfor %}
{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}{% for i in [1, 2] %}{% for j in [1, 2, 3] %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }};{% endfor %}{% endfor %}
{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + 10 %}{{ x }};{% endfor %}{{ x }}{% if true %}{% set x = 5 %}{% endif %}{{ x }}
{% set ns = namespace(n=0, s='') %}{% for i in [1, 2, 3] %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.n }}{{ ns.s }}{{ ns.zip is defined }}
{% set a, b = 1, 'two' %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t }}{% set block %}in {{ a }} side{% endset %}{{ block }}{{ block|length }}{% set up | upper | replace('B', 'x') %}abc{% endset %}{{ up }}
{% if no %}a{% elif five > 4 %}b{% elif yes %}c{% else %}d{% endif %}{% if nope %}a{% else %}b{% endif %}{% if [] %}a{% endif %}{% if 'x' %}c{% endif %}{% if nothing is none and not no %}d{% endif %}
{% macro hello(name, greeting='Hi', mark=name) %}{{ greeting }} {{ name }}{{ mark }}{% endmacro %}{{ hello('Bo') }}|{{ hello('Bo', 'Yo', mark='!') }}|{{ hello() }}|{{ hello(name='x')|upper }}
{% macro count(n) %}{{ n }}{% if n > 0 %},{{ count(n - 1) }}{% endif %}{% endmacro %}{{ count(5) }}
{% macro box(title) %}[{{ title }}: {{ caller() }}]{% endmacro %}{% call box('T') %}inner {{ five }}{% endcall %}{% macro each(items) %}{% for i in items %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(x) each([1, 2]) %}<{{ x }}>{% endcall %}
{% macro m() %}{{ outer }}{{ caller is defined }}{% endmacro %}{% set outer = 'o' %}{{ m() }}{% for i in [1] %}{% set outer = 'p' %}{{ m() }}{% endfor %}
{% filter upper %}shout {{ text }}{% endfilter %}{% filter trim | replace('a', 'b') %}  banana {% endfilter %}{% generation %}said {{ five }}{% endgeneration %}
a {# comment #} b{#- left #} c {# right -#}   d{#
  many
#}
e
{% raw %}{{ not }} {% tags %} {# at all #}{% endraw %}!{%- raw -%}   x   {%- endraw -%}   y
  {% if yes %}
    indented
  {% endif %}
end
x   {%- if yes -%}   y   {%- endif -%}   z
x   {%+ if yes +%}
  y{% endif +%}
z
  {%+ if yes %} y{% endif %}

  {{ five }}
  {{- five -}}
  {{ five }}
{% for x in [1, 2] -%}
    {{ x }}
{%- endfor %}
{% for x in [1, 2] %}
  {{ x }},
{% endfor %}
tail
{{ "a\tb\x41\u00e9\U0001F999\101\q\"\'" }}{{ 'single "quoted"' }}{{ "}}" }}{{ '{%' }}{{ {'a': {'b': 1}}.a.b }}
{{ 1e20|int }} {{ 2 ** 100 }} {{ 18446744073709551615 + 1 }} {{ -(2 ** 63) // -1 }} {{ (10 ** 30) % 7 }} {{ (10 ** 30) / 3 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1 == 1.0 }} {{ 2 ** 53 + 1 == 2.0 ** 53 }} {{ 2 ** 0.5 }} {{ 2 ** -1 }}
{{ '0x1f'|int(base=16) }} {{ '0b11'|int(0, 0) }} {{ '1_000'|int }} {{ '1e3'|int }} {{ ' -12 '|int }} {{ 'z'|int(base=36) }} {{ 'inf'|float }} {{ '-nan'|float }} {{ 1e308 * 10 }} {{ ('inf'|float)|tojson }} {{ '1_0.5'|float }}
{{ 2.675|round(2) }} {{ 0.125|round(2) }} {{ 1234|round(-2) }} {{ 2.5|round(none) }} {{ 25|round(-1) }} {{ 1e22|round(2) }} {{ -0.5|round }} {{ 1.15|round(1) }}
{{ '%s-%r-%a' % ('a', 'é', 'é') }} {{ '%5d|%-5d|%05d|%+d|% d' % (1, 2, 3, 4, 5) }} {{ '%.2f|%8.3f|%e|%g|%G' % (1.005, 2.5, 12345.678, 0.00001, 1e20) }} {{ '%x %X %#o %c%c' % (255, 255, 8, 'z', 65) }} {{ '%(a)s %(b)d' % {'a': 1, 'b': 2} }} {{ '100%% %s' % 'x' }} {{ '%*d' % (5, 1) }} {{ '%.3s' % 'abcdef' }}
{{ '{} {}'.format(1, 'b') }} {{ '{1}{0}{1}'.format('a', 'b') }} {{ '{x}{y[k]}'.format(x=1, y={'k': 2}) }} {{ '{:>6}|{:<6}|{:^6}|{:*^7}'.format('a', 'b', 'c', 'd') }} {{ '{:06.2f} {:,} {:_x} {:%} {:+} {:e}'.format(3.14159, 1234567, 65535, 0.25, 3, 12345.6) }} {{ '{!r:>6} {{}}'.format('a') }} {{ '{:{}}'.format('x', 4) }} {{ '{0:010,.1f}'.format(1234.56) }} {{ '{:#x} {:08b} {:c}'.format(255, 5, 97) }} {{ '{:.3} {:g} {:z.0f}'.format(1234.5, 0.1, -0.1) }}
{{ '%s %s'|format('a', 'b') }} {{ '%(x)s'|format(x=1) }} {{ 'abc'|center(8) }}| {{ 'abc'|center(7) }}| {{ 'ab'.center(5, '*') }} {{ 'a'.ljust(3, '-') }} {{ 'a'.rjust(3) }} {{ '-7'.zfill(4) }} {{ 'a\tb'.expandtabs(4) }}
{{ 'a b c d'|truncate(5) }} {{ 'abcdefghijklmnop'|truncate(9, true) }} {{ 'abcdefghij klm'|truncate(8, false, '..', 0) }} {{ 'short'|truncate(3) }} {{ 'a b_c 1é-d'|wordcount }} {{ 'a/b c&d=é'|urlencode }} {{ {'a b': 1, 'c': 'x/y'}|urlencode }} {{ {'class': 'a', 'id': none, 'x': '<'}|xmlattr }} {{ [1, 1000, 1500000, 10 ** 30]|map('filesizeformat')|join(', ') }} {{ 2048|filesizeformat(true) }}
{{ '<a>'|e }} {{ '<a>'|escape + '<b>' }} {{ ('<a>'|safe + '<b>') }} {{ '<b>' + '<a>'|safe }} {{ ('<i>%s</i>'|safe) % '<x>' }} {{ ('<i>{}</i>'|safe).format('<x>') }} {{ ('<a>'|safe) ~ '<b>' }} {{ ', '|e ~ ['<']|join('<'|safe) }} {{ ('-'|safe).join(['<', '>'|safe]) }} {{ '<'|safe|upper is escaped }} {{ '&lt;'|safe|e }} {{ '&lt;'|safe|forceescape }} {{ ['<'|safe] }} {{ ('a<'|safe).replace('a', '<') }}
{% for r, items in people|groupby('age') %}{{ r }}:{{ items|map(attribute='name')|join(',') }};{% endfor %}{{ (people|groupby('age'))[0].grouper }}{{ (people|groupby('tags', default='none'))|length if false }}{{ (['a', 'B', 'A']|map('list')|list|groupby(0))|list }}{{ [1, 2, 3, 4, 5]|slice(3)|list }}{{ [1, 2, 3, 4]|slice(3, 'x')|list }}
{{ {1: 'a', 2.5: 'b', none: 'c', true: 'd', (1, 2): 'e'} }}{{ {1: 'a'}[1.0] }}{{ {(1, 2): 'x'}[1, 2] }}{{ {'a': 1, 'a': 2} }}{{ {1: 'x'}|tojson }}{{ {none: 1, true: 2, 1.5: 3}|tojson }}{{ {2: 1, 1: 2}|tojson(sort_keys=true) }}{{ {'items': 1}.items is callable }}{{ {'items': 1}['items'] }}
{{ dict(**{'a': 1}) }}{{ dict([('a', 1)], b=2) }}{{ dict(*[{'x': 1}], **{'y': 2}) }}{{ range(*[1, 4])|list }}{{ range(5) }}{{ range(1, 9, 2)[1:3] }}{{ range(3) == [0, 1, 2] }}{{ range(3)|list == [0, 1, 2] }}{{ range(0, 10, 3)[-1] }}{{ range(3).index(2) }}{{ range(9)[::-2] }}
{{ people[0].items() }}{{ people[0].keys() }}{{ people[0].values()|list }}{{ people[0].items()|length }}{{ people[0].keys()[0] }}|{{ {'a': 1}.copy() }}{{ [1].copy() }}{{ {'a': 1}.keys() == {'a': 2}.keys() }}{{ ('a', 1) in {'a': 1}.items() }}
{% if words|select('equalto', 'none') %}generators are true{% endif %}{% set g = words|map('upper') %}{{ g|first }}{{ g|list }}{{ g|list }}{{ [1, 2]|map('nofilter') is iterable }}{{ []|map('nofilter')|list }}{{ none|map('upper')|list }}{{ 0|select|list }}{{ none|selectattr('x')|list }}
{{ words|map('upper')|length }}
{{ (words|map('upper'))[0] }}|{{ words|reverse|first }}|{{ {'a': 1}|items|list }}|{{ 'abc'|map('upper')|join('-') }}
{{ 5|length }}
{{ {}|items is mapping }}{{ nope|items|list }}{{ [1]|items|list }}
{% if no %}{{ 1|nofilter }}{{ 1 is notest }}{% endif %}{{ 1 if yes else 2|nofilter }}ok
{% if yes %}{{ 1|nofilter }}{% endif %}
{% for x in [] %}{{ 1|nofilter }}{% endfor %}
{% if no %}{% for x in [] %}{{ 1|nofilter }}{% endfor %}{% endif %}
{% if no %}{% include 'x' %}{% import 'y' as y %}{% from 'z' import a %}{% endif %}ok
{% include 'x' %}
{{ ''.__class__ }}{{ [''.__class__ is defined, nope is callable, range is callable] }}
{{ ''.__class__.__mro__ }}
{% with a = 1, b = five %}{{ a }}{{ b }}{% set a = 2 %}{{ a }}{% endwith %}{{ a }}{% with %}{% set q = 1 %}{% endwith %}{{ q is defined }}{% for i in [1, 2] %}{% with %}{% if i == 1 %}{% continue %}{% endif %}{% endwith %}{{ i }}{% endfor %}
{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% set (a, b), c = [1, 2], 3 %}{{ a }}{{ b }}{{ c }}{% set ns = namespace() %}{% set ns.a, x = 1, 2 %}{{ ns.a }}{{ x }}{{ ns }}
{% for x in nested recursive %}{{ x }}{{ loop.depth }}{% if x == 'a' %}[{{ loop(['p', 'q']) }}]{% endif %}{% endfor %}
{% for m in [1, 1, 2, 2] %}{{ loop.changed(m) }}{{ loop }}{% endfor %}{% for x in words|map('upper') %}{{ loop.index }}{{ loop.last }}{{ loop.nextitem }}{{ loop.length }}{% endfor %}
{% set ns = namespace(found=false) %}{% for x in words if not ns.found %}{{ x }}{% set ns.found = true %}{% endfor %}{% for x in [1] %}{% continue %}{% else %}E{% endfor %}{% for x in [1, 2] %}{% if x == 2 %}{% break %}{% endif %}{% else %}E{% endfor %}
{% set s = joiner(', ') %}{% for x in [1, 2, 3] %}{{ s() }}{{ x }}{% endfor %}{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set r = c.reset() %}{{ c.current }}
{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}{{ m.name }}{{ m.arguments }}{{ m }}{% macro n(a) %}{{ a }}{% endmacro %}{{ n(*[1]) }}{{ n(**{'a': 2}) }}
{% macro box(caller=none) %}[{{ caller() if caller }}]{% endmacro %}{{ box() }}{% call box() %}hi{% endcall %}
{% macro m() %}x{% endmacro %}{% call m() %}hi{% endcall %}
{% macro m(caller) %}{{ caller() }}{% endmacro %}
{% block a %}{{ five }}{% block b %}{{ x }}{% endblock b %}{% endblock %}{% for x in [1] %}{% block c %}{{ x }}{% endblock %}{% block d scoped %}{{ x }}{% endblock %}{% endfor %}{% print 1, 2 %}
{% block a %}{% endblock %}{% block a %}{% endblock %}
{{ none is sameas none }}{{ 1 is sameas 1 }}{{ [] is sameas [] }}{{ words is sameas words }}{{ 'upper' is filter }}{{ 'odd' is test }}{{ 'x' is filter }}{{ 3.0 is odd }}{{ 7.5 is divisibleby 2.5 }}
{{ [none, none]|sort }}{{ [{}, {}]|sort }}{{ people|sort(attribute='age,name')|map(attribute='name')|join }}{{ [[2, 'b'], [1, 'a']]|sort }}{{ [true, 0, 2]|sort }}{{ ['b', 'A']|min }}
{{ [1, 'a']|sort }}
{{ [none, none]|max }}
{{ [[1]]|unique|list }}
{{ 'a😀b'.replace('', '-') }}{{ 'a😀b'|replace('', '-', 2) }}{{ 'foo'|replace('o', 4) }}{{ 12|replace(1, 'x') }}{{ '😀x😀'.strip('😀') }}{{ '😁x'.strip('😀') }}{{ ['\ufffd', '😀']|sort }}{{ 'x😀y'.index('y') }}{{ '😀😀'.count('') }}{{ '😀😀ab'.find('b', 1, 4) }}
{{ 'İ'|lower }}{{ 'ß'.title() }}{{ 'ß'|upper }}{{ 'ﬁx'|capitalize }}{{ 'ΑΣ ΣΑΣ Σ'|lower }}{{ 'ǆ'.title() }}{{ 'ı'.upper() }}{{ 'aBc'.swapcase() }}{{ "ŉ Ⅷ"|title }}{{ 'ΑΣ-ΣΑ'|title }}
{{ '²'.isdigit() }}{{ '²'.isdecimal() }}{{ '½'.isnumeric() }}{{ '一'.isnumeric() }}{{ 'ª'.islower() }}{{ 'Ab Cd'.istitle() }}{{ 'é'.isascii() }}{{ ' '.isprintable() }}{{ '\u2028'.isprintable() }}{{ '😀'.isalpha() }}{{ '𝒜'.isupper() }}{{ '١٢'|int }}
{{ 'a,b,c'.partition(',') }}{{ 'a,b,c'.rpartition(',') }}{{ 'abc'.partition('-') }}{{ 'abcabc'.rindex('b', 0, 4) }}{{ 'abc'.startswith('b', 1) }}{{ 'abc'.endswith('b', 0, -1) }}{{ 'abc'.startswith('') }}{{ 'abc'.startswith('', 4) }}
{{ 'abc'.index('z') }}
{{ 'abc'.strip(chars='a') }}
{{ 'abc'.replace('a') }}
{{ true|abs }}{{ -3|abs }}{{ [1, 2]|sum(start=1) }}{{ [[1], [2]]|sum(start=[]) }}{{ ({'a': 1}|attr('items'))()|list }}{{ {'a': 1}|attr('a') is defined }}
{{ nope|int }}
{{ nope|sum }}{{ nope|upper }}|{{ nope|replace('a', 'b') }}|{{ nope|first is undefined }}{{ nope == nope }}{{ nope in [nope] }}{{ [nope] }}{{ 'a' in nope }}{{ {nope: 1} }}
{{ 1 < 'a' }}
{{ [1.0, 'é', '\U000f0000', '\x7f', '\xad'] }}{{ -7.5 // 2 }} {{ 7 % -3.5 }} {{ -0.0 // 1 }} {{ 1e16 }} {{ 123456789012345680.0 }} {{ 5e-324 }}
{{ [true, 1, none]|tojson }}{{ {'b': [1.5, {}]}|tojson(indent=1) }}{{ [1]|tojson(indent='--') }}{{ 'é\x7f😀'|tojson(ensure_ascii=true) }}{{ (1, 2)|tojson }}
{{ range(3)|tojson }}
{{ 'a' if 'x' is string else 'b' }}{{ x is defined and x or 'none' }}{{ [1, 2][0] if true }}{{ not none is none }}
{{ 'a'['b'] is defined }}{{ [1][true] }}{{ [1, 2][-1:][0] }}{{ 'abc'[::-1][:2] }}{{ [1, 2, 3][1:].index(3) }}{{ (1, 2) + (3,) }}{{ [0] * 2 + [1] }}{{ 2 * 'ab' }}{{ 'ab' * -1 }}
{{ [1] + (2,) }}
{% autoescape false %}{{ '<' }}{% endautoescape %}{% filter upper %}a{{ 'b' }}{% endfilter %}{% set x | trim | upper %} a {% endset %}{{ x }}
{% filter length %}abc{% endfilter %}
{{ "a" "b" ~ 'c' }}{{ 1if yes else 2 }}{{ [1,2,][0] }}{{ {'a':1,}['a'] }}{{ (1,) }}{{ 'a'|upper|lower|title }}
{{ strip }}|{{ tool.items is defined }}{{ tool.nothing }}|{{ words.x }}|{{ 'a'.b }}
{{ nope.attribute }}
{{ nope['item'] }}
{{ nope + 'x' }}
{{ 'x' + nope }}
{{ 'x' + 1 }}
{{ 1 + none }}
{{ 'x' - 1 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ nope() }}
{{ five() }}
{{ tool.zip() }}
{{ words.append('x') }}
{{ tool.update({}) }}
{% for x in 5 %}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% set a, b = 1 %}
{% set tool.x = 1 %}
{{ 1 < 'a' }}
{{ {} < {} }}
{{ 5 in 5 }}
{{ raise_exception('no ' ~ five) }}
{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{% endmacro %}{{ m(b=2) }}
{{ words|first(1, 2, 3) }}
{{ text|nofilter }}
{{ text is notest }}
{% notag %}
{% if yes %}
{% endif %}
{% if yes %}{% endfor %}
{% else %}
{{ yes
{{ 'yes }}
{{ (1, 2 }}
{{ [1, 2) }}
{{ }}
{{ 1 + }}
{{ a b }}
{{ $ }}
{% for x %}{% endfor %}
{% for 5 in words %}{% endfor %}
{% set 5 = 1 %}
{% set true = 1 %}
{% break %}
{# open
{% raw %} open
{% macro m(a=1, b) %}{% endmacro %}
{% call 5 %}{% endcall %}
{{ words[::0] }}
{{ range(1, 5, 0) }}
{{ x if }}
{{ 1 if true if true }}|{{ 1 if true if false }}|{{ 1 if false if true }}|{{ (1 if false if true) is undefined }}
{{ 1 if true if true else 2 }}|{{ 1 if false if true else 2 }}|{{ 1 if true if false else 2 }}|{{ 1 if false if false else 2 if true if true else 3 }}
{{ 'abc'|truncate(9223372036854775807) }}|{{ 'abc'|truncate(3, leeway=9223372036854775807) }}|{{ 'abcdefghijkl'|truncate(9, leeway=0) }}
{{ 'abc'.center(-(2**63)) }}|{{ 'abc'.ljust(-9223372036854775807) }}|{{ '-1'.zfill(-(2**63)) }}|{{ 'abc'|center(-(2**63)) }}
{{ (2**30000) ** -1 }}
{{ 2 ** -(2**30000) }}
{{ (2**30000) ** 0.5 }}
{{ (2**1024 - 2**970) / 1 }}|{{ (2**1024 - 2**970) * 1.0 }}|{{ (-(2**1023)) * 1.0 }}
{{ (2**1024) * 1.0 }}
{{ (10**5000)|round(-4500) == 10**5000 }}|{{ (10**5000)|round(-5001) }}|{{ (6 * 10**5000)|round(-5001) == 10**5001 }}|{{ 5|round(-1) }}|{{ 15|round(-1) }}|{{ 7|round(-1) }}
{{ range(2**20000, 2**20000 + 2) }}
{% set ns = namespace(l=none) %}{% for x in [1, 2, 3] if x == 1 or ns.l.length %}{% set ns.l = loop %}{{ x }}{% endfor %}
{% set ns = namespace(l=none) %}{% for x in [1, 2, 3] if x == 1 or ns.l.nextitem %}{% set ns.l = loop %}{{ x }}{% endfor %}
{% set ns = namespace(g=none) %}{% set ns.g = [ns]|map(attribute='g')|map('first') %}{{ ns.g|list|length }}
{{ 5.real }}|{{ 5 .imag }}|{{ five.numerator }}|{{ five.denominator }}|{{ -5.real }}|{{ 5.real + 1 }}|{{ 5['real'] }}|{{ 5|attr('real') }}|{{ 5.foo }}|{{ 5['foo'] }}
{{ true.real }}|{{ true.imag }}|{{ no.numerator }}|{{ yes.foo }}|{{ 2.5.real }}|{{ 2.5.imag }}|{{ pi.real }}|{{ pi.foo }}|{{ 5.real is defined }}|{{ none.real }}
{{ [five, 6]|map(attribute='real')|list }}|{{ [five]|map(attribute='imag')|join }}|{{ numbers|sum(attribute='real') }}|{{ '{0.real}'.format(5) }}
{{ 5.real.foo.bar }}
{{ five.real() }}
{{ 'a'.__class__ }}|{{ five.__class__ }}|{{ words.__len__ }}|{{ text.__len__ is defined }}|{{ tool.__class__ is defined }}|{{ none.__class__ }}|{{ range.__name__ }}
{{ words.append }}|{{ words.append is defined }}|{{ tool.update is defined }}|{{ tool.pop is defined }}
{% set ns = namespace(_a=1, __b=2) %}{{ ns._a }}|{{ ns['_a'] }}|{{ ns.__b is defined }}|{{ ns }}|{{ ({'_a': 3})._a }}{{ ({'__a': 3})['__a'] }}
{% set self = 5 %}{{ self }}{% macro m(self) %}{{ self }}{% endmacro %}{{ m(6) }}
{% for self in [1] %}{{ self }}{% endfor %}
{% for loop in [1] %}{{ loop }}{% endfor %}
{% for loop in [] %}{% endfor %}
{% for a, loop in [] %}{% endfor %}
{% for (a, (loop, b)) in [] %}{% endfor %}
{% for i in [1, 2] %}{% set loop = 5 %}{% endfor %}
{% for i in [1, 2] %}{% set a, loop = 5, 6 %}{% endfor %}
{% for i in [1, 2] %}{% set loop %}x{% endset %}{% endfor %}
{% for i in [1] %}{% if no %}{% set loop = 4 %}{% endif %}{{ i }}{% endfor %}
{% for i in [] %}x{% else %}{% set loop = 4 %}{% endfor %}
{% for i in [1] %}{% macro m() %}{% set loop = 3 %}{% endmacro %}{% endfor %}
{% for i in [1] %}{% block loops %}{% set loop = 3 %}{% endblock %}{% endfor %}
{% set loop = 5 %}{{ loop }}{% for i in [1] %}{{ loop.index }}{% endfor %}{{ loop }}{% for i in [1] %}{% with loop = 6 %}{{ loop }}{% endwith %}{% endfor %}
{% macro m(loop) %}{{ loop }}{% set loop = 7 %}{{ loop }}{% endmacro %}{% for i in [1, 2] %}{{ m(4) }}{% endfor %}{% for i in [1] %}{% macro loop() %}x{% endmacro %}{{ loop() }}{% endfor %}
{{ loop }}|{{ loop is defined }}|{% for i in [7] %}{% for j in [] %}x{% else %}{{ loop.index }}{% endfor %}{% endfor %}
{{ caller }}|{{ varargs }}|{{ kwargs is defined }}|{{ super }}{% set caller = 5 %}{% set varargs = 6 %}{{ caller }}{{ varargs }}
{{ caller() }}
{{ super() }}
{% set super = 5 %}{% block heir %}{{ super }}|{{ super is defined }}{% endblock %}{{ super }}
{% macro m(varargs) %}{{ varargs }}{% endmacro %}{{ m(1) }}
{% macro m(varargs) %}{{ varargs }}{% endmacro %}{{ m(1, 2) }}
{% macro m(kwargs) %}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(kwargs=2) }}
{% macro m(kwargs) %}{{ kwargs }}{% endmacro %}{{ m(1, a=2) }}
{% macro m() %}{% set varargs = 4 %}{{ varargs }}{% endmacro %}{{ m() }}
{% macro m() %}{% set varargs = 4 %}{{ varargs }}{% endmacro %}{{ m(1) }}
{% macro m() %}{{ varargs }}{% set varargs = 4 %}{{ varargs }}{% endmacro %}{{ m(1) }}
{% macro m() %}{% for varargs in [1] %}{{ varargs }}{% endfor %}{% endmacro %}{{ m(1) }}
{% macro m() %}{% block inner %}{{ varargs }}{% endblock %}{% endmacro %}{{ m(1) }}
{% macro m() %}{% macro n(varargs) %}{{ varargs }}{% endmacro %}{{ n(3) }}{{ varargs }}{% endmacro %}{{ m(1) }}
{% macro m() %}{% macro n() %}{{ varargs }}{% endmacro %}{{ n(3) }}{% endmacro %}{{ m(1) }}
{% macro m(caller=none) %}x{% endmacro %}{{ m.explicit_caller }}{% macro n() %}{% endmacro %}{{ n.explicit_caller }}
{% set c = cycler(1, 2) %}{{ c.items }}{{ c.pos }}{{ c.next() }}{{ c.pos }}{{ c.foo }}
{{ '123_456_789_012_345_678_901_234_567_890'|int }}|{{ 'zzzzzzzzzzzzzzzzzzzzzzzzz'|int(0, 36) }}|{{ '-0x1_ffff_ffff_ffff_ffff_ffff'|int(0, 16) }}|{{ '1__2'|int(7) }}|{{ '000000000000000000000000000001'|int }}|{{ '18446744073709551616'|int }}
{{ ('1_' * 4000 ~ '1')|int == ('1' * 4001)|int }}|{{ ('1' * 4300)|int|string|length }}
{% set c = cycler(1, 2) %}{{ c.items is sameas c.items }}|{% set d = cycler(c.items) %}{{ d.items }}{{ d.next() }}
{% set d = {range(3): 'a', range(0, 10, 4): 'b', range(0): 'c', (range(2),): 'd'} %}{{ d[range(0, 3, 1)] }}{{ d[range(0, 9, 4)] }}{{ d[range(5, 1)] }}{{ d[(range(2),)] }}{{ d[range(1, 4)] }}{{ [range(3), range(3), range(4)]|unique|list }}
{% set not = 5 %}
{% set is = 5 %}
{% set true = 5 %}
{% for none in [] %}{% endfor %}
{% macro m(True) %}{% endmacro %}
""".strip("\n")


def split(text):
    """Splits the text into templates. A template is one line, except those that are listed here with their number of lines."""
    lines, templates = text.split("\n"), []
    several = {  # the first line of a template: its number of lines
        "a {# comment #} b{#- left #} c {# right -#}   d{#": 4,
        "  {% if yes %}": 4,
        "x   {%+ if yes +%}": 3,
        "  {%+ if yes %} y{% endif %}": 5,
        "{% for x in [1, 2] -%}": 3,
        "{% for x in [1, 2] %}": 4,
    }
    while lines:
        count = several.get(lines[0], 1)
        templates.append("\n".join(lines[:count]))
        del lines[:count]
    return templates + ["trailing\n", "trailing\n\n", "windows\r\n{% if yes %}\r\nx\r\n{% endif %}\r\ny\r", ""]


def render(template):
    try:
        return ENVIRONMENT.from_string(template).render(**VARIABLES)
    except Exception as exception:  # any exception with which jinja2 or Python refuses the template
        print(f"refused: {template[:70]!r}: {exception}")
        return None


if __name__ == "__main__":
    path = pathlib.Path(__file__).parent.parent / "data" / "templates" / "features.jsonl"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps({"variables": VARIABLES}) + "\n")
        for template in split(TEMPLATES):
            file.write(json.dumps({"template": template, "rendered": render(template)}) + "\n")
