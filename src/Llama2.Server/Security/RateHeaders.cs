using System.Globalization;

namespace Llama2.Server.Security;

/// <summary>OpenAI's headers that tell a client how much of its budget is left.</summary>
internal static class RateHeaders
{
    /// <summary>The names of all headers.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    ];

    public static void Set(IHeaderDictionary headers, BudgetLease lease)
    {
        Set(headers, 0, lease.Requests);
        Set(headers, 3, lease.Tokens);
    }

    /// <summary>A duration as OpenAI writes it, such as <c>20ms</c>, <c>7s</c> and <c>6m0s</c>; rounded up.</summary>
    public static string Format(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMilliseconds)}ms");
        (long minutes, long seconds) = Math.DivRem((long)Math.Ceiling(time.TotalSeconds), 60);
        return minutes == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s");
    }

    private static void Set(IHeaderDictionary headers, int first, BudgetState? budget)
    {
        if (budget is not { } state)
            return;
        headers[Names[first]] = state.Limit.ToString(CultureInfo.InvariantCulture);
        headers[Names[first + 1]] = state.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[Names[first + 2]] = Format(state.TimeToFull);
    }
}
