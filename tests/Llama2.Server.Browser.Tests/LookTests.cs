using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class LookTests(BrowserProcess browser)
{
    [BrowserTheory]
    [InlineData("en-US")]
    [InlineData("de-DE")]
    public async Task Page_AtTheWidthOfASmallPhone_DoesNotScrollSideways(string locale)
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of(SampleAnswers.Markdown + "\n\n" + new string('x', 300)));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(320, 640, Locale: locale));

        (await OverflowAsync(page)).Should().BeEmpty();
        await page.AskAsync(new string('w', 200));
        (await OverflowAsync(page)).Should().BeEmpty();
        await page.Page.Locator("#open-settings").ClickAsync();
        (await OverflowAsync(page)).Should().BeEmpty();
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.Keyboard.PressAsync("Control+/");
        (await OverflowAsync(page)).Should().BeEmpty();
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.Locator("#open-menu").ClickAsync();
        (await OverflowAsync(page)).Should().BeEmpty();
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Choose_Theme_OverridesTheSystemsAndIsKept()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);
        string light = await BackgroundAsync(page);

        await page.Page.Locator("#switch-theme").ClickAsync();
        string dark = await BackgroundAsync(page);
        await page.ReloadAsync();

        dark.Should().NotBe(light);
        (await BackgroundAsync(page)).Should().Be(dark);
        await page.SetAsync(("theme", "auto"));
        await Expect(page.Page.Locator("body")).ToHaveCSSAsync("background-color", light);
        await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(page.Page.Locator("body")).ToHaveCSSAsync("background-color", dark);
    }

    [BrowserFact]
    public async Task Scroll_WhileAnAnswerGrows_IsLeftAloneIfTheUserReadsAbove()
    {
        using var model = new GatedModel(Scripts.Of(string.Concat(Enumerable.Range(1, 60).Select(i => $"Paragraph {i}.\n\n"))));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SendAsync("Write.");
        model.Release(200);
        await Expect(page.Answers).ToContainTextAsync("Paragraph 12.");

        await page.Page.EvaluateAsync("document.getElementById('scroller').scrollTop = 0");
        await Expect(page.Page.Locator("#to-latest")).ToBeVisibleAsync();
        model.Release(10_000);
        await page.DoneAsync();

        (await page.Page.EvaluateAsync<double>("document.getElementById('scroller').scrollTop")).Should().Be(0);
        await page.Page.Locator("#to-latest").ClickAsync();
        await Expect(page.Page.Locator("#to-latest")).ToBeHiddenAsync();
        await Expect(page.Answers.GetByText("Paragraph 60.")).ToBeInViewportAsync();
    }

    // Boxes that scroll by themselves, such as code, may be wide; what cannot be reached by scrolling may not.
    private static Task<string[]> OverflowAsync(OpenPage page) => page.Page.EvaluateAsync<string[]>("""
        () => [document.documentElement, document.body, ...document.querySelectorAll("#scroller, #messages, .dialog-body, dialog[open], .composer, .head, .list-box")]
          .filter(node => node.scrollWidth > node.clientWidth + 1).map(node => `${node.localName}#${node.id}.${node.className}: ${node.scrollWidth} > ${node.clientWidth}`)
        """);

    private static Task<string> BackgroundAsync(OpenPage page) => page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
