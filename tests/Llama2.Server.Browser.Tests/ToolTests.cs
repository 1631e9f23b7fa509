using Llama2.Extensions.Tests;
using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Microsoft.Playwright;
using static Llama2.Extensions.Tests.ToolTexts;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class ToolTests(BrowserProcess browser)
{
    private const string Tools = """[{"name": "get_weather", "description": "The weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]""";

    [BrowserFact]
    public async Task Send_ModelCallsAFunction_TheResultThatIsTypedInGoesBack()
    {
        using var model = new ConstrainedScript(Scripts.Tokenizer, Call("get_weather", """{"city": "Oslo"}"""), "It is snowy in Oslo.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SetAsync(("tools", Tools));
        await Expect(page.Page.Locator(".chip")).ToHaveTextAsync("Functions: 1");

        await page.AskAsync("How is the weather in Oslo?");

        await Expect(page.Page.Locator(".call-head code")).ToHaveTextAsync("get_weather");
        await Expect(page.Page.Locator(".call .tree")).ToContainTextAsync("city: \"Oslo\"");
        // The message field is of no use before the result is there, so the result's field has the focus.
        ILocator field = page.Page.GetByLabel("Result of get_weather");
        await Expect(field).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#send")).ToBeDisabledAsync();
        await field.FillAsync("""{"sky": "snow", "degrees": -4}""");
        await field.PressAsync("Enter");
        await Expect(page.Answers).ToHaveCountAsync(2);
        await page.DoneAsync();

        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("It is snowy in Oslo.");
        model.Prompts[1].Should().Contain("snow").And.Contain("-4");
        await Expect(page.Page.Locator(".message.tool")).ToContainTextAsync("Result of get_weather");
        await Expect(page.Page.Locator(".message.tool .tree")).ToContainTextAsync("sky: \"snow\"");
        await Expect(page.Page.Locator(".call textarea")).ToHaveCountAsync(0);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_ModelCallsTwoFunctions_BothResultsAreAskedFor()
    {
        using var model = new ConstrainedScript(
            Scripts.Tokenizer, Call("get_weather", """{"city": "Oslo"}""") + "\n" + Call("get_weather", """{"city": "Rome"}"""), "Snow here, sun there.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SetAsync(("tools", Tools));
        await page.AskAsync("Compare Oslo and Rome.");
        ILocator fields = page.Page.Locator(".call textarea");
        await Expect(fields).ToHaveCountAsync(2);

        await fields.Nth(0).FillAsync("snowy");
        await fields.Nth(0).PressAsync("Enter");
        await Expect(fields.Nth(1)).ToBeFocusedAsync();
        await fields.Nth(1).FillAsync("sunny");
        await page.Page.GetByText("Send results").ClickAsync();
        await Expect(page.Answers).ToHaveCountAsync(2);
        await page.DoneAsync();

        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("Snow here, sun there.");
        model.Prompts[1].Should().MatchRegex("(?s)snowy.*sunny");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_ModelCallsTheSameTwice_OneResultIsAskedForAndSentForBoth()
    {
        string call = Call("get_weather", """{"city": "Oslo"}""");
        using var model = new ConstrainedScript(Scripts.Tokenizer, $"{call}\n{Call("get_weather", """{"city": "Rome"}""")}\n{call}", "Snow in Oslo, sun in Rome.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SetAsync(("tools", Tools));
        await page.AskAsync("Compare Oslo and Rome.");
        ILocator fields = page.Page.Locator(".call textarea");
        await Expect(page.Page.Locator(".call")).ToHaveCountAsync(3);
        await Expect(fields).ToHaveCountAsync(2);
        await Expect(page.Page.Locator(".call").Nth(2)).ToContainTextAsync("The same call as above");

        await fields.Nth(0).FillAsync("snowy");
        await fields.Nth(0).PressAsync("Enter");
        await fields.Nth(1).FillAsync("sunny");
        await fields.Nth(1).PressAsync("Enter");
        await Expect(page.Answers).ToHaveCountAsync(2);
        await page.DoneAsync();

        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("Snow in Oslo, sun in Rome.");
        await Expect(page.Page.Locator(".message.tool .plain")).ToHaveTextAsync(["snowy", "sunny", "snowy"]);
        model.Prompts[1].Should().MatchRegex("(?s)snowy.*sunny.*snowy");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Edit_Result_MakesABranch()
    {
        using var model = new ConstrainedScript(Scripts.Tokenizer, Call("get_weather", """{"city": "Oslo"}"""), "Snow.", "Sun.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SetAsync(("tools", Tools));
        await page.AskAsync("How is the weather?");
        await page.Page.Locator(".call textarea").FillAsync("snowy");
        await page.Page.Locator(".call textarea").PressAsync("Enter");
        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("Snow.");
        await page.DoneAsync();

        ILocator result = page.Page.Locator(".message.tool");
        await OpenPage.Button(result, "Edit").ClickAsync();
        await result.Locator("textarea").FillAsync("sunny");
        await result.Locator("textarea").PressAsync("Enter");

        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("Sun.");
        await Expect(result.Locator(".branch-place")).ToHaveTextAsync("2 / 2");
        model.Prompts[2].Should().Contain("sunny").And.NotContain("snowy");
    }

    [BrowserFact]
    public async Task Send_WithASchema_TheAnswerIsATreeThatCanBeCollapsed()
    {
        const string Json = """{"animal": "duck", "legs": 2, "sounds": ["quack"]}""";
        using var model = new ConstrainedScript(Scripts.Tokenizer, Json);
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.Page.Locator("#open-settings").ClickAsync();
        await page.Page.Locator("#schema-example").ClickAsync();
        await page.Page.Keyboard.PressAsync("Escape");

        await page.AskAsync("Describe a duck.");

        model.Options.Single().Constraint.Should().NotBeNull();
        ILocator tree = page.Answers.Locator(".tree");
        await Expect(tree.Locator("summary")).ToHaveTextAsync(["3 fields", "sounds: 1 item"]);
        await Expect(tree).ToContainTextAsync("animal: \"duck\"");
        await tree.Locator("summary").First.PressAsync("Enter");
        await Expect(tree.GetByText("animal")).ToBeHiddenAsync();
        await OpenPage.Button(page.Answers, "Text").ClickAsync();
        await Expect(OpenPage.Button(page.Answers, "Text")).ToHaveAttributeAsync("aria-pressed", "true");
        (await page.Answers.Locator("pre").InnerTextAsync()).Should().Contain("  \"legs\": 2,");
        page.Faults.Should().BeEmpty();
    }
}
