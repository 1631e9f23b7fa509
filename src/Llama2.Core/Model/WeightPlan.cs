using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// The embedding table and the matrices of a model in the order in which they are in memory and in a panel file: the table, the matrices of each
/// layer, the output matrix. Computed from the table of the file's tensors. Immutable.
/// </summary>
internal sealed class WeightPlan
{
    private readonly KernelTier _tier;
    private readonly TensorDescription _embedding;

    /// <exception cref="ModelFormatException">A tensor is missing, of a wrong shape, or of an unsupported type.</exception>
    public WeightPlan(IModelFile file, ModelConfiguration configuration, KernelTier tier)
    {
        new TensorShapes(configuration).Require(file);
        _tier = tier;
        _embedding = Find(file, LlamaTensors.TokenEmbedding.Name());
        IsOutputTied = !file.TryGetTensor(LlamaTensors.Output.Name(), out TensorDescription? output);
        ModelDimensions dimensions = configuration.Dimensions;
        Matrices =
        [
            .. from layer in Enumerable.Range(0, configuration.LayerCount)
               from role in configuration.Family.Tensors.OfLayer
               where !role.IsVector
               select new PlannedMatrix(role.Name(layer), Find(file, role.Name(layer)), (int)dimensions[role.Rows], (int)dimensions[role.Columns]),
            new PlannedMatrix(LlamaTensors.Output.Name(), output ?? _embedding, configuration.VocabularySize, configuration.EmbeddingLength),
        ];
    }

    /// <summary>Whether the output matrix is made from the token embedding, because the file has no tensor for it.</summary>
    public bool IsOutputTied { get; }

    /// <summary>The tensor of the embedding table.</summary>
    public TensorDescription Embedding => _embedding;

    /// <summary>The matrices; the output matrix is the last one.</summary>
    public IReadOnlyList<PlannedMatrix> Matrices { get; }

    /// <summary>The size in bytes of the embedding table, and of each part of each matrix, in their order.</summary>
    public IReadOnlyList<long> PartByteSizes()
    {
        List<long> sizes = [];
        CreateTable(Measure);
        foreach (PlannedMatrix matrix in Matrices)
        {
            Create(matrix, Measure);
        }

        return sizes;

        WeightBytes Measure(long byteSize)
        {
            sizes.Add(byteSize);
            return WeightBytes.WithoutMemory(byteSize);
        }
    }

    /// <summary>Creates the empty embedding table.</summary>
    public EmbeddingTable CreateTable(Func<long, WeightBytes> place) => new(_embedding.Type, (int)_embedding.RowCount, (int)_embedding.RowLength, place);

    /// <summary>Creates an empty matrix.</summary>
    public WeightMatrix Create(PlannedMatrix matrix, Func<long, WeightBytes> place)
        => WeightMatrixFactory.Create(matrix.Tensor.Type, matrix.RowCount, matrix.ColumnCount, _tier, place);

    /// <summary>Creates an empty matrix of a single panel, in separate memory.</summary>
    public WeightMatrix CreatePanel(PlannedMatrix matrix, int rowCount) => WeightMatrixFactory.Create(matrix.Tensor.Type, rowCount, matrix.ColumnCount, _tier);

    private static TensorDescription Find(IModelFile file, string name)
        => file.TryGetTensor(name, out TensorDescription? tensor) ? tensor : throw new InvalidOperationException($"Tensor '{name}' passed the check of shapes, but is not in the file.");
}
