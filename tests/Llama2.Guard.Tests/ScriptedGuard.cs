namespace Llama2.Guard.Tests;

/// <summary>A guard whose verdicts the test chooses. Records the judged texts.</summary>
/// <param name="judge">The verdict on a request.</param>
internal sealed class ScriptedGuard(Func<GuardRequest, GuardVerdict> judge) : IContentGuard
{
    private readonly List<string> _judged = [];

    public IReadOnlyList<string> Judged
    {
        get
        {
            lock (_judged)
                return [.. _judged];
        }
    }

    public async ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_judged)
            _judged.Add(request.Judged.Content);
        return judge(request);
    }
}
