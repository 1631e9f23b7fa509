namespace Llama2.Formats.Llama2C;

/// <summary>Where each tensor of a checkpoint lies: the layouts have no table, only an order (export.py of llama2.c).</summary>
internal sealed class Llama2CLayout
{
    // The order of each layout; of a kind that layers have, all layers follow one another.
    private static readonly Llama2CTensorKind[] s_legacyOrder =
    [
        Llama2CTensorKind.TokenEmbedding, Llama2CTensorKind.AttentionNorm, Llama2CTensorKind.Query, Llama2CTensorKind.Key, Llama2CTensorKind.Value,
        Llama2CTensorKind.AttentionOutput, Llama2CTensorKind.FeedForwardNorm, Llama2CTensorKind.Gate, Llama2CTensorKind.Down, Llama2CTensorKind.Up,
        Llama2CTensorKind.OutputNorm, Llama2CTensorKind.RopeFrequencies, Llama2CTensorKind.Output,
    ];

    private static readonly Llama2CTensorKind[] s_versionedOrder =
    [
        Llama2CTensorKind.AttentionNorm, Llama2CTensorKind.FeedForwardNorm, Llama2CTensorKind.OutputNorm, Llama2CTensorKind.TokenEmbedding,
        Llama2CTensorKind.Query, Llama2CTensorKind.Key, Llama2CTensorKind.Value, Llama2CTensorKind.AttentionOutput, Llama2CTensorKind.Gate,
        Llama2CTensorKind.Down, Llama2CTensorKind.Up, Llama2CTensorKind.Output,
    ];

    private readonly Llama2CHeader _header;

    /// <param name="header">Its figures are within their ranges, so no size here exceeds 2^55.</param>
    public Llama2CLayout(Llama2CHeader header)
    {
        _header = header;
        List<Llama2CTensor> tensors = [];
        long offset = header.ByteSize;
        foreach (Llama2CTensorKind kind in header.Version == 0 ? s_legacyOrder : s_versionedOrder)
        {
            if (kind == Llama2CTensorKind.Output && header.IsOutputShared)
                continue;
            (long rowLength, long rowCount) = Shape(kind);
            int groupLength = IsNorm(kind) ? 0 : header.GroupLength;
            for (int layer = 0; layer < (IsOfLayers(kind) ? header.LayerCount : 1); layer++)
            {
                var tensor = new Llama2CTensor(kind, layer, rowLength, rowCount, offset, groupLength);
                tensors.Add(tensor);
                offset += tensor.ByteSize;
            }
        }

        Tensors = tensors;
        ByteSize = offset;
    }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<Llama2CTensor> Tensors { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long ByteSize { get; }

    private static bool IsOfLayers(Llama2CTensorKind kind) =>
        kind is not (Llama2CTensorKind.TokenEmbedding or Llama2CTensorKind.OutputNorm or Llama2CTensorKind.RopeFrequencies or Llama2CTensorKind.Output);

    private static bool IsNorm(Llama2CTensorKind kind) =>
        kind is Llama2CTensorKind.AttentionNorm or Llama2CTensorKind.FeedForwardNorm or Llama2CTensorKind.OutputNorm;

    private (long RowLength, long RowCount) Shape(Llama2CTensorKind kind)
    {
        long width = _header.EmbeddingLength, hidden = _header.FeedForwardLength, head = width / _header.HeadCount;
        return kind switch
        {
            Llama2CTensorKind.TokenEmbedding or Llama2CTensorKind.Output => (width, _header.VocabularySize),
            Llama2CTensorKind.Query or Llama2CTensorKind.AttentionOutput => (width, width),
            Llama2CTensorKind.Key or Llama2CTensorKind.Value => (width, head * _header.KeyValueHeadCount),
            Llama2CTensorKind.Gate or Llama2CTensorKind.Up => (width, hidden),
            Llama2CTensorKind.Down => (hidden, width),
            // Cosines, then sines, of each position and pair.
            Llama2CTensorKind.RopeFrequencies => (head, _header.ContextLength),
            _ => (width, 1),
        };
    }
}
