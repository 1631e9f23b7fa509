using Llama2.Architectures;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>
/// A tensor of a Llama model, with its name in Meta's checkpoints and its name in GGUF. The rows of query and key matrices have the same order in
/// Meta's files as in GGUF.
/// </summary>
/// <param name="Name">The name in Meta's checkpoints.</param>
/// <param name="GgufName">The name in GGUF.</param>
/// <param name="Split">How the shards divide the tensor.</param>
/// <param name="RowCount">The number of rows of the whole tensor; 0 for a vector.</param>
/// <param name="RowLength">The number of elements in a whole row.</param>
internal sealed record MetaTensor(string Name, string GgufName, TensorSplit Split, long RowCount, long RowLength)
{
    /// <summary>The number of dimensions: 1 or 2.</summary>
    public int DimensionCount => RowCount == 0 ? 1 : 2;

    /// <summary>All tensors of a model with these parameters.</summary>
    public static IEnumerable<MetaTensor> All(MetaParameters parameters, long vocabularySize)
    {
        ModelDimensions dimensions = parameters.DimensionsFor(vocabularySize);
        foreach ((TensorRole role, int layer) in MetaParameters.Architecture.Tensors.Enumerate(parameters.LayerCount))
        {
            if (role.NameIn(NameSpace.Meta, layer) is { } name)
                yield return new(name, role.Name(layer), role.Split, role.IsVector ? 0 : dimensions[role.Rows], dimensions[role.Columns]);
        }
    }
}
