using System.Threading.RateLimiting;
using Llama2.Extensions.Telemetry;

namespace Llama2.Server.Security;

/// <summary>The permission of a request to run. Its disposal frees the request's place.</summary>
/// <param name="place">The place; null if the request needs none.</param>
/// <param name="budget">The client's budget; null if there is none.</param>
internal readonly struct RequestPermit(RateLimitLease? place, BudgetLease? budget) : IDisposable
{
    /// <summary>Says which tokens are to be charged when the permission is disposed.</summary>
    public void Charge(RequestUsage usage)
    {
        if (budget is not null)
            budget.TokenCount = usage.PromptTokenCount + usage.GeneratedTokenCount;
    }

    public void Dispose()
    {
        budget?.Dispose();
        place?.Dispose();
    }
}
