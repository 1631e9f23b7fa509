using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>A file in a browser, and what it must not do: requests, scripts, dialogs, violations of its policy.</summary>
internal sealed class OpenFile : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _faults = [];

    public OpenFile(IBrowserContext context, IPage page, Uri address)
    {
        (_context, Page, _address) = (context, page, address);
        page.PageError += (_, error) => _faults.Enqueue($"error: {error}");
        page.Console += (_, message) => _faults.Enqueue($"console: {message.Text}");
        page.Dialog += (_, dialog) =>
        {
            _faults.Enqueue($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        context.Request += (_, request) =>
        {
            if (request.Url != address.AbsoluteUri)
                _faults.Enqueue($"request: {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>What must not have happened.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public Task LoadAsync() => Page.GotoAsync(_address.AbsoluteUri);

    /// <summary>Opens all that is folded.</summary>
    public Task UnfoldAsync() => Page.EvaluateAsync("for (const node of document.querySelectorAll('details')) node.open = true");

    /// <summary>By how many CSS pixels the page is wider than the window.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
