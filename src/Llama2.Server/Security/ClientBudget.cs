using System.Threading.RateLimiting;

namespace Llama2.Server.Security;

/// <summary>
/// What one client may use per minute: requests, and tokens of prompts and answers. How many tokens a request needs is known only at its end, so tokens are
/// charged then, and requests are refused while the budget is used up. Requests that run at the same time may together exceed it; the refill then takes longer
/// than a minute. Thread-safe.
/// </summary>
/// <param name="requestsPerMinute">The limit of requests; null for none.</param>
/// <param name="tokensPerMinute">The limit of tokens; null for none.</param>
/// <param name="clock">Measures the time.</param>
internal sealed class ClientBudget(int? requestsPerMinute, int? tokensPerMinute, TimeProvider clock) : RateLimiter
{
    private readonly Lock _gate = new();
    private readonly MinuteBudget? _requests = requestsPerMinute is { } limit ? new MinuteBudget(limit) : null;
    private readonly MinuteBudget? _tokens = tokensPerMinute is { } limit ? new MinuteBudget(limit) : null;
    private long _refillTime = clock.GetTimestamp();
    private int _leaseCount;
    private long _acquiredCount;
    private long _refusedCount;

    /// <summary>
    /// For how long the budget has been full, so that it can be forgotten: null until it is full, and while a request runs that is still
    /// to be charged.
    /// </summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_gate)
            {
                TimeSpan elapsed = clock.GetElapsedTime(_refillTime);
                TimeSpan toFull = Longest(_requests?.TimeToFull, _tokens?.TimeToFull);
                return _leaseCount == 0 && elapsed >= toFull ? elapsed - toFull : null;
            }
        }
    }

    public override RateLimiterStatistics GetStatistics()
    {
        lock (_gate)
        {
            Refill();
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = _tokens is { } tokens && !tokens.Has(1) ? 0 : _requests?.Remaining ?? int.MaxValue,
                TotalSuccessfulLeases = _acquiredCount,
                TotalFailedLeases = _refusedCount,
            };
        }
    }

    /// <summary>Charges the tokens of a request, at its end.</summary>
    public void End(int tokenCount)
    {
        lock (_gate)
        {
            Refill();
            _tokens?.Charge(tokenCount);
            _leaseCount--;
        }
    }

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (_gate)
        {
            Refill();
            BudgetRefusal? refusal =
                _requests is { } requests && !requests.Has(permitCount) ? new BudgetRefusal("requests", requests.Limit, requests.TimeTo(permitCount))
                : _tokens is { } tokens && !tokens.Has(1) ? new BudgetRefusal("tokens", tokens.Limit, tokens.TimeTo(1))
                : null;
            if (refusal is null)
            {
                _requests?.Charge(permitCount);
                _leaseCount++;
                _acquiredCount++;
            }
            else
            {
                _refusedCount++;
            }

            return new BudgetLease(refusal is null ? this : null, refusal, BudgetState.Of(_requests), BudgetState.Of(_tokens));
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(permitCount));

    private static TimeSpan Longest(TimeSpan? first, TimeSpan? second) => TimeSpan.FromTicks(Math.Max(first?.Ticks ?? 0, second?.Ticks ?? 0));

    private void Refill()
    {
        long now = clock.GetTimestamp();
        TimeSpan elapsed = clock.GetElapsedTime(_refillTime, now);
        _refillTime = now;
        _requests?.Refill(elapsed);
        _tokens?.Refill(elapsed);
    }
}
