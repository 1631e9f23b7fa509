using System.Globalization;
using System.Net.Sockets;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Llama2.Server.Errors;

namespace Llama2.Server.Security;

/// <summary>Decides whether a request may run: the server has a place for it, and its client's budget is not used up. Thread-safe.</summary>
internal sealed class RequestGate : IDisposable
{
    private readonly ConcurrencyLimiter _places;
    private readonly PartitionedRateLimiter<HttpContext>? _budgets;

    /// <param name="options">The limits.</param>
    /// <param name="clock">Measures the time.</param>
    public RequestGate(LlamaServerOptions options, TimeProvider clock)
    {
        _places = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = options.MaxActiveRequestCount, QueueLimit = 0 });
        if (options is { RequestsPerMinute: null, TokensPerMinute: null })
            return;
        _budgets = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.Get(ClientOf(context), _ => new ClientBudget(options.RequestsPerMinute, options.TokensPerMinute, clock)));
    }

    /// <summary>Admits a request, and sets the headers that tell the client how much of its budget is left.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The permission, which is disposed at the request's end.</returns>
    /// <exception cref="RequestException">The request is refused.</exception>
    /// <exception cref="ServerBusyException">The server has no place for a further request.</exception>
    public RequestPermit Admit(HttpContext context)
    {
        // Requests that only read are cheap, and a client must be able to list the models even if its budget is used up.
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method))
            return new RequestPermit(null, null);
        RateLimitLease place = _places.AttemptAcquire();
        if (!place.IsAcquired)
        {
            place.Dispose();
            throw new ServerBusyException();
        }

        if (_budgets is null)
            return new RequestPermit(place, null);
        var budget = (BudgetLease)_budgets.AttemptAcquire(context);
        RateHeaders.Set(context.Response.Headers, budget);
        if (budget.Refusal is not { } refusal)
            return new RequestPermit(place, budget);
        place.Dispose();
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(refusal.Wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        throw RequestException.OverBudget(refusal.Unit, refusal.Limit);
    }

    public void Dispose()
    {
        _places.Dispose();
        _budgets?.Dispose();
    }

    /// <summary>
    /// The client whose budget a request uses: its authenticated user, which is the key's name, or else the remote address. An IPv6 network of 64 bits counts
    /// as one address, because one machine has all of its addresses.
    /// </summary>
    public static string ClientOf(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated == true && context.User.FindFirst(ClaimTypes.NameIdentifier) is { } id)
            return $"user {id.Issuer}\n{id.Value}";
        if (context.Connection.RemoteIpAddress is not { } address)
            return "local";
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"network {Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))}"
            : $"address {address}";
    }
}
