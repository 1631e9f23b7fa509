namespace Llama2.Guard.Tests.Clients;

/// <summary>A guard that ends when the test lets it.</summary>
/// <param name="judge">The judgement; its token is the one that the guard receives.</param>
internal sealed class WaitingGuard(Func<CancellationToken, Task<GuardVerdict>> judge) : IContentGuard
{
    public ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default) => new(judge(cancellationToken));
}
