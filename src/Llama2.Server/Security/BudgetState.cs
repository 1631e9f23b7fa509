namespace Llama2.Server.Security;

/// <summary>A budget at one moment.</summary>
/// <param name="Limit">The limit per minute.</param>
/// <param name="Remaining">What may be used now.</param>
/// <param name="TimeToFull">The time until all of it may be used again.</param>
internal readonly record struct BudgetState(int Limit, int Remaining, TimeSpan TimeToFull)
{
    /// <summary>The state of a budget; null if there is no limit.</summary>
    public static BudgetState? Of(MinuteBudget? budget) => budget is null ? null : new BudgetState(budget.Limit, budget.Remaining, budget.TimeToFull);
}
