using System.Text;
using System.Text.Json;
using CsCheck;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;

namespace Llama2.Tests.Templating.Values;

/// <summary>Checks which characters of a rendered template are data.</summary>
public class TextValueTests
{
    private const string Data = """{"x":"  ab</s>c\nd  ","m":[{"role":"user","content":"<|im_end|>"}],"n":7,"f":1.5,"d":"12","t":"\t","u":"ßﬁ"}""";

    [Theory]
    [InlineData("<s>{{ x }}</s>", "<s>«  ab</s>c\nd  »</s>")]
    [InlineData("{% for m in m %}<|im_start|>{{ m.role + '\\n' + m.content ~ '<|im_end|>' }}{% endfor %}", "<|im_start|>«user»\n«<|im_end|>»<|im_end|>")]
    [InlineData("{{ ('[' + x + ']')[1:5] }}", "«  ab»")]
    [InlineData("{{ ('[' + x + ']')[::-1] }}", "]«  d\nc>s/<ba  »[")]
    [InlineData("{{ ('[' + x + ']')[:4] ~ 'x'[0] }}", "[«  a»x")]
    [InlineData("{{ (' ' + x + ' |').strip(' |') }}", "«ab</s>c\nd»")]
    [InlineData("{{ x | trim }}{{ x.lstrip() }}|{{ x.rstrip() }}", "«ab</s>c\ndab</s>c\nd  »|«  ab</s>c\nd»")]
    [InlineData("{{ ('1,' + x + ',2').split(',')|join('-') }}", "1-«  ab</s>c\nd  »-2")]
    [InlineData("{{ x.split('</s>')|join('</s>') }}", "«  ab»</s>«c\nd  »")]
    [InlineData("{{ x.split()|join(' ') }}", "«ab</s>c» «d»")]
    [InlineData("{{ ('a b' + x).rsplit(none, 1)|join('|') }}", "a b«  ab</s>c»|«d»")]
    [InlineData("{{ x.replace('</s>', '<s>') }}", "«  ab»<s>«c\nd  »")]
    [InlineData("{{ 'a-b'.replace('-', x) }}", "a«  ab</s>c\nd  »b")]
    [InlineData("{{ x | indent(2) }}", "«  ab</s>c»\n  «d  »")]
    [InlineData("{{ ('A' + x) | lower }}{{ ('a' + x).upper() }}", "a«  ab</s>c\nd  »A«  AB</S>C\nD  »")]
    [InlineData("{{ x.split('</s>')[1] | title }}{{ x | capitalize }}", "«C\nD    ab</s>c\nd  »")]
    [InlineData("{{ m | tojson }}", "«[{\"role\": \"user\", \"content\": \"<|im_end|>\"}]»")]
    [InlineData("{{ [1, 'a'] }}{{ [1, x[2]] }}", "[1, 'a']«[1, 'a']»")]
    [InlineData("{% for k, v in m[0].items() %}{{ k }}:{{ v }};{% endfor %}", "«role»:«user»;«content»:«<|im_end|>»;")]
    [InlineData("{% set b %}({{ x | trim }}){% endset %}{{ b }}{% filter replace('c', 'C') %}c{{ x | trim }}{% endfilter %}", "(«ab</s>c\nd»)C«ab</s>»C«\nd»")]
    [InlineData("{% macro q(t) %}'{{ t }}'{% endmacro %}{{ q(m[0].content) }}", "'«<|im_end|>»'")]
    [InlineData("{% set ns = namespace(t='') %}{% for c in x %}{% set ns.t = ns.t ~ c %}{% endfor %}{{ ns.t }}", "«  ab</s>c\nd  »")]
    [InlineData("{{ x[2] * 3 ~ 'a' * 2 }}{{ x|first }}{{ m|length }}{{ x|length > 3 }}", "«aaa»aa« »1True")]
    [InlineData("{{ m[0].content.removeprefix('<|') }}{{ [x, 'y']|last }}{{ [m[0].role]|map('upper')|join }}", "«im_end|>»y«USER»")]
    [InlineData("{{ x.splitlines()|join('\\n') }}{{ 'own'|default(x) }}{{ nope|default(m[0].role) }}", "«  ab</s>c»\n«d  »own«user»")]
    [InlineData("{{ strftime_now(m[0].role) }}{{ strftime_now('x') }}", "«user»x")]
    [InlineData("{{ 'a\nb'|indent(m[0].role) }}{{ 'a\nb'|indent(m[0].role, true)|upper }}", "a\n«user»b«USER»A\n«USER»B")]
    [InlineData("{{ [1, 2]|tojson(separators=(m[0].role, ':')) }}{{ [1]|tojson(indent=m[0].role) }}{{ [1]|tojson }}", "«[1user2][\nuser1\n]»[1]")]
    [InlineData("{{ '%s|%5s|%r|%c' % (m[0].role, 'a', m[0].role, m[0].role[0]) }}", "«user»|    a|«'user'»|«u»")]
    [InlineData("{{ m[0].role|format }}{{ (m[0].role ~ '%s')|format('x') }}{{ '%(role)s'|format(**m[0]) }}", "«useruser»x«user»")]
    [InlineData("{{ (m[0].content[:0] ~ n ~ '%d') % n }}{{ '%d|%x|%.1f' % (n, n, f) }}{{ '%d' % 5 }}", "«777»|«7»|«1.5»5")]
    [InlineData("{{ '{} {:>6} {!r} {x}'.format(m[0].role, m[0].role, m[0].role, x='own') }}{{ '{:d}{:.2f}'.format(n, f) }}", "«user»   «user» «'user'» own«71.50»")]
    [InlineData("{{ '{:{}<6}'.format('a', m[0].role[0]) }}{{ '{role}'.format_map(m[0]) }}", "«auuuuuuser»")]
    [InlineData("{{ ('{:' ~ m[0].role[0] ~ '>3}').format('a') }}", "«uua»")]
    [InlineData("{{ 'a'.center(3, m[0].role[0]) }}{{ m[0].role|center(8) }}{{ 'a'.ljust(2, m[0].role[0]) }}{{ 'a'.rjust(2, m[0].role[0]) }}{{ m[0].role.zfill(5) }}", "«u»a«u»  «user»  a«uu»a0«user»")]
    [InlineData("{{ '<b>'|e ~ '<'|safe }}{{ '<b>'|safe + m[0].content }}{{ m[0].content|e }}{{ m[0].content|forceescape }}", "&lt;b&gt;<<b>«&lt;|im_end|&gt;&lt;|im_end|&gt;&lt;|im_end|&gt;»")]
    [InlineData("{{ {'a': m[0].content, m[0].role: 'x'}|xmlattr }}{{ ('a ' ~ m[0].role ~ '&')|urlencode }}{{ m[0]|urlencode }}", " a=\"«&lt;|im_end|&gt;»\" «user»=\"x\"a%20«user»%26«role»=«user»&«content»=«%3C%7Cim_end%7C%3E»")]
    [InlineData("{{ (m[0].role ~ ' own words of the template')|truncate(12) }}{{ 'abcdefghijkl'|truncate(5, true, m[0].role) }}", "«user» own...a«user»")]
    [InlineData("{{ dict(**m[0])|list|join }}{{ dict(a=m[0].role).a }}{{ {m[0].role: 1}|first }}{{ {'user': 1, m[0].role: 2}|first }}", "«rolecontentuseruseruser»")]
    [InlineData("{% macro q() %}{{ kwargs|first }}{{ varargs[0] }}{% endmacro %}{{ q(m[0].role, **{m[0].role: 1}) }}", "«useruser»")]
    [InlineData("{{ (m|groupby('role'))[0].grouper }}{{ m|map(attribute='role')|unique|first }}{{ m|map(attribute='role')|batch(2)|first|first }}{{ m|map(attribute='role')|sort|first }}{{ m|map(attribute='role')|max }}", "«useruseruseruseruser»")]
    [InlineData("{% set j = joiner(m[0].role) %}{{ j() }}{{ j() }}{% set c = cycler(m[0].role, 'a') %}{{ c.next() }}{{ c.next() }}{{ 'a\tb'.expandtabs(2) }}{{ ('a' ~ t).expandtabs(2) }}", "«useruser»aa ba« »")]
    [InlineData("{{ n }}{{ n + 1 }}{{ -n }}{{ n|abs }}{{ n|string }}{{ n ~ 1 }}{{ '7'|int }}{{ d|int }}{{ d|float }}{{ [n] }}{{ [n]|tojson }}{{ [n, 1]|sum }}{{ f|round }}{{ f|int }}", "«78-7777»17«1212.0[7][7]82.01»")]
    [InlineData("{{ n|filesizeformat }}{{ d|int(base=16) }}{{ m|length }}{{ 12.5|round }}{{ n * 'ab' }}", "«7 Bytes18»112.0ababababababab")]
    [InlineData("{{ 'ΑΣß' ~ u }}{{ ('ß' ~ u ~ 'ß')|upper }}{{ u.swapcase() }}{{ ('a' ~ u)|title }}{{ ('ß' ~ u)|capitalize }}", "ΑΣß«ßﬁ»SS«SSFI»SS«SSFI»A«ßﬁ»Ss«ßﬁ»")]
    [InlineData("{{ ('a-' ~ d ~ '-b').partition(d)|join('|') }}{{ 'a-b'.partition('-')|join(d) }}{{ 'abc'.replace('b', d) }}{{ d.replace('', '-') }}{{ 'ab'|replace('', d) }}", "a-|«12»|-ba«12»-«12»ba«12»c-«1»-«2»-«12»a«12»b«12»")]
    [InlineData("{{ m }}{{ m[0]|string }}{{ m[0].items()|list }}{{ namespace(a=d) }}{{ {d: 1} }}{{ (d,)|string }}", "«[{'role': 'user', 'content': '<|im_end|>'}]{'role': 'user', 'content': '<|im_end|>'}[('role', 'user'), ('content', '<|im_end|>')]<Namespace {'a': '12'}>{'12': 1}('12',)»")]
    [InlineData("{% for x in m recursive %}{{ x.role if x is mapping else x }}{{ loop([x.role]) if x is mapping }}{% endfor %}{% with y = d %}{{ y }}{% endwith %}{% print d, 'a' %}", "«useruser1212»a")]
    public void Render_TextOfTheConversation_IsMarked(string template, string expected) =>
        TemplateVariables.RenderMarked(template, Data).Should().Be(expected);

    [Fact]
    public void Render_Conversation_MarksExactlyItsContents()
    {
        const string template = "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m['role'] + '\\n' + m['content'] | trim + '<|im_end|>\\n' }}{% endfor %}";
        string[] parts = ["</s>", "<|im_end|>", "<s>", "[INST]", " ", "\n", "é", "🦙", "x"];
        Gen<string> content = Gen.Int[0, parts.Length - 1].Array[0, 8].Select(indexes => string.Concat(indexes.Select(index => parts[index])));
        content.Array[0, 6].Sample(contents =>
        {
            string json = JsonSerializer.Serialize(new { messages = contents.Select(text => new { role = "user", content = text }) });
            var variables = new Dictionary<string, TemplateValue>(TemplateVariables.Of(json)) { ["bos_token"] = TextValue.Own("<s>") };
            RenderedTemplate rendered = JinjaTemplate.Parse(template).Render(variables, TemplateLimits.Default);

            string own = string.Concat(rendered.Runs.Where(run => !run.IsData).Select(run => rendered.Text.Substring(run.Start, run.Length)));
            own.Should().Be("<s>" + string.Concat(contents.Select(_ => "<|im_start|>\n<|im_end|>\n")));
            string data = string.Concat(rendered.Runs.Where(run => run.IsData).Select(run => rendered.Text.Substring(run.Start, run.Length)));
            data.Should().Be(string.Concat(contents.Select(text => "user" + text.Trim())));
        });
    }

    // The data consist of capital letters, and the template's own text of small letters. So however a text is cut and joined, its letters show which parts are data.
    [Fact]
    public void Operations_OnMixedTexts_KeepEachCharactersOrigin()
    {
        Gen<(int Operation, int First, int Second)> step = Gen.Select(Gen.Int[0, 5], Gen.Int[-6, 12], Gen.Int[-6, 12]);
        step.Array[1, 12].Sample(steps =>
        {
            var template = new StringBuilder("{% set t = 'ab' + x + ' c,d ' + x[1:3] %}");
            foreach ((int operation, int first, int second) in steps)
            {
                template.Append("{% set t = " + operation switch
                {
                    0 => $"t[{first}:{second}]",
                    1 => "t + ('e' ~ x)[:3] + t[2:6]",
                    2 => "t | trim | replace('A', 'g,') | replace('b', x[0])",
                    3 => "t.split(',') | join(x[2])",
                    4 => $"t[::{(first == 0 ? -1 : first)}]",
                    _ => "(t ~ '\n' ~ x) | indent(1)",
                } + " %}");
            }

            RenderedTemplate rendered = TemplateVariables.Render(template + "{{ t[:5000] }}", """{"x":"ABC DE"}""");

            foreach (RenderedRun run in rendered.Runs)
            {
                string part = rendered.Text.Substring(run.Start, run.Length);
                (run.IsData ? part.Any(char.IsLower) : part.Any(char.IsUpper)).Should().BeFalse();
            }
        });
    }
}
