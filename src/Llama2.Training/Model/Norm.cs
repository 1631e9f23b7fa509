using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A norm of the model, frozen or trained.</summary>
internal sealed class Norm : IDisposable
{
    private readonly Matrix _weight;
    private readonly float _epsilon;
    private readonly float[] _scales;

    /// <param name="weight">The norm's weight, one row; it is disposed with this object.</param>
    /// <param name="parameter">The same weight as a parameter; null if it is frozen.</param>
    /// <param name="epsilon">The number that is added to the mean square.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a batch.</param>
    public Norm(Matrix weight, Parameter? parameter, float epsilon, int tokenCapacity)
    {
        _weight = weight;
        Parameter = parameter;
        _epsilon = epsilon;
        _scales = new float[tokenCapacity];
    }

    /// <summary>The trained weight; null if the weight is frozen.</summary>
    public Parameter? Parameter { get; }

    public void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount)
        => RmsNormOperation.Forward(pass.Pool, input, Parameter?.Values ?? _weight, _epsilon, output, tokenCount);

    /// <summary>Computes the gradients of the input and of the weight, and adds them to the given matrices.</summary>
    public void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix inputGradient, int tokenCount)
        => RmsNormOperation.Backward(pass.Pool, input, _weight, _epsilon, outputGradient, inputGradient, Parameter?.Gradient, _scales, tokenCount);

    public void Dispose() => _weight.Dispose();
}
