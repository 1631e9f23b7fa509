using Llama2.Memory;
using Llama2.Training.Checkpoints;
using Llama2.Training.Kernels;

namespace Llama2.Training.Optimizers;

/// <summary>Moments in float32. The two moments of a weight take 8 bytes.</summary>
internal sealed class SingleMoments(long length) : Moments
{
    private readonly AlignedBuffer<float> _first = new(length);
    private readonly AlignedBuffer<float> _second = new(length);

    public override void Update(long start, Span<float> values, Span<float> gradient, in AdamWStep step)
        => AdamWUpdate.Apply(values, gradient, _first.Slice(start, values.Length), _second.Slice(start, values.Length), step);

    public override void Exchange(ICheckpointExchange checkpoint, string name)
    {
        checkpoint.Exchange($"{name}.first", _first);
        checkpoint.Exchange($"{name}.second", _second);
    }

    public override void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
