using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

/// <summary>A model writes whatever a prompt makes it write. On the page that is text: nothing runs, nothing is loaded, and nothing looks like another thing.</summary>
[Collection(BrowserGroup.Name)]
public sealed class HostileAnswerTests(BrowserProcess browser)
{
    public static TheoryData<string> Answers =>
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)> <svg onload=alert(1)> <iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<style>* { display: none }</style><link rel=stylesheet href=https://evil.example/a.css><base href=https://evil.example/>",
        "<a href=\"javascript:alert(1)\">a</a> <form action=https://evil.example><button>b</button></form> <details open ontoggle=alert(1)>",
        "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](java\tscript:alert(1)) [d](<javascript:alert(1)>) [e](&#106;avascript:alert(1)) [f](\u0001javascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>) [b](vbscript:msgbox) [c](file:///etc/passwd) [d](//evil.example) [e](/v1/models) [f](blob:x)",
        "![a](https://evil.example/a.png) ![b](data:image/svg+xml,<svg onload=alert(1)>) ![c](javascript:alert(1))",
        "<javascript:alert(1)> <data:text/html,x> https://evil.example/\" onmouseover=\"alert(1)",
        "[a](https://evil.example/\" onclick=\"alert(1)) [b](https://evil.example \"x\" onclick=alert(1))",
        "```html\n<script>alert(1)</script>\n```\n```\"><img src=x onerror=alert(1)>\nx\n```\n`<script>alert(1)</script>`",
        "| <script>alert(1)</script> | <img src=x onerror=alert(1)> |\n|---|---|\n| [a](javascript:alert(1)) | `<svg onload=alert(1)>` |",
        "# <img src=x onerror=alert(1)>\n> <script>alert(1)</script>\n\n- <svg onload=alert(1)>\n1. </li></ol></div><script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62; &#0; &#xD800; &#x110000;",
        "**unclosed *nested `code\n```\nnever ends <script>alert(1)</script>",
        "</div></article></main></body></html><script>alert(1)</script>",
        "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= alert(1) %>",
    ];

    [BrowserTheory]
    [MemberData(nameof(Answers))]
    public async Task Answer_WithMarkup_IsTextAndNothingRuns(string answer)
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of(answer));
        await using OpenPage page = await browser.OpenAsync(server);

        // The same text as the user's message too.
        await page.AskAsync(answer);
        ILocator shown = page.Answers.Locator(".answer");
        foreach (ILocator link in await shown.Locator("a, summary, [tabindex]").AllAsync())
            await link.HoverAsync();

        // Only elements that the page itself makes.
        (await shown.Locator("script, style, link, base, img, iframe, object, embed, form, svg:not(.icon), video, audio, meta, input").CountAsync()).Should().Be(0);
        (await page.Page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll(".message *")].flatMap(node => [...node.attributes])
                .filter(attribute => attribute.name.startsWith("on") || /^(src|srcdoc|style|formaction|action)$/.test(attribute.name) || attribute.name === "href" && !/^(https?|mailto):/.test(attribute.value))
                .map(attribute => attribute.name + "=" + attribute.value)
            """)).Should().BeEmpty();
        (await page.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.message a')].filter(a => a.rel !== 'noopener noreferrer nofollow').map(a => a.href)")).Should().BeEmpty();
        await Expect(page.Questions.Locator(".plain")).ToHaveTextAsync(answer);
        page.Faults.Should().BeEmpty();
        await StillWorksAsync(page);
    }

    [BrowserFact]
    public async Task Answer_WithCharactersThatTurnText_ShowsThemInCodeAndIsolatesThemElsewhere()
    {
        const string Answer = "`if (isAdmin\u202e\u2066// check\u2069\u2066) {`\n\n[pay\u202egro.live](https://evil.example/)\n\nBegin \u202eturned";
        await using PageServer server = await PageServer.StartAsync(Scripts.Of(Answer));
        await using OpenPage page = await browser.OpenAsync(server);

        await page.AskAsync("Well?");

        await Expect(page.Answers.Locator("code")).ToHaveTextAsync("if (isAdmin⟨U+202E⟩⟨U+2066⟩// check⟨U+2069⟩⟨U+2066⟩) {");
        await Expect(page.Answers.Locator("a")).ToHaveAttributeAsync("title", "evil.example");
        (await page.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.answer p, .answer a')].map(node => getComputedStyle(node).unicodeBidi)")).Should().OnlyContain(value => value == "isolate");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Policy_CodeThatIsAddedToThePage_DoesNotRun()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);

        // Each attempt is reported as a violation of its directive.
        string[] violations = await page.Page.EvaluateAsync<string[]>("""
            async () => {
              const violations = [];
              const attempt = act => new Promise(resolve => {
                document.addEventListener("securitypolicyviolation", event => resolve(violations.push(event.effectiveDirective)), { once: true });
                try { Promise.resolve(act()).catch(() => {}); } catch { /* Refused; the event follows. */ }
              });
              await attempt(() => { document.createElement("div").innerHTML = "<b>x</b>"; });
              await attempt(() => fetch("https://evil.example/"));
              await attempt(() => { new Image().src = "https://evil.example/a.png"; });
              await attempt(() => { new Image().src = "data:image/gif;base64,R0lGODlhAQABAAAAACw="; });
              await attempt(() => document.body.append(Object.assign(document.createElement("iframe"), { src: "https://evil.example/" })));
              await attempt(() => document.body.setAttribute("style", "color: red"));
              await attempt(() => trustedTypes.createPolicy("any", {}));
              return violations;
            }
            """);

        violations.Should().Equal("require-trusted-types-for", "connect-src", "img-src", "img-src", "frame-src", "style-src-attr", "trusted-types");
    }

    private static async Task StillWorksAsync(OpenPage page)
    {
        await page.Page.Locator("#open-settings").ClickAsync();
        await Expect(page.Page.Locator("#settings")).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator("#settings")).ToBeHiddenAsync();
    }
}
