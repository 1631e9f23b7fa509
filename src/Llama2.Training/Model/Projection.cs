using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// A linear layer of the model: <c>y = x · Wᵀ</c> for each token. A derived class determines whether the layer's weights are trained, adapted or
/// frozen.
/// </summary>
internal abstract class Projection : IDisposable
{
    /// <summary>The number of columns of the input.</summary>
    public abstract int InputLength { get; }

    /// <summary>The number of columns of the output.</summary>
    public abstract int OutputLength { get; }

    /// <summary>The trained parameters.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Computes the product, and writes it to the output or adds it to the output.</summary>
    public abstract void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false);

    /// <summary>Adds the gradients of trained weights to their parameters, and writes or adds the gradient of the input.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="input">The input of the last call of <see cref="Forward"/>.</param>
    /// <param name="outputGradient">The gradient of the output of <see cref="Forward"/>.</param>
    /// <param name="inputGradient">Receives the input's gradient; null if it is not needed.</param>
    /// <param name="tokenCount">The number of tokens.</param>
    /// <param name="accumulate">Whether to add to the input's gradient instead of replacing it.</param>
    public abstract void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false);

    public abstract void Dispose();
}
