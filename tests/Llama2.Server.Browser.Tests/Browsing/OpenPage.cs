using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>The page in a browser, and what went wrong in it: errors of scripts, violations of the policy, dialogs, requests to other servers.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly PageServer _server;
    private readonly ConcurrentQueue<string> _faults = [];

    public OpenPage(IBrowserContext context, IPage page, PageServer server)
    {
        _context = context;
        _server = server;
        Page = page;
        page.PageError += (_, error) => _faults.Enqueue($"error: {error}");
        page.Dialog += (_, dialog) =>
        {
            _faults.Enqueue($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        // A failed request is also reported here; tests of failures expect it.
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _faults.Enqueue($"console: {message.Text}");
        };
        context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Address.GetLeftPart(UriPartial.Authority) + "/", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
                _faults.Enqueue($"request: {request.Url}");
        };
        // axe itself opens an empty page.
        context.Page += (_, other) =>
        {
            if (other.Url != "about:blank")
                _faults.Enqueue($"page: {other.Url}");
        };
    }

    public IPage Page { get; }

    public IBrowserContext Context => _context;

    /// <summary>What must not have happened.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public ILocator Message => Page.Locator("#message");

    public ILocator Questions => Page.Locator(".message.user");

    public ILocator Answers => Page.Locator(".message.assistant");

    public ILocator Conversations => Page.Locator("#conversation-list .conversation");

    public async Task LoadAsync()
    {
        await Page.GotoAsync(_server.Address.ToString());
        await ReadyAsync();
    }

    public async Task ReloadAsync()
    {
        await Page.ReloadAsync();
        await ReadyAsync();
    }

    /// <summary>Sends a message, and waits for the whole answer.</summary>
    public async Task AskAsync(string question)
    {
        int count = await Answers.CountAsync();
        await SendAsync(question);
        await Expect(Answers).ToHaveCountAsync(count + 1);
        await DoneAsync();
    }

    /// <summary>Sends a message by keyboard.</summary>
    public async Task SendAsync(string question)
    {
        await Message.FillAsync(question);
        await Message.PressAsync("Enter");
    }

    /// <summary>Waits until no answer is being written.</summary>
    public Task DoneAsync() => Expect(Page.Locator(".writing")).ToHaveCountAsync(0);

    /// <summary>Opens the settings, changes them, and closes them.</summary>
    public async Task SetAsync(params (string Field, string Value)[] values)
    {
        await Page.Locator("#open-settings").ClickAsync();
        foreach ((string field, string value) in values)
        {
            ILocator found = Page.Locator($"#{field}");
            if (await found.EvaluateAsync<string>("field => field.localName") == "select")
                await found.SelectOptionAsync(value);
            else
                await found.FillAsync(value);
        }

        await Page.Locator("#close-settings").ClickAsync();
        await Expect(Page.Locator("#settings")).ToBeHiddenAsync();
    }

    /// <summary>The button of a message that an accessible name names. The buttons of questions appear when the pointer is over the message.</summary>
    public static ILocator Button(ILocator message, string name) => message.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private Task ReadyAsync() => Expect(Page.Locator("html[data-ready]")).ToHaveCountAsync(1);
}
