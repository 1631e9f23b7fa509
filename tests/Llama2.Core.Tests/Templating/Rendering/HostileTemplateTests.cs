using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;

namespace Llama2.Tests.Templating.Rendering;

/// <summary>
/// Templates that would hang or break an interpreter without limits: each is refused before it has taken 100 ms or allocated 64 MiB.
/// </summary>
public class HostileTemplateTests
{
    private const string Doubling = "{% set ns = namespace(s='0123456789') %}{% for i in range(100000) %}{% set ns.s = ns.s + ns.s %}{% endfor %}";

    // Each loop takes its items from the generator of the previous loop, which is not finished.
    private const string LoopsInConditions = "{% set ns = namespace(l=none) %}{% macro m(p) %}{% for x in [1, 2] if x == 1 or p.nextitem %}{% set ns.l = loop %}{% break %}{% endfor %}{% endmacro %}";

    private const string LongKey = "{% set d = {'x' * 900000: 1} %}";

    private static readonly Dictionary<string, string> s_payloads = new()
    {
        ["nested loops"] = "{% for i in range(25000) %}{% for j in range(25000) %}{{ j }}{% endfor %}{% endfor %}",
        ["nested empty loops"] = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        ["huge range"] = "{% for i in range(10**9) %}x{% endfor %}",
        ["huge range of 64 bits"] = "{% for i in range(-9223372036854775807, 9223372036854775807) %}x{% endfor %}",
        ["many ranges"] = "{% for i in range(1000) %}{% set x = range(100000) %}{% endfor %}",
        ["repeated text"] = "{{ 'x' * 1000000000 }}",
        ["repeated text of 64 bits"] = "{{ 'xyz' * 9223372036854775807 }}",
        ["repeated list"] = "{{ [0] * 1000000000 }}",
        ["repeated repetitions"] = "{% for i in range(100000) %}{% set x = 'x' * 900000 %}{% endfor %}",
        ["doubled text"] = Doubling,
        ["doubled block"] = "{% set ns = namespace(s='0123456789') %}{% for i in range(99) %}{% set b %}{{ ns.s }}{{ ns.s }}{% endset %}{% set ns.s = b %}{% endfor %}",
        ["doubled list"] = "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        ["doubled by replace"] = "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s.replace('x', 'xxxx') %}{% endfor %}",
        ["doubled by join"] = "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s.join([ns.s, ns.s, ns.s]) %}{% endfor %}",
        ["doubled by indent"] = "{{ ('\\n' * 900)|indent(100000, true, true) }}",
        ["huge indent"] = "{{ 'x'|indent(2000000000) }}{{ {'a': 1}|tojson(indent=2000000000) }}",
        ["huge batch"] = "{{ [1]|batch(2000000000, 'x')|list }}",
        ["huge batch of 64 bits"] = "{{ [1]|batch(9223372036854775807, 'x')|list }}",
        ["huge bounds"] = "{{ 'abc'[-9223372036854775807:9223372036854775807:9223372036854775807] * 9223372036854775807 }}",
        ["many finds"] = "{% set a = 'a' * 900000 + 'b' %}{% for i in range(90000) %}{% set x = a.find('b') %}{% endfor %}",
        ["appended text"] = "{% set ns = namespace(s='') %}{% for i in range(100000) %}{% set ns.s = ns.s ~ 'some more words' %}{% endfor %}",
        ["long output"] = "{% for i in range(100000) %}0123456789012345{% endfor %}",
        ["equal texts"] = "{% set a = 'x' * 900000 %}{% set b = a + 'y' %}{% set c = a + 'y' %}{% for i in range(90000) %}{% if b == c %}{% endif %}{% endfor %}",
        ["quadratic search"] = "{% set a = 'a' * 900000 %}{% set b = 'a' * 400000 + 'b' + 'a' * 400000 %}{{ b in a }}{{ a.find(b) }}{{ a.replace(b, '') }}",
        ["quadratic strip"] = "{% set a = 'a' * 900000 %}{{ a.strip('b' * 900000 + 'a') }}",
        ["many searches"] = "{% set a = 'a' * 900000 %}{% for i in range(90000) %}{% if 'b' in a %}{% endif %}{% endfor %}",
        ["many cuts"] = "{% set a = ' ' * 900000 %}{% for i in range(90000) %}{% if a.strip() %}{% endif %}{% endfor %}",
        ["many parts"] = "{% set a = 'a ' * 450000 %}{% for i in range(9) %}{% set x = a.split() %}{% endfor %}",
        ["many characters"] = "{% set a = 'ab' * 450000 %}{% for i in range(9) %}{% for c in a %}{% endfor %}{% endfor %}",
        ["list in itself, over and over"] = "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        ["list twice in itself"] = "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        ["list twice in itself, as JSON"] = "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
        ["lists twice in themselves, compared"] = "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
        ["endless macro"] = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        ["macros that call each other"] = "{% macro a(n) %}{% if n %}{{ b(n) }}{% endif %}{% endmacro %}{% macro b(n) %}{{ a(n) }}{{ a(n) }}{% endmacro %}{{ a(1) }}",
        ["endless caller"] = "{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}{{ n() }}",
        ["deep parentheses"] = "{{ " + new string('(', 100_000) + "1" + new string(')', 100_000) + " }}",
        ["deep lists"] = "{{ " + new string('[', 100_000) + new string(']', 100_000) + " }}",
        ["deep items"] = "{{ x" + string.Concat(Enumerable.Repeat("[x", 100_000)) + " }}",
        ["deep calls"] = "{{ " + string.Concat(Enumerable.Repeat("f(", 100_000)) + " }}",
        ["deep not"] = "{{ " + string.Concat(Enumerable.Repeat("not ", 100_000)) + "x }}",
        ["deep signs"] = "{{ " + new string('-', 100_000) + "1 }}",
        ["deep conditionals"] = "{{ " + string.Concat(Enumerable.Repeat("1 if x else ", 50_000)) + "1 }}",
        ["deep if"] = string.Concat(Enumerable.Repeat("{% if true %}", 50_000)),
        ["deep for"] = string.Concat(Enumerable.Repeat("{% for i in [1] %}", 50_000)),
        ["deep tests"] = "{{ 1" + string.Concat(Enumerable.Repeat(" is eq (1", 100_000)) + " }}",
        ["long sum"] = "{{ 1" + string.Concat(Enumerable.Repeat("+1", 500_000)) + " }}",
        ["long chain of filters"] = "{{ 'x'" + string.Concat(Enumerable.Repeat("|trim", 200_000)) + " }}",
        ["many tags"] = string.Concat(Enumerable.Repeat("{{1}}", 200_000)),
        ["long template"] = new string('x', (1 << 20) + 1),
        ["attribute of many parts, by map"] = "{{ range(100000)|map(attribute='.' * 999999, default=0)|list|length }}",
        ["attribute of many parts, by sort"] = "{{ range(100000)|sort(attribute='.' * 999999)|length }}",
        ["attributes by sort"] = "{{ range(100000)|sort(attribute=',' * 999999)|length }}",
        ["attribute of many parts, by groupby"] = "{{ range(100000)|groupby('.' * 999999, default=0)|length }}",
        ["attribute of many parts, by selectattr"] = "{{ range(100000)|selectattr('.' * 999999)|list|length }}",
        ["copies by namespace"] = "{% set d = " + Dictionary(11_000) + " %}{% for i in range(100000) %}{% set x = namespace(d) %}{% endfor %}",
        ["copies by dict"] = "{% set d = " + Dictionary(11_000) + " %}{% for i in range(100000) %}{% set x = dict(d) %}{% endfor %}",
        ["copies by spreading"] = "{% set d = " + Dictionary(11_000) + " %}{% for i in range(100000) %}{% set x = dict(**d) %}{% endfor %}",
        ["copies by spreading items"] = "{% set d = range(90000) %}{% for i in range(100000) %}{% if range(*d) %}{% endif %}{% endfor %}",
        ["copies by views"] = "{% set d = " + Dictionary(11_000) + " %}{% for i in range(100000) %}{% set x = d.items() %}{% endfor %}",
        ["keywords of a macro"] = "{% macro m(" + Parameters(5000, "") + ") %}{% endmacro %}{% for i in range(1000) %}{{ m(" + Parameters(5000, "=1") + ") }}{% endfor %}",
        ["keywords that a macro collects"] = "{% set d = " + Dictionary(11_000) + " %}{% macro m() %}{{ kwargs }}{% endmacro %}{% for i in range(1000) %}{{ m(**d) }}{% endfor %}",
        ["keywords of format"] = "{% set d = " + Dictionary(11_000) + " %}{% for i in range(1000) %}{{ '%(k1)s'|format(**d) }}{{ '{k1}'.format(**d) }}{% endfor %}",
        ["long keys"] = "{% set k = 'x' * 900000 %}{% set d = {k: 1} %}{% for i in range(100000) %}{% if k in d %}{% endif %}{{ d[k] }}{% endfor %}",
        ["tuples as keys"] = "{% set ns = namespace(t=(1,)) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1} }}",
        ["generators of generators"] = "{% set ns = namespace(g=[1]) %}{% for i in range(90000) %}{% set ns.g = ns.g|map('string') %}{% endfor %}{{ ns.g|list }}",
        ["generators in namespaces"] = "{% set ns = namespace(n=namespace(g=[[1]])) %}{% for i in range(90000) %}{% set ns.n = namespace(g=[ns.n]|map(attribute='g')|map('first')) %}{% endfor %}{{ ns.n.g|list }}",
        ["namespace in itself"] = "{% set ns = namespace() %}{% set ns.self = [ns] %}{{ ns }}",
        ["endless recursive loop"] = "{% set x = [1] %}{% for i in x recursive %}{{ loop(x) }}{% endfor %}",
        ["nested searches that nearly match"] = "{% set a = 'a' * 900000 %}{% set b = 'a' * 31 + 'b' %}{% for i in range(1000) %}{% if (b ~ 'a') in a or b in a %}{% endif %}{% endfor %}",
        ["search backwards that nearly matches"] = "{% set a = 'a' * 900000 %}{% set b = 'b' + 'a' * 400000 %}{% for i in range(1000) %}{{ a.rfind(b) }}{% endfor %}",
        ["replace over and over"] = "{% set a = 'ab' * 400000 %}{% for i in range(1000) %}{% set x = a.replace('ab', 'c') %}{% endfor %}",
        ["many words in titles"] = "{% set a = 'Σ' * 900000 %}{% for i in range(1000) %}{% set x = a|title %}{% endfor %}",
        ["sigmas between marks"] = "{% set a = ('Σ' + '.' * 1000) * 900 %}{% for i in range(1000) %}{% set x = a|lower %}{% endfor %}",
        ["precision of a format"] = "{{ '%.999999999f' % 1.5 }}",
        ["precision by method"] = "{{ '{:.999999999f}'.format(1.5) }}",
        ["width from an argument"] = "{{ '%*d' % (999999999, 1) }}",
        ["fields in fields"] = "{{ ('{:' * 900 + '}' * 900).format('x') }}",
        ["many fields"] = "{% set f = '{0[a]}' * 100000 %}{% for i in range(100) %}{% set x = f.format({'a': 1}) %}{% endfor %}",
        ["large integers"] = "{% set ns = namespace(n=3) %}{% for i in range(100000) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
        ["products of large integers"] = "{% set n = 3 ** 40000 %}{% for i in range(100000) %}{% set x = n * 7 // 5 * n % 11 %}{% endfor %}",
        ["digits of a large integer"] = "{{ 10 ** 5000 }}",
        ["grouped digits"] = "{{ '{:0999999999,}'.format(1) }}",
        ["tabs"] = "{{ ('\t' * 900).expandtabs(999999999) }}",
        ["zeros"] = "{{ '1'.zfill(999999999) }}",
        ["slices of one list"] = "{{ [1]|slice(999999999)|list }}",
        ["groups over and over"] = "{% set x = range(90000)|list %}{% for i in range(100) %}{% set y = x|groupby('a', default=1) %}{% endfor %}",
        ["escapes"] = "{% set a = '<' * 190000 %}{% for i in range(1000) %}{% set x = a|e %}{% endfor %}",
        ["queries"] = "{% set a = 'é' * 150000 %}{% for i in range(1000) %}{% set x = a|urlencode %}{% endfor %}",
        ["loops in a row"] = "{% set ns = namespace(c=0) %}{% for x in range(100000) if loop is undefined %}{% for y in range(100000)|select %}{% set ns.c = ns.c + y %}{% endfor %}{% endfor %}",
        ["loops in each other's conditions"] = LoopsInConditions + "{% for i in range(100) %}{{ m(ns.l) }}{% endfor %}{{ ns.l.nextitem }}",
        ["loops in each other's conditions, printed"] = LoopsInConditions + "{% for i in range(100) %}{{ m(ns.l) }}{% endfor %}{{ ns.l }}",
        ["loops in each other's conditions, counted"] = LoopsInConditions + "{% for i in range(100) %}{{ m(ns.l) }}{% endfor %}{{ ns.l.length }}",
        ["loop in its own condition"] = "{% set ns = namespace(l=0) %}{% for x in [1, 2] if x == 1 or ns.l.length %}{% set ns.l = loop %}{% endfor %}",
        ["generator of itself"] = "{% set ns = namespace() %}{% set ns.g = [ns]|map(attribute='g')|map('first') %}{{ ns.g|list }}",
        ["tab of 64 bits"] = "{{ '\n\t'.expandtabs(9223372036854775807) }}",
        ["reciprocal of a large integer"] = "{{ (2 ** 30000) ** -1 }}",
        ["range of large integers"] = "{% set n = 2 ** 30000 %}{{ range(n, n + 90000) }}",
        ["bounds of ranges"] = "{% set n = 2 ** 32000 %}{% set n = n * n %}{% for i in range(90000) %}{% set x = range(n, -n, n // 3) %}{% endfor %}",
        ["printed ranges"] = "{% set n = 2 ** 30000 %}{% set r = range(n, n + 1) %}{% for i in range(90000) %}{{ [r] }}{% endfor %}",
        ["long keys by dict"] = LongKey + "{% for i in range(1000) %}{% set x = dict(d) %}{% endfor %}",
        ["long keys by namespace"] = LongKey + "{% for i in range(1000) %}{% set x = namespace(d) %}{% endfor %}",
        ["long keys by format"] = LongKey + "{% for i in range(1000) %}{% set x = ''|format(**d) %}{% endfor %}",
        ["long keys by a macro"] = LongKey + "{% macro m() %}{% if kwargs %}{% endif %}{% endmacro %}{% for i in range(1000) %}{{ m(**d) }}{% endfor %}",
        ["long name"] = "{% for i in range(100000) %}{{ " + new string('a', 900_000) + " }}{% endfor %}",
        ["names behind many scopes"] = Scopes(58) + "{% for i in range(50000) %}{% if " + Alternatives("n") + " %}{% endif %}{% endfor %}" + string.Concat(Enumerable.Repeat("{% endwith %}", 58)),
        ["long names behind many scopes"] = Scopes(58) + "{% for i in range(50000) %}{% if " + Alternatives(new string('n', 1000)) + " %}{% endif %}{% endfor %}" + string.Concat(Enumerable.Repeat("{% endwith %}", 58)),
        ["long names of parameters"] = "{% macro m(" + string.Join(",", Enumerable.Range(0, 900).Select(i => new string('n', 990) + i)) + ") %}{% endmacro %}{% for i in range(100000) %}{{ m() }}{% endfor %}",
        ["unknown filters behind much text"] = new string('x', 800_000) + "{% if false %}" + string.Concat(Enumerable.Repeat("{{x|nope}}", 12_000)) + "{% endif %}",
        ["unknown tests behind many lines"] = new string('\n', 700_000) + "{% if false %}" + string.Concat(Enumerable.Repeat("{{x is nope}}", 12_000)) + "{% endif %}",
        ["equal tuples of the same items"] = "{% set t = (1,) * 90000 %}{% set u = (1,) * 90000 %}{% for i in range(100000) %}{% if t == u %}{% endif %}{% endfor %}",
        ["ordered tuples of the same items"] = "{% set t = (1,) * 90000 %}{% set u = (1,) * 90000 %}{% for i in range(100000) %}{% if t < u %}{% endif %}{% endfor %}",
        ["equal dicts"] = "{% set d = " + Dictionary(11_000) + " %}{% set e = dict(d) %}{% for i in range(100000) %}{% if d == e %}{% endif %}{% endfor %}",
        ["digits read as a float"] = "{% set a = '1' * 900000 %}{% for i in range(100000) %}{% set x = a|float %}{% endfor %}",
        ["digits and underscores read as a float"] = "{% set a = '1_' * 400000 ~ '1' %}{% for i in range(100000) %}{% set x = a|float %}{% endfor %}",
        ["digits read as an integer"] = "{% set a = '1' * 4300 %}{% for i in range(100000) %}{% set x = a|int %}{% endfor %}",
        ["digits of base 36 read as an integer"] = "{% set a = 'z' * 4300 %}{% for i in range(100000) %}{% set x = a|int(0, 36) %}{% endfor %}",
        ["printed large integers"] = "{% set a = 10 ** 4290 %}{% for i in range(100000) %}{% set x = a|string %}{% endfor %}",
        ["items of a cycler"] = "{% set c = cycler(" + string.Join(",", Enumerable.Repeat("1", 20_000)) + ") %}{% for i in range(100000) %}{% if c.items == c.items %}{% endif %}{% endfor %}",
        ["cyclers in cyclers"] = "{% set ns = namespace(c=cycler(1)) %}{% for i in range(90000) %}{% set ns.c = cycler(ns.c.items) %}{% endfor %}{{ ns.c.items }}",
        ["range as a key"] = "{% set r = range(90000) %}{% for i in range(100000) %}{% set x = {r: 1} %}{{ x[range(90000)] }}{% endfor %}",
        ["ranges told apart"] = "{% set r = [range(50000)] * 9 %}{% for i in range(100000) %}{% set x = r|unique|list %}{% endfor %}",
        ["unpacked tuples"] = "{% set t = (1,) * 9000 %}{% for i in range(100000) %}{% set " + Parameters(9000, "") + " = t %}{% endfor %}",
        ["unpacked tuples by loops"] = "{% set t = [(1,) * 9000] * 100 %}{% for i in range(100000) %}{% for " + Parameters(9000, "") + " in t %}{% endfor %}{% endfor %}",
        ["variables by with"] = "{% for i in range(100000) %}{% with " + Parameters(9000, "=1") + " %}{% endwith %}{% endfor %}",
        ["digits of a float"] = "{% for i in range(100000) %}{% set x = '{:.4000g}'.format(1.1e300) %}{% endfor %}",
        ["digits of a float, by '%'"] = "{% for i in range(100000) %}{% set x = '%.1000f' % 1.1e300 %}{% endfor %}",
        ["rounded floats"] = "{% for i in range(100000) %}{% set x = 1.5|round(300) %}{% set x = 1.5|round(-300) %}{% endfor %}",
        ["class of a text"] = "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        ["class by item"] = "{{ ''['__class__']['__mro__'] }}",
        ["class by map"] = "{{ ['']|map(attribute='__class__.__mro__')|list }}",
        ["globals of a function"] = "{{ range.__globals__.os }}",
        ["globals of a macro"] = "{% macro m() %}{% endmacro %}{{ m['__globals__']['os'].popen('id').read() }}",
        ["class by filter"] = "{{ ''|attr('__class__')|attr('__mro__') }}",
        ["class by format"] = "{{ '{0.__class__.__mro__}'.format('') }}",
        ["self"] = "{{ self.__init__.__globals__ }}",
        ["cycler"] = "{{ cycler.__init__.__globals__.os }}",
        ["lipsum"] = "{{ lipsum(n=100000) }}",
        ["huge integer"] = "{{ 1" + new string('0', 4300) + " }}",
        ["huge power"] = "{{ 10 ** 10 ** 10 ** 10 ** 10 }}",
        ["huge product"] = "{{ (2 ** 40000) * (2 ** 40000) }}",
        ["huge quotient"] = "{{ (2 ** 60000) / 3 }}",
        ["huge float"] = "{{ 10.0 ** 1000 }}",
        ["format width"] = "{{ '%1000000000d' % 1 }}",
        ["format width by filter"] = "{{ '%1000000000d'|format(1) }}",
        ["format width by method"] = "{{ '{:1000000000}'.format(1) }}",
        ["padding"] = "{{ 'x'.ljust(1000000000) }}{{ 'x'|center(1000000000) }}",
        ["long time format"] = "{{ strftime_now('%c' * 500000) }}",
        ["sorted over and over"] = "{% set x = range(100000)|list %}{% for i in range(1000) %}{% set y = x|sort(reverse=true) %}{% endfor %}",
        ["unique of many"] = "{% for i in range(1000) %}{% set x = range(100000)|unique|list %}{% endfor %}",
    };

    public static TheoryData<string> Names => [.. s_payloads.Keys];

    private static string Dictionary(int count) => "{" + string.Join(",", Enumerable.Range(0, count).Select(i => $"'k{i}':1")) + "}";

    private static string Scopes(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"{{% with w{i} = 1 %}}"));

    private static string Alternatives(string name) => string.Join(" or ", Enumerable.Repeat(name, 20));

    private static string Parameters(int count, string suffix) => string.Join(",", Enumerable.Range(0, count).Select(i => $"a{i}{suffix}"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_HostileTemplate_IsRefusedSoonAndCheaply(string name)
    {
        Action render = () => TemplateVariables.Render(s_payloads[name]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        render.Should().Throw<PromptTemplateException>();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(64 << 20);

        TimeLimit.Verify(TimeSpan.FromMilliseconds(100), () => render.Should().Throw<PromptTemplateException>(), attemptCount: 50);
    }

    [Theory]
    [InlineData("loops")]
    [InlineData("namespaces")]
    public void Render_DeepCallsBehindDeepSource_AreRefusedBeforeTheStackEnds(string kind)
    {
        string open = new('[', 50), close = new(']', 50);
        string template = kind == "loops"
            ? LoopsInConditions.Replace("p.nextitem", open + "p.nextitem" + close, StringComparison.Ordinal) + "{% for i in range(63) %}{{ m(ns.l) }}{% endfor %}{{ ns.l.nextitem }}"
            : "{% set ns = namespace(x=1) %}{% for i in range(64) %}{% set ns.x = namespace(x=" + open + "ns.x" + close + ") %}{% endfor %}{{ ns.x }}";

        OnSmallStack(() => new Action(() => TemplateVariables.Render(template)).Should().Throw<PromptTemplateException>());
    }

    [Fact]
    public void Render_LongChainOfConditions_IsEvaluatedWithoutRecursion()
    {
        string chain = string.Concat(Enumerable.Repeat(" if 1", 24_000));

        OnSmallStack(() =>
        {
            TemplateVariables.Render("{{ 1" + chain + " }}").Text.Should().Be("1");
            TemplateVariables.Render("{{ 1 if 0" + chain + " else 2 }}").Text.Should().BeEmpty();
            TemplateVariables.Render("{{ 1" + chain + " if 0 else 2 }}").Text.Should().Be("2");
        });
    }

    [Fact]
    public void Render_HostileConversation_IsRefused()
    {
        string deep = new string('[', 60) + new string(']', 60);

        new Action(() => TemplateVariables.Render("{{ [[[[[[x]]]]]] }}", $$"""{"x":{{deep}}}""")).Should().Throw<PromptTemplateException>();
        new Action(() => TemplateVariables.Render("{{ x }}", $$"""{"x":1{{new string('0', 4300)}}}""")).Should().Throw<PromptTemplateException>();
        new Action(() => TemplateVariables.Render("{{ x }}", """{"x":"\ud800"}""")).Should().Throw<PromptTemplateException>();
        new Action(() => TemplateVariables.Render("{{ x * 2 }}", $$"""{"x":"{{new string('x', 600_000)}}"}""")).Should().Throw<PromptTemplateException>();
        TemplateVariables.Render("{{ x }}", $$"""{"x":"{{new string('x', 1_000_000)}}"}""").Text.Should().HaveLength(1_000_000);
    }

    [Fact]
    public void Render_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        JinjaTemplate template = JinjaTemplate.Parse("{% for i in range(100000) %}{{ i }}{% endfor %}");
        stop.Cancel();

        new Action(() => template.Render(TemplateVariables.None, TemplateLimits.Default, stop.Token)).Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Render_CancelledOnTheWay_Stops()
    {
        using var stop = new CancellationTokenSource();
        JinjaTemplate template = JinjaTemplate.Parse("{{ strftime_now('%Y') }}{% for i in range(50000) %}{{ i }}{% endfor %}");
        Action render = () => template.Render(TemplateVariables.None, TemplateLimits.Default, new CancellingClock(stop), stop.Token);

        render.Should().Throw<OperationCanceledException>();
    }

    [Theory]
    [InlineData("{{ range(90000)|sort(attribute=strftime_now('a'))|length }}")]
    [InlineData("{{ (strftime_now('a') * 400000).replace('a', 'bc')|length }}{% for i in range(500) %}{{ i }}{% endfor %}")]
    [InlineData("{{ ([strftime_now('a')] * 50000)|join(',')|length }}")]
    [InlineData("{{ ([strftime_now('a')] * 50000)|map('upper')|list|length }}")]
    [InlineData("{{ (strftime_now('a') * 500000)|list|length }}")]
    [InlineData("{{ (strftime_now('é') * 900000)|upper|length }}")]
    [InlineData("{{ ('x' * 900000).find(strftime_now('y') * 500)  }}{{ ('x' * 900000).find('y' * 500) }}")]
    public void Render_CancelledWithinOneOperation_Stops(string source)
    {
        using var stop = new CancellationTokenSource();
        JinjaTemplate template = JinjaTemplate.Parse(source);
        Action render = () => template.Render(TemplateVariables.None, TemplateLimits.Default, new CancellingClock(stop), stop.Token);

        render.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Render_ForLongerThanTheLimit_IsRefused()
    {
        JinjaTemplate template = JinjaTemplate.Parse("{% for i in range(50000) %}{{ i }}{% endfor %}");
        Action<int> render = milliseconds => template.Render(TemplateVariables.None, TemplateLimits.Default, new SlowClock(milliseconds), CancellationToken.None);

        // The clock advances each time it is read, which happens a few tens of times.
        render(1);
        new Action(() => render(10_001)).Should().Throw<PromptTemplateException>().WithMessage("*too long*10 seconds*");
    }

    // The stack has half of the default size on Windows, so that 63 calls below 50 nested levels of the source do not fit, however small the JIT's stack frames are.
    private static void OnSmallStack(Action check)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(check), maxStackSize: 1 << 19);
        thread.Start();
        thread.Join();
        failure.Should().BeNull();
    }

    /// <summary>Advances by some milliseconds each time it is read.</summary>
    private sealed class SlowClock(int milliseconds) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now += milliseconds;
    }

    /// <summary>Cancels the token when the time of day is read.</summary>
    private sealed class CancellingClock(CancellationTokenSource stop) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            stop.Cancel();
            return DateTimeOffset.UnixEpoch;
        }
    }
}
