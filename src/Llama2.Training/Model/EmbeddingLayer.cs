using Llama2.Model;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// The token embedding table: frozen and in the file's format, or trained, or both. If there are both, the trained table has all rows or some of them, and a pass
/// without adapters uses only the frozen one.
/// </summary>
internal sealed class EmbeddingLayer
{
    private const int None = -1;

    private readonly EmbeddingTable? _table;
    private readonly int[]? _places;

    /// <param name="table">The frozen table; null if there is none. It is not disposed with this object.</param>
    /// <param name="parameter">The trained table, or some of its rows (<see cref="Parameter.ReplacedRows"/>); null if there is none. It is not disposed with this object.</param>
    /// <param name="vocabularySize">The number of tokens.</param>
    public EmbeddingLayer(EmbeddingTable? table, Parameter? parameter, int vocabularySize)
    {
        _table = table;
        Parameter = parameter;
        if (parameter?.ReplacedRows is { } tokens)
        {
            _places = new int[vocabularySize];
            Array.Fill(_places, None);
            foreach ((int place, int token) in tokens.Index())
            {
                _places[token] = place;
            }
        }
    }

    /// <summary>The trained table or rows; null if the table is frozen.</summary>
    public Parameter? Parameter { get; }

    public void Forward(TrainingPass pass, TokenBatch batch, Matrix output)
    {
        bool isTrained = Parameter is not null && (pass.UsesAdapters || _table is null);
        if (!isTrained || _places is not null)
        {
            EmbeddingOperation.Forward(pass.Pool, _table!, batch.Tokens, output, batch.Count);
        }

        if (isTrained)
        {
            EmbeddingOperation.Forward(pass.Pool, Parameter!.Values, RowsOf(batch), output, batch.Count);
        }
    }

    public void Backward(TrainingPass pass, TokenBatch batch, Matrix outputGradient)
    {
        if (Parameter is not null)
        {
            EmbeddingOperation.Backward(pass.Pool, RowsOf(batch), outputGradient, Parameter.Gradient, batch.Count);
        }
    }

    // The row of the trained table for each token; negative if it has none.
    private int[] RowsOf(TokenBatch batch) => _places is null ? batch.Tokens : Array.ConvertAll(batch.Tokens, token => _places[token]);
}
