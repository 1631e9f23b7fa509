namespace Llama2.Server.Security;

/// <summary>
/// An amount of something that may be used per minute. It refills continuously. Charges may exceed it; nothing more may then be taken until it has refilled.
/// Not thread-safe.
/// </summary>
/// <param name="limit">The amount per minute, which is also the maximum that is available.</param>
internal sealed class MinuteBudget(int limit)
{
    // The amount is refilled in fractions, whose sum may be too low by a rounding error.
    private const double Tolerance = 1e-6;
    private double _available = limit;

    public int Limit => limit;

    /// <summary>The whole units that are available, 0 or more.</summary>
    public int Remaining => (int)Math.Clamp(_available + Tolerance, 0, limit);

    /// <summary>The time until it is full.</summary>
    public TimeSpan TimeToFull => TimeTo(limit);

    public void Refill(TimeSpan elapsed) => _available = Math.Min(limit, _available + limit * elapsed.TotalMinutes);

    public bool Has(double amount) => _available >= amount - Tolerance;

    public void Charge(int amount) => _available -= amount;

    /// <summary>The time until an amount is available.</summary>
    public TimeSpan TimeTo(double amount) => TimeSpan.FromMinutes(Math.Max(0, amount - _available) / limit);
}
