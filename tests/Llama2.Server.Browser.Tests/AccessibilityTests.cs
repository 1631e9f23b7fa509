using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Llama2.Extensions.Tests;
using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class AccessibilityTests(BrowserProcess browser)
{
    /// <summary>Both colours, at the width of a desk and of a phone.</summary>
    public static TheoryData<bool, int> Looks => new() { { false, 1280 }, { true, 1280 }, { false, 390 }, { true, 390 } };

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Page_InEveryState_HasNoFindingOfAxe(bool isDark, int width)
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of(SampleAnswers.Markdown));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(width, 844, isDark));
        await CheckAsync(page, "empty");

        await page.AskAsync("Show me everything.");
        await OpenPage.Button(page.Answers, "Answer again").ClickAsync();
        await page.DoneAsync();
        await CheckAsync(page, "conversation");
        await page.Page.Locator("#open-settings").ClickAsync();
        await page.Page.Locator("#temperature").FillAsync("9");
        await CheckAsync(page, "settings");
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.Keyboard.PressAsync("Control+/");
        await CheckAsync(page, "help");
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Questions.First.HoverAsync();
        await OpenPage.Button(page.Questions.First, "Edit").ClickAsync();
        await CheckAsync(page, "editing");
        if (width < 800)
        {
            await page.Page.Locator("#open-menu").ClickAsync();
            await CheckAsync(page, "menu");
        }

        page.Faults.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_WithATreeACallAndAFailure_HasNoFindingOfAxe(bool isDark)
    {
        using var model = new ConstrainedScript(Scripts.Tokenizer, ToolTexts.Call("get_weather", """{"city": "Oslo"}"""), "It is snowy.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(IsDark: isDark));
        await page.Page.Locator("#open-settings").ClickAsync();
        await page.Page.Locator("#tools-example").ClickAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await page.AskAsync("Is it cold in Oslo?");
        await CheckAsync(page, "call");
        await page.Page.Locator(".call textarea").FillAsync("""{"sky": "snow", "days": [1, 2]}""");
        await page.Page.Locator(".call textarea").PressAsync("Enter");
        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("It is snowy.");
        await page.DoneAsync();
        await CheckAsync(page, "result");

        // The script has no more answers, so the model fails.
        await page.AskAsync("And tomorrow?");
        await Expect(page.Page.Locator(".failure")).ToBeVisibleAsync();
        await CheckAsync(page, "failure");
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_WithAConversationThatIsTooLong_HasNoFindingOfAxe(bool isDark)
    {
        using var model = new BusyModel(Scripts.Of("Yes."), int.MaxValue, () => new ContextLengthException(1000, 512));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(IsDark: isDark));
        await page.SendAsync("Well?");
        await Expect(page.Page.Locator(".failure")).ToBeVisibleAsync();
        await CheckAsync(page, "folded");
        await page.Page.Locator(".failure summary").ClickAsync();
        await CheckAsync(page, "unfolded");
    }

    [BrowserFact]
    public async Task Tab_FromTheBeginning_ReachesEveryControlInTheOrderOfThePage()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("What does a cow say?");
        await page.Page.EvaluateAsync("document.activeElement.blur(); getSelection().collapse(document.body, 0)");

        List<string> names = [];
        for (int i = 0; i < 20; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            names.Add(await page.Page.EvaluateAsync<string>("""
                () => {
                  const node = document.activeElement;
                  if (node !== document.body && getComputedStyle(node).outlineStyle === "none" && !node.closest(".composer-box")) throw new Error("no visible focus: " + node.outerHTML);
                  return node === document.body ? "" : node.getAttribute("aria-label") ?? node.textContent.trim();
                }
                """));
        }

        string[] expected =
        [
            "Skip to the message field", "New conversation", "Search conversations", "What does a cow say?", "Actions for “What does a cow say?”", "Import", "Export all", "Keyboard shortcuts",
            "Model", "Colours", "Settings", "Copy the text", "Edit", "Copy the text", "Edit", "Answer again", "Message",
        ];
        names.Where(name => name.Length > 0).Take(expected.Length).Should().Equal(expected);
    }

    [BrowserFact]
    public async Task Answer_WhileItIsWritten_IsAnnouncedByParagraphAndNotByToken()
    {
        using var model = new GatedModel(Scripts.Of("The first paragraph has some words.\n\nThe second one is here."));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.Page.EvaluateAsync("""
            () => {
              window.announced = [];
              new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => window.announced.push(node.textContent))))
                .observe(document.getElementById("announcements"), { childList: true });
            }
            """);

        await page.SendAsync("Write.");
        model.Release(100);
        await page.DoneAsync();
        await Expect(page.Answers.Locator(".figures")).ToContainTextAsync("first token");

        (await page.Page.EvaluateAsync<string[]>("window.announced"))
            .Should().Equal("The answer is being written.", "The first paragraph has some words.", "The second one is here.", "The answer is complete.");
        await Expect(page.Page.Locator("#announcements")).ToHaveAttributeAsync("aria-live", "polite");
    }

    [BrowserFact]
    public async Task Menu_OnAPhone_KeepsTheFocusInsideAndGivesItBack()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(390, 844));
        await Expect(page.Page.Locator("#new-conversation")).ToBeHiddenAsync();

        await page.Page.Locator("#open-menu").ClickAsync();
        await Expect(page.Page.Locator("#close-menu")).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#open-menu")).ToHaveAttributeAsync("aria-expanded", "true");
        for (int i = 0; i < 12; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            (await page.Page.EvaluateAsync<bool>("document.activeElement === document.body || document.activeElement.closest('#sidebar, .skip-link') !== null")).Should().BeTrue();
        }

        await page.Page.Locator("#search").FocusAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator("#open-menu")).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#sidebar")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task Help_ListsTheKeys_AndTheyWork()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."));
        await using OpenPage page = await browser.OpenAsync(server);

        await page.Page.Keyboard.PressAsync("Control+/");
        await Expect(page.Page.Locator("#help dd")).ToHaveTextAsync(
            ["Send the message", "New line", "Stop the answer", "New conversation", "Search conversations", "Go to the message field", "Settings", "This help"]);
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.Keyboard.PressAsync("Control+,");
        await Expect(page.Page.Locator("#settings")).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await page.Page.Locator("#search").FocusAsync();
        await page.Page.Keyboard.PressAsync("Control+.");
        await Expect(page.Message).ToBeFocusedAsync();
    }

    private static async Task CheckAsync(OpenPage page, string state)
    {
        AxeResult result = await page.Page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice") });
        result.Violations.SelectMany(finding => finding.Nodes, (finding, node) => $"{state}: {finding.Impact} {finding.Id}: {node.Html}").Should().BeEmpty();
    }
}
