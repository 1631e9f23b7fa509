using Llama2.Generation;

namespace Llama2.Tests.Generation;

/// <summary>Blocks the scheduler's thread until the pause is ended.</summary>
internal sealed class Pause() : Sequence([0], 1), IDisposable
{
    private readonly ManualResetEventSlim _end = new();
    private volatile bool _isHolding;

    /// <summary>Whether the scheduler is blocked.</summary>
    public bool IsHolding => _isHolding;

    public override bool IsReady
    {
        get
        {
            _isHolding = true;
            _end.Wait();
            return false;
        }
    }

    public void End()
    {
        _end.Set();
        Cancel();
    }

    public override void Fail(Exception exception)
    {
    }

    public void Dispose() => End();

    protected override bool WantsLogits(int position) => false;

    protected override void Accept(int position, ReadOnlySpan<float> output, TokenCandidates candidates)
    {
    }
}
