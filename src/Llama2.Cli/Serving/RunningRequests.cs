using Microsoft.AspNetCore.Http;

namespace Llama2.Cli.Serving;

/// <summary>Counts the requests that are being answered. Thread-safe.</summary>
internal sealed class RunningRequests
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>A step of the server's pipeline that counts a request until it has been answered.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _count);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
