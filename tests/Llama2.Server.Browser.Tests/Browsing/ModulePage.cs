using Llama2.Server.Browser.Tests.Models;

namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>A page that is opened once for all tests of a class, for tests that only call functions of its modules.</summary>
public sealed class ModulePage(BrowserProcess browser) : IAsyncLifetime
{
    private PageServer? _server;
    private OpenPage? _page;

    internal OpenPage Open => _page!;

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null)
            return;
        _server = await PageServer.StartAsync(Scripts.Of("Yes."));
        _page = await browser.OpenAsync(_server);
    }

    public async Task DisposeAsync()
    {
        if (_page is not null)
            await _page.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
