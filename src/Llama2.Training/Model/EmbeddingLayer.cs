using Llama2.Model;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// The token embedding table: frozen and in the file's format, or trained, or both. If there are both, a pass without adapters uses the frozen table.
/// </summary>
internal sealed class EmbeddingLayer
{
    private readonly EmbeddingTable? _table;

    /// <param name="table">The frozen table; null if there is none. It is not disposed with this object.</param>
    /// <param name="parameter">The trained table; null if there is none. It is not disposed with this object.</param>
    public EmbeddingLayer(EmbeddingTable? table, Parameter? parameter)
    {
        _table = table;
        Parameter = parameter;
    }

    /// <summary>The trained table; null if the table is frozen.</summary>
    public Parameter? Parameter { get; }

    public void Forward(TrainingPass pass, TokenBatch batch, Matrix output)
    {
        if (Parameter is not null && (pass.UsesAdapters || _table is null))
        {
            EmbeddingOperation.Forward(pass.Pool, Parameter.Values, batch.Tokens, output, batch.Count);
        }
        else
        {
            EmbeddingOperation.Forward(pass.Pool, _table!, batch.Tokens, output, batch.Count);
        }
    }

    public void Backward(TrainingPass pass, TokenBatch batch, Matrix outputGradient)
    {
        if (Parameter is not null)
        {
            EmbeddingOperation.Backward(pass.Pool, batch.Tokens, outputGradient, Parameter.Gradient, batch.Count);
        }
    }
}
