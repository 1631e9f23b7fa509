using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace Llama2.Server.Security;

/// <summary>The permission of a request to run, or its refusal. Disposing it charges the tokens.</summary>
/// <param name="budget">The budget that is charged; null if the request is refused.</param>
/// <param name="refusal">Why it is refused; null if it is not.</param>
/// <param name="requests">The budget of requests after this one; null if there is no limit.</param>
/// <param name="tokens">The budget of tokens before this request; null if there is no limit.</param>
internal sealed class BudgetLease(ClientBudget? budget, BudgetRefusal? refusal, BudgetState? requests, BudgetState? tokens) : RateLimitLease
{
    private int _isDisposed;

    public override bool IsAcquired => refusal is null;

    public BudgetRefusal? Refusal => refusal;

    public BudgetState? Requests => requests;

    public BudgetState? Tokens => tokens;

    /// <summary>The tokens to charge.</summary>
    public int TokenCount { get; set; }

    public override IEnumerable<string> MetadataNames => refusal is null ? [] : [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = metadataName == MetadataName.RetryAfter.Name ? refusal?.Wait : null;
        return metadata is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
            budget?.End(TokenCount);
        base.Dispose(disposing);
    }
}
