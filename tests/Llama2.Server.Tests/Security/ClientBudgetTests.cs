using System.Threading.RateLimiting;
using Llama2.Server.Security;
using Llama2.Tests;

namespace Llama2.Server.Tests.Security;

public sealed class ClientBudgetTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void AttemptAcquire_Requests_RefillContinuously()
    {
        using var budget = new ClientBudget(6, null, _clock);
        for (int i = 0; i < 6; i++)
            Take(budget).IsAcquired.Should().BeTrue();

        BudgetLease refused = Take(budget);
        refused.Refusal.Should().Be(new BudgetRefusal("requests", 6, TimeSpan.FromSeconds(10)));
        refused.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait).Should().BeTrue();
        wait.Should().Be(TimeSpan.FromSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(9));
        Take(budget).IsAcquired.Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        BudgetLease accepted = Take(budget);
        accepted.IsAcquired.Should().BeTrue();
        accepted.Requests.Should().Be(new BudgetState(6, 0, TimeSpan.FromMinutes(1)));
        accepted.Tokens.Should().BeNull();
    }

    [Fact]
    public void AttemptAcquire_TokensAreUsedUp_RefusesUntilTheExcessIsRefilled()
    {
        using var budget = new ClientBudget(null, 60, _clock);
        using (BudgetLease first = Take(budget))
            first.TokenCount = 90;

        Take(budget).Refusal.Should().Be(new BudgetRefusal("tokens", 60, TimeSpan.FromSeconds(31)));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Take(budget).IsAcquired.Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Take(budget).IsAcquired.Should().BeTrue();
    }

    [Fact]
    public void Dispose_Twice_ChargesOnce()
    {
        using var budget = new ClientBudget(null, 60, _clock);
        BudgetLease lease = Take(budget);
        lease.TokenCount = 20;

        lease.Dispose();
        lease.Dispose();

        Take(budget).Tokens.Should().Be(new BudgetState(60, 40, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void IdleDuration_RequestRuns_IsNull()
    {
        // Otherwise the budget could be forgotten before the request is charged.
        using var budget = new ClientBudget(null, 60, _clock);
        BudgetLease lease = Take(budget);
        _clock.Advance(TimeSpan.FromHours(1));
        budget.IdleDuration.Should().BeNull();

        lease.TokenCount = 60;
        lease.Dispose();
        budget.IdleDuration.Should().BeNull();
        _clock.Advance(TimeSpan.FromSeconds(61));
        budget.IdleDuration.Should().Be(TimeSpan.FromSeconds(1));
    }

    private static BudgetLease Take(ClientBudget budget) => (BudgetLease)budget.AttemptAcquire();
}
