using Llama2.Model;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The token embedding table: frozen, in the file's format, or trained.</summary>
internal sealed class EmbeddingLayer
{
    private readonly EmbeddingTable? _table;

    /// <summary>Uses a frozen table, which is not disposed here.</summary>
    public EmbeddingLayer(EmbeddingTable table) => _table = table;

    /// <summary>Uses a trained table, which is not disposed here.</summary>
    public EmbeddingLayer(Parameter parameter) => Parameter = parameter;

    /// <summary>The trained parameter, or null.</summary>
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
