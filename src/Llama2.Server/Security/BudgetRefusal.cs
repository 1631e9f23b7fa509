namespace Llama2.Server.Security;

/// <summary>The reason why a client must wait before its next request.</summary>
/// <param name="Unit">What is used up: <c>requests</c> or <c>tokens</c>.</param>
/// <param name="Limit">The limit per minute.</param>
/// <param name="Wait">The time until a request is accepted.</param>
internal sealed record BudgetRefusal(string Unit, int Limit, TimeSpan Wait);
