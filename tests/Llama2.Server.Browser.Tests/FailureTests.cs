using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Llama2.Server.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class FailureTests(BrowserProcess browser)
{
    private const string Key = "a-key-that-only-the-test-knows";

    [BrowserFact]
    public async Task Send_ServerIsBusy_CountsDownAndTriesAgain()
    {
        using var model = new BusyModel(Scripts.Of("Now I have time."), 1, () => new LlamaBusyException(64));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        // The page's clock stands still until the test moves it.
        await page.Page.Clock.InstallAsync();
        await page.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));

        await page.SendAsync("Well?");

        ILocator failure = page.Answers.Locator(".failure");
        await Expect(failure).ToContainTextAsync("The server is busy");
        await Expect(failure.Locator(".countdown")).ToHaveTextAsync("Trying again in 1 s");
        model.CallCount.Should().Be(1);
        await page.Page.Clock.RunForAsync(1100);
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Now I have time.");
        await Expect(failure).ToHaveCountAsync(0);
        await Expect(page.Answers).ToHaveCountAsync(1);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_ServerStaysBusy_TheCountdownCanBeCancelled()
    {
        using var model = new BusyModel(Scripts.Of("Yes."), int.MaxValue, () => new LlamaBusyException(64));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.Page.Clock.InstallAsync();
        await page.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await page.SendAsync("Well?");

        await OpenPage.Button(page.Answers, "Cancel").ClickAsync();
        await page.Page.Clock.RunForAsync(60_000);

        model.CallCount.Should().Be(1);
        await OpenPage.Button(page.Answers, "Try again").ClickAsync();
        await Expect(page.Answers.Locator(".countdown")).ToBeVisibleAsync();
        model.CallCount.Should().Be(2);
    }

    [BrowserFact]
    public async Task Send_ServerHasAFault_SaysSoAndTryingAgainHelps()
    {
        using var model = new BusyModel(Scripts.Of("Better now."), 1, () => new InvalidOperationException("secret detail"));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SendAsync("Well?");
        ILocator failure = page.Answers.GetByRole(AriaRole.Alert);
        await Expect(failure).ToContainTextAsync("The server had an error.");
        (await failure.InnerTextAsync()).Should().NotContain("secret detail");

        await OpenPage.Button(page.Answers, "Try again").ClickAsync();

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Better now.");
        await Expect(failure).ToHaveCountAsync(0);
        // The button that had the focus is gone.
        await Expect(page.Message).ToBeFocusedAsync();
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_ServerIsGone_SaysSo()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);
        await server.StopAsync();

        await page.SendAsync("Well?");

        await Expect(page.Answers.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server cannot be reached.");
        await Expect(page.Answers.Locator(".failure-detail")).ToContainTextAsync("Check that the server is running");
        // The failure's own button is the only one that tries again.
        await Expect(OpenPage.Button(page.Answers, "Try again")).ToBeVisibleAsync();
        await Expect(OpenPage.Button(page.Answers, "Answer again")).ToHaveCountAsync(0);
        await Expect(page.Questions).ToContainTextAsync("Well?");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_PromptThatIsTooLong_OffersToShortenIt()
    {
        using var model = new BusyModel(Scripts.Of("Yes."), int.MaxValue, () => new ContextLengthException(1000, 512));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SendAsync("Well?");

        ILocator failure = page.Answers.GetByRole(AriaRole.Alert);
        await Expect(failure).ToContainTextAsync("The conversation is too long for the model.");
        await Expect(failure).ToContainTextAsync("Shorten your message");
        await Expect(OpenPage.Button(failure, "Try again")).ToHaveCountAsync(0);
        // The words of the server are for who runs it.
        await Expect(failure.GetByText("512")).ToBeHiddenAsync();
        await failure.Locator("summary").ClickAsync();
        await Expect(failure.GetByText("512")).ToBeVisibleAsync();
        await OpenPage.Button(failure, "Edit").ClickAsync();
        await Expect(page.Questions.Locator("textarea")).ToBeFocusedAsync();
        await Expect(page.Questions.Locator("textarea")).ToHaveValueAsync("Well?");
        await OpenPage.Button(failure, "New conversation").ClickAsync();
        await Expect(page.Questions).ToHaveCountAsync(0);
        await Expect(page.Message).ToBeFocusedAsync();
        page.Faults.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData(true, "You have reached your limit of requests per minute.")]
    [InlineData(false, "You have reached your limit of tokens per minute.")]
    public async Task Send_LimitOfTheClientIsReached_SaysSoAndCountsDown(bool byRequests, string title)
    {
        var options = new LlamaServerOptions { RequestsPerMinute = byRequests ? 1 : null, TokensPerMinute = byRequests ? null : 1 };
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."), options);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("Well?");

        await page.SendAsync("And now?");

        ILocator failure = page.Answers.Locator(".failure");
        await Expect(failure.Locator(".failure-title")).ToHaveTextAsync(title);
        await Expect(failure.Locator(".failure-detail")).ToHaveCountAsync(0);
        await Expect(failure.Locator(".countdown")).ToContainTextAsync("Trying again in");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_ServerIsBusyAndClientHasALimit_SaysThatTheServerIsBusy()
    {
        using var model = new BusyModel(Scripts.Of("Yes."), int.MaxValue, () => new LlamaBusyException(64));
        await using PageServer server = await PageServer.StartAsync(model, new LlamaServerOptions { RequestsPerMinute = 100 });
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SendAsync("Well?");

        await Expect(page.Answers.Locator(".failure-title")).ToHaveTextAsync("The server is busy: too many requests are waiting.");
    }

    [BrowserFact]
    public async Task Send_ModelFailsInTheMiddle_KeepsWhatHasArrived()
    {
        using var model = new FaultyModel(Scripts.Of("Yes."), 3, () => new InvalidOperationException("secret detail"));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SendAsync("Well?");

        await Expect(page.Answers.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server had an error.");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("aaa");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_ConnectionBreaks_KeepsWhatHasArrived()
    {
        var isShown = new TaskCompletionSource();
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."), configure: application => application.MapPost("/v1/chat/completions", async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"One two\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            await isShown.Task;
            context.Abort();
        }));
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SendAsync("Count.");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("One two");
        isShown.SetResult();

        await Expect(page.Answers.GetByRole(AriaRole.Alert)).ToContainTextAsync("The connection broke before the answer was complete.");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("One two");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Send_EventThatIsNotJson_IsAFaultAndNoBrokenConnection()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."), configure: application => application.MapPost("/v1/chat/completions", async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"One two\"}}]}\n\ndata: {nonsense\n\n");
        }));
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SendAsync("Count.");

        await Expect(page.Answers.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server had an error.");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("One two");
        page.Faults.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_ServerDemandsAKey_TheKeyIsAskedForAndKeptAsChosen(bool isKept)
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Welcome."), configure: RequireKey);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SendAsync("Well?");
        await Expect(page.Answers.GetByRole(AriaRole.Alert)).ToContainTextAsync("The server demands a valid API key.");

        await OpenPage.Button(page.Answers, "Enter the key").ClickAsync();
        await Expect(page.Page.Locator("#key")).ToBeFocusedAsync();
        await page.Page.Locator("#key").FillAsync(Key);
        await page.Page.Locator("#keep-key").SetCheckedAsync(isKept);
        await page.Page.Locator("#close-settings").ClickAsync();
        await OpenPage.Button(page.Answers, "Try again").ClickAsync();

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Welcome.");
        await Expect(page.Page.Locator("#model")).ToHaveValueAsync("script");
        (await page.Page.EvaluateAsync<string?>("sessionStorage.getItem('llama2.key')")).Should().Be(isKept ? null : Key);
        (await page.Page.EvaluateAsync<string?>("localStorage.getItem('llama2.key')")).Should().Be(isKept ? Key : null);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Enter_Key_SendsTheFailedMessageAgainAndRemovesTheNotice()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Welcome."), configure: RequireKey);
        await using OpenPage page = await browser.OpenAsync(server);
        ILocator notice = page.Page.Locator("#notices .notice");
        await Expect(notice).ToContainTextAsync("The server demands a valid API key.");
        await page.SendAsync("Well?");
        await OpenPage.Button(page.Answers, "Enter the key").ClickAsync();

        await page.Page.Locator("#key").FillAsync(Key);
        await page.Page.Locator("#key").PressAsync("Enter");

        await Expect(page.Page.Locator("#settings")).ToBeHiddenAsync();
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Welcome.");
        await Expect(notice).ToHaveCountAsync(0);
        await Expect(page.Answers).ToHaveCountAsync(1);
        page.Faults.Should().BeEmpty();
    }

    private static void RequireKey(WebApplication application) => application.Use(async (context, next) =>
    {
        if (context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) && context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await next(context);
    });
}
