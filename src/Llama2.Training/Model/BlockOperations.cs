using Llama2.Training.Operations;

namespace Llama2.Training.Model;

/// <summary>Objects that all blocks of a model share: operations that need memory of their own, and the buffers for the gradients of activations.</summary>
internal sealed record BlockOperations(RotaryOperation Rotary, CausalAttention Attention, BlockGradients Gradients) : IDisposable
{
    public void Dispose()
    {
        Rotary.Dispose();
        Attention.Dispose();
        Gradients.Dispose();
    }
}
