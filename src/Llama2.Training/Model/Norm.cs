using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A norm of the model: frozen, or trained, or both. If there are both, a pass without adapters uses the frozen weight.</summary>
internal sealed class Norm : IDisposable
{
    private readonly Matrix? _frozen;
    private readonly float _epsilon;
    private readonly float[] _scales;

    /// <param name="frozen">The frozen weight, one row; null if there is none. It is disposed with this object.</param>
    /// <param name="parameter">The trained weight; null if there is none. It is not disposed with this object.</param>
    /// <param name="epsilon">The number that is added to the mean square.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a batch.</param>
    public Norm(Matrix? frozen, Parameter? parameter, float epsilon, int tokenCapacity)
    {
        _frozen = frozen;
        Parameter = parameter;
        _epsilon = epsilon;
        _scales = new float[tokenCapacity];
    }

    /// <summary>The trained weight; null if the weight is frozen.</summary>
    public Parameter? Parameter { get; }

    public void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount)
        => RmsNormOperation.Forward(pass.Pool, input, Parameter is not null && (pass.UsesAdapters || _frozen is null) ? Parameter.Values : _frozen!, _epsilon, output, tokenCount);

    /// <summary>Computes the gradients of the input and of the weight, and adds them to the given matrices.</summary>
    public void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix inputGradient, int tokenCount)
        => RmsNormOperation.Backward(pass.Pool, input, Parameter?.Values ?? _frozen!, _epsilon, outputGradient, inputGradient, Parameter?.Gradient, _scales, tokenCount);

    public void Dispose() => _frozen?.Dispose();
}
