using System.Text.Json;
using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class LanguageTests(BrowserProcess browser)
{
    [BrowserFact]
    public async Task Texts_OfBothLanguages_HaveTheSameNamesAndValues()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);

        JsonElement texts = await page.Page.EvaluateAsync<JsonElement>("async () => (await import('./page/texts.js')).texts");

        Dictionary<string, string> english = Read("en"), german = Read("de");
        german.Keys.Should().BeEquivalentTo(english.Keys).And.HaveCountGreaterThan(100);
        english.Values.Concat(german.Values).Should().NotContain(text => string.IsNullOrWhiteSpace(text));
        english.Keys.Where(name => !ValuesOf(english[name]).SequenceEqual(ValuesOf(german[name]))).Should().BeEmpty();
        // A text that is the same in both is most likely forgotten; these are the same.
        english.Keys.Where(name => english[name] == german[name]).Should().BeEquivalentTo("topP", "code", "viewText", "milliseconds", "seconds");

        Dictionary<string, string> Read(string language) => texts.GetProperty(language).EnumerateObject().ToDictionary(text => text.Name, text => text.Value.GetString()!);
    }

    [BrowserFact]
    public async Task Page_EveryTextItNames_Exists()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);

        string[] unknown = await page.Page.EvaluateAsync<string[]>("""
            async () => {
              const { texts } = await import("./page/texts.js");
              return [...document.querySelectorAll("[data-text], [data-label], [data-hint]")].flatMap(node => [node.dataset.text, node.dataset.label, node.dataset.hint])
                .filter(name => name !== undefined && !(name in texts.en));
            }
            """);

        unknown.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData("de-AT", "de", "Was möchten Sie wissen?")]
    [InlineData("en-GB", "en", "What would you like to know?")]
    [InlineData("fr-FR", "en", "What would you like to know?")]
    public async Task Open_InTheBrowsersLanguage_SpeaksItIfItCan(string locale, string language, string greeting)
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Muh."));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(Locale: locale));

        await Expect(page.Page.Locator("html")).ToHaveAttributeAsync("lang", language);
        await Expect(page.Page.Locator(".greeting h2")).ToHaveTextAsync(greeting);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Choose_OtherLanguage_IsShownAtOnceAndKept()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Muh."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("Was sagt eine Kuh?");

        await page.SetAsync(("language", "de"));

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Muh.");
        await Expect(OpenPage.Button(page.Answers, "Neu antworten")).ToBeVisibleAsync();
        await Expect(page.Answers.Locator(".figures")).ToContainTextAsync("erstes Token nach");
        await page.ReloadAsync();
        await Expect(page.Page.Locator("#message")).ToHaveAttributeAsync("placeholder", "Nachricht schreiben");
        page.Faults.Should().BeEmpty();
    }

    private static IEnumerable<string> ValuesOf(string text) => System.Text.RegularExpressions.Regex.Matches(text, @"\{\w+\}").Select(match => match.Value).Order(StringComparer.Ordinal);
}
