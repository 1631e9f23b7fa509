using Llama2.Model;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The token embedding table: either frozen and in the file's format, or trained.</summary>
internal sealed class EmbeddingLayer
{
    private readonly EmbeddingTable? _table;

    /// <summary>Uses a frozen table, which is not disposed with this object.</summary>
    public EmbeddingLayer(EmbeddingTable table) => _table = table;

    /// <summary>Uses a trained table, which is not disposed with this object.</summary>
    public EmbeddingLayer(Parameter parameter) => Parameter = parameter;

    /// <summary>The trained table; null if the table is frozen.</summary>
    public Parameter? Parameter { get; }

    public void Forward(TrainingPass pass, TokenBatch batch, Matrix output)
    {
        if (Parameter is not null)
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
