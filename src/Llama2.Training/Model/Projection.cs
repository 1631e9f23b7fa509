using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A linear layer of the model: <c>y = x · Wᵀ</c> for each token. What is trained of it, if anything, is behind this class.</summary>
internal abstract class Projection : IDisposable
{
    /// <summary>Columns of the input.</summary>
    public abstract int InputLength { get; }

    /// <summary>Columns of the output.</summary>
    public abstract int OutputLength { get; }

    /// <summary>What is trained.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Writes or adds the product.</summary>
    public abstract void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false);

    /// <summary>Adds to the gradients of what is trained, and writes or adds that of the input.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="input">What <see cref="Forward"/> read; no other forward pass of this layer came between.</param>
    /// <param name="outputGradient">The gradient of what <see cref="Forward"/> wrote.</param>
    /// <param name="inputGradient">Receives the input's gradient; null if nobody wants it.</param>
    /// <param name="tokenCount">Tokens.</param>
    /// <param name="accumulate">Add to the input's gradient.</param>
    public abstract void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false);

    public abstract void Dispose();
}
