using Microsoft.Playwright;

namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>One browser for all tests; each test has a context of its own, which shares nothing with the others.</summary>
public sealed class BrowserProcess : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = Chromium.Arguments });
        // Not how long something may take, but when a test gives up: machines that run these tests may be busy.
        Assertions.SetDefaultExpectTimeout(60_000);
    }

    /// <summary>Opens the page of a server.</summary>
    internal async Task<OpenPage> OpenAsync(PageServer server, PageLook? look = null)
    {
        IBrowserContext context = await CreateContextAsync(look ?? new PageLook());
        var page = new OpenPage(context, await context.NewPageAsync(), server);
        await page.LoadAsync();
        return page;
    }

    /// <summary>Opens a file.</summary>
    internal async Task<OpenFile> OpenAsync(string path, PageLook look)
    {
        IBrowserContext context = await CreateContextAsync(look);
        var file = new OpenFile(context, await context.NewPageAsync(), new Uri(path));
        await file.LoadAsync();
        return file;
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private async Task<IBrowserContext> CreateContextAsync(PageLook look)
    {
        IBrowserContext context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = look.Locale,
            ReducedMotion = ReducedMotion.Reduce,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(60_000);
        return context;
    }
}
