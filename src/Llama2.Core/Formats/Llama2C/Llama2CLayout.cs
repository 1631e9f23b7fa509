using Llama2.Architectures;

namespace Llama2.Formats.Llama2C;

/// <summary>
/// The position of each tensor of a checkpoint. It is computed, because the layouts have no table, only a fixed order of the tensors (export.py of
/// llama2.c).
/// </summary>
internal sealed class Llama2CLayout
{
    // The order of the tensors in each layout. A role that occurs in every layer stands for the consecutive tensors of all layers. Null stands for
    // the cosines of the rotary embedding (one for each position and pair of dimensions), followed by the sines.
    private static readonly TensorRole?[] s_legacyOrder =
    [
        LlamaTensors.TokenEmbedding, LlamaTensors.AttentionNorm, LlamaTensors.Query, LlamaTensors.Key, LlamaTensors.Value, LlamaTensors.AttentionOutput,
        LlamaTensors.FeedForwardNorm, LlamaTensors.Gate, LlamaTensors.Down, LlamaTensors.Up, LlamaTensors.OutputNorm, null, LlamaTensors.Output,
    ];

    private static readonly TensorRole?[] s_versionedOrder =
    [
        LlamaTensors.AttentionNorm, LlamaTensors.FeedForwardNorm, LlamaTensors.OutputNorm, LlamaTensors.TokenEmbedding, LlamaTensors.Query, LlamaTensors.Key,
        LlamaTensors.Value, LlamaTensors.AttentionOutput, LlamaTensors.Gate, LlamaTensors.Down, LlamaTensors.Up, LlamaTensors.Output,
    ];

    /// <param name="header">A header whose numbers are within their ranges, so that no size here exceeds 2^55.</param>
    public Llama2CLayout(Llama2CHeader header)
    {
        ModelDimensions dimensions = header.Dimensions;
        List<Llama2CTensor> tensors = [];
        long offset = header.ByteSize;
        foreach (TensorRole? role in header.Version == 0 ? s_legacyOrder : s_versionedOrder)
        {
            if (role == LlamaTensors.Output && header.IsOutputShared)
                continue;
            (long rowLength, long rowCount) = role is null ? (dimensions.HeadLength, header.ContextLength) : (dimensions[role.Columns], dimensions[role.Rows]);
            int groupLength = role is null or { IsVector: false } ? header.GroupLength : 0;
            for (int layer = 0; layer < (role is { IsOfLayer: true } ? header.LayerCount : 1); layer++)
            {
                var tensor = new Llama2CTensor(role, layer, rowLength, rowCount, offset, groupLength);
                tensors.Add(tensor);
                offset += tensor.ByteSize;
            }
        }

        Tensors = tensors;
        ByteSize = offset;
    }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<Llama2CTensor> Tensors { get; }

    /// <summary>The size of the whole file in bytes.</summary>
    public long ByteSize { get; }
}
