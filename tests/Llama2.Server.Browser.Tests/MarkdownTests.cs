using Llama2.Server.Browser.Tests.Browsing;

namespace Llama2.Server.Browser.Tests;

/// <summary>The renderer of Markdown by itself, in the page's own module.</summary>
[Collection(BrowserGroup.Name)]
public sealed class MarkdownTests(ModulePage modules) : IClassFixture<ModulePage>
{
    private readonly OpenPage _page = modules.Open;

    // The content of blocks, without the boxes in which they grow and without attributes.
    private const string Render = """
        async source => {
          const { MarkdownView } = await import("./page/markdown.js");
          return simplify(MarkdownView.of(source).root);
          function simplify(node) {
            if (node.nodeType === Node.TEXT_NODE) return node.data;
            const inner = [...node.childNodes].map(simplify).join("");
            const tag = node.localName;
            if (["div", "span", "svg", "path", "button", "tbody", "thead"].includes(tag)) return ["button", "svg", "path"].includes(tag) || node.className === "code-head" ? "" : inner;
            const marks = ["href", "start"].filter(name => node.hasAttribute(name)).map(name => ` ${name}=${node.getAttribute(name)}`).join("");
            return `<${tag}${marks}>${inner}</${tag}>`;
          }
        }
        """;

    [BrowserTheory]
    [InlineData("plain", "<p>plain</p>")]
    [InlineData("a *b* **c** ***d*** ~~e~~ _f_ __g__", "<p>a <em>b</em> <strong>c</strong> <em><strong>d</strong></em> <del>e</del> <em>f</em> <strong>g</strong></p>")]
    [InlineData("snake_case_name 2 * 3 * 4 **open", "<p>snake_case_name 2 * 3 * 4 **open</p>")]
    [InlineData("**a *b* c** *d **e** f*", "<p><strong>a <em>b</em> c</strong> <em>d <strong>e</strong> f</em></p>")]
    [InlineData("`a*b*` ``c`d`` `open", "<p><code>a*b*</code> <code>c`d</code> `open</p>")]
    [InlineData(@"\*a\* \<b\> c\d", @"<p>*a* <b> c\d</p>")]
    [InlineData("[a *b*](https://a.example/x_(y)) <https://b.example> https://c.example/d_e_f. (https://d.example)",
        "<p><a href=https://a.example/x_(y)>a <em>b</em></a> <a href=https://b.example/>https://b.example</a> <a href=https://c.example/d_e_f>https://c.example/d_e_f</a>. (<a href=https://d.example/>https://d.example</a>)</p>")]
    [InlineData("[a](relative) [b] [c](mailto:a@b.example)", "<p>[a](relative) [b] <a href=mailto:a@b.example>c</a></p>")]
    [InlineData("![a](https://a.example/b.png)", "<p><a href=https://a.example/b.png>a</a></p>")]
    [InlineData("a  \nb\\\nc<br>d", "<p>a<br></br>b<br></br>c<br></br>d</p>")]
    [InlineData("&amp; &lt;b&gt; &#65;&#x42; &nope;", "<p>& <b> AB &nope;</p>")]
    [InlineData("# One\n## Two ##\n#no\nSetext\n===\nSecond\n---", "<h3>One</h3><h4>Two</h4><h3>#no\nSetext</h3><h4>Second</h4>")]
    // No level is left out, wherever a model begins to count.
    [InlineData("### First\n#### Deeper\n# Top", "<h3>First</h3><h4>Deeper</h4><h3>Top</h3>")]
    [InlineData("a\n\n---\n\n***\nb", "<p>a</p><hr></hr><hr></hr><p>b</p>")]
    [InlineData("- a\n- b\n  - c\n    - d\n- e", "<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p><ul><li><p>d</p></li></ul></li></ul></li><li><p>e</p></li></ul>")]
    [InlineData("3. a\n4. b\n  - c", "<ol start=3><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ol>")]
    [InlineData("- a\n\n  more\n\n- b\n\nafter", "<ul><li><p>a</p><p>more</p></li><li><p>b</p></li></ul><p>after</p>")]
    [InlineData("text:\n- a\n- b", "<p>text:</p><ul><li><p>a</p></li><li><p>b</p></li></ul>")]
    [InlineData("- [x] a\n- [ ] b", "<ul><li>☑<p>a</p></li><li>☐<p>b</p></li></ul>")]
    [InlineData("> a\n> > b\nc\n\nd", "<blockquote><p>a</p><blockquote><p>b\nc</p></blockquote></blockquote><p>d</p>")]
    [InlineData("```py\nx = 1\n\n# y\n```\nz", "<pre><code>x = 1\n\n# y\n</code></pre><p>z</p>")]
    [InlineData("- a\n  ```\n  b\n\n  c\n  ```\n- d", "<ul><li><p>a</p><pre><code>b\n\nc\n</code></pre></li><li><p>d</p></li></ul>")]
    [InlineData("~~~\n```\n~~~\n````\n```\n````", "<pre><code>```\n</code></pre><pre><code>```\n</code></pre>")]
    [InlineData("| a | b |\n|---|:-:|\n| `c|d` | e \\| f |\n| g |\n\nh", "<table><tr><th>a</th><th>b</th></tr><tr><td><code>c|d</code></td><td>e | f</td></tr><tr><td>g</td><td></td></tr></table><p>h</p>")]
    [InlineData("a | b\n--|--\nc | d", "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>")]
    [InlineData("<b>bold</b> & <i>", "<p><b>bold</b> & <i></p>")]
    [InlineData("", "")]
    public async Task Of_Source_HasTheseElements(string source, string expected)
    {
        (await _page.Page.EvaluateAsync<string>(Render, source)).Should().Be(expected);

        _page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Append_TextInAnyPieces_GivesTheSameAsTheWholeText()
    {
        string[] differences = await _page.Page.EvaluateAsync<string[]>("""
            async () => {
              const { MarkdownView } = await import("./page/markdown.js");
              const parts = ["# Title\n", "text *with* `code`\n", "- a\n", "  - b\n", "\n", "1. c\n", "> q\n", "```js\nlet x = 1;\n", "```\n", "| a | b |\n|--|--|\n| c | d |\n", "---\n", "more", "**b**", "\r\n", "[l](https://a.example)", "~~~\n", "   ", "===\n"];
              let seed = 7;
              const random = count => (seed = (seed * 1103515245 + 12345) % 2147483648) % count;
              const differences = [];
              for (let round = 0; round < 300; round++) {
                const source = Array.from({ length: 1 + random(14) }, () => parts[random(parts.length)]).join("");
                const view = new MarkdownView();
                for (let at = 0; at < source.length;) {
                  const next = at + 1 + random(9);
                  view.append(source.slice(at, next));
                  at = next;
                }
                view.end();
                if (view.root.innerHTML !== MarkdownView.of(source).root.innerHTML) differences.push(JSON.stringify(source));
              }
              return differences;
            }
            """);

        differences.Should().BeEmpty();
    }

    // Elements that are made are counted, not time: twice the text may make twice the elements, and a bit more because a long block is built again at intervals.
    // The text comes in pieces of 50 units, as several tokens come in one frame.
    [BrowserTheory]
    [InlineData("\"word *word* \"", "one long line")]
    [InlineData("\"word *word*\\n\"", "one long paragraph")]
    [InlineData("\"word *word*\\n\\n\"", "many paragraphs")]
    [InlineData("\"- item *a*\\n\"", "a list")]
    [InlineData("\"| a | *b* |\\n\"", "a table", "\"| a | b |\\n|--|--|\\n\"")]
    [InlineData("\"let x = 1; // y\\n\"", "code", "\"```js\\n\"")]
    [InlineData("\"> \"", "quotes in quotes")]
    [InlineData("\"*a **b \"", "emphasis that never ends")]
    [InlineData("\"[a](\"", "links that never end")]
    [InlineData("\"`a\"", "code that never ends")]
    [InlineData("\"- \"", "lists in lists")]
    public async Task Append_LongText_MakesElementsInProportionToItsLength(string unit, string what, string begin = "\"\"")
    {
        int[] counts = await _page.Page.EvaluateAsync<int[]>($$"""
            async () => {
              const { MarkdownView } = await import("./page/markdown.js");
              const create = document.createElement;
              let count = 0;
              document.createElement = function (...values) { count++; return create.apply(this, values); };
              const measure = length => {
                count = 0;
                const view = new MarkdownView();
                view.append({{begin}});
                for (let i = 0; i < length; i += 50) view.append({{unit}}.repeat(50));
                view.end();
                return count;
              };
              const counts = [measure(4000), measure(8000)];
              document.createElement = create;
              return counts;
            }
            """);

        counts[1].Should().BeLessThan(counts[0] * 5 / 2, what);
        _page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Of_DeepNesting_HasLimitedDepth()
    {
        int depth = await _page.Page.EvaluateAsync<int>("""
            async () => {
              const { MarkdownView } = await import("./page/markdown.js");
              const depth = node => 1 + Math.max(0, ...[...node.children].map(depth));
              const sources = [">".repeat(5000) + "x", "- ".repeat(5000) + "x", "*a **b ".repeat(500) + "c** d*".repeat(500), "[".repeat(5000) + "a" + "](https://a.example)".repeat(5000)];
              return Math.max(...sources.map(source => depth(MarkdownView.of(source).root)));
            }
            """);

        depth.Should().BeLessThan(60);
    }

    [BrowserTheory]
    [InlineData("js", "const a = `b\nc`; // d", "keyword:const|string:`|string:b|string:c`|comment:// d")]
    [InlineData("python", "def f(x):\n  \"\"\"doc\n  more\"\"\"\n  return 0x1F # c", "keyword:def|name:f|string:\"\"\"|string:doc|string:  more\"\"\"|keyword:return|number:0x1F|comment:# c")]
    [InlineData("json", "{\"a\": [1.5e3, true, \"b\"]}", "key:\"a\"|number:1.5e3|keyword:true|string:\"b\"")]
    [InlineData("sql", "SELECT count(*) FROM t -- x", "keyword:SELECT|name:count|keyword:FROM|comment:-- x")]
    [InlineData("html", "<!-- a\nb --><p class=\"c\">", "comment:<!--|comment: a|comment:b -->|tag:<p|string:\"c\"|tag:>")]
    [InlineData("diff", "+a\n-b\n@@ c", "added:+a|removed:-b|comment:@@ c")]
    [InlineData("nothing", "const a = 1", "")]
    public async Task Code_Language_HasTheseColours(string language, string code, string expected)
    {
        string[] kinds = await _page.Page.EvaluateAsync<string[]>("""
            async ([language, code]) => {
              const { highlighterFor } = await import("./page/highlight.js");
              const highlight = highlighterFor(language);
              const pieces = code.split("\n").flatMap(line => {
                const found = highlight(line);
                if (found.map(piece => piece.text).join("") !== line) throw new Error("The pieces are not the line.");
                return found;
              });
              return pieces.filter(piece => piece.kind).map(piece => `${piece.kind}:${piece.text}`);
            }
            """, new[] { language, code });

        string.Join('|', kinds).Should().Be(expected);
    }
}
