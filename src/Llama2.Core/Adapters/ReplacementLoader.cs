using System.Security.Cryptography;
using System.Text;
using Llama2.Architectures;
using Llama2.Model;
using Llama2.Tensors;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// Reads the tensors of an adapter that replace tensors of a model, as differences from the model's own weights: then an adapter can be used at any
/// strength, together with other adapters, and only for some of the sequences of a batch.
/// </summary>
/// <param name="configuration">The model's shape.</param>
/// <param name="model">The model's weights.</param>
/// <param name="tier">The kernels that multiply.</param>
/// <param name="hash">Receives what was read.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class ReplacementLoader(ModelConfiguration configuration, LlamaWeights model, KernelTier tier, IncrementalHash hash, CancellationToken cancellationToken)
{
    /// <summary>Reads the tensors. A tensor that is equal to the model's is skipped, because PEFT also stores modules that training did not change.</summary>
    /// <param name="replacements">The tensors.</param>
    /// <param name="matrices">The changes of matrices are added here; the caller disposes them, even after an exception.</param>
    /// <param name="norms">The weights that replace norms of the model are added here, under the model's own weights.</param>
    /// <param name="embedding">Receives the change of the embeddings, if there is one.</param>
    /// <exception cref="ModelFormatException">A tensor does not fit the model, or has a weight that is not finite.</exception>
    public void Load(IEnumerable<Replacement> replacements, Dictionary<WeightMatrix, MatrixChange> matrices, Dictionary<float[], float[]> norms, ref EmbeddingChange? embedding)
    {
        foreach (Replacement replacement in replacements)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Invariant($"{replacement.BaseName} {replacement.Tensor.RowCount} {replacement.Tensor.RowLength}\0")));
            BaseTensor? own = BaseTensor.Find(model, configuration, replacement.BaseName);
            replacement.CheckShape(own);
            if (replacement.BaseName == LlamaTensors.TokenEmbedding.Name())
            {
                embedding = LoadEmbedding(replacement, own!) ?? embedding;
            }
            else if (MatrixOf(replacement.BaseName) is { } matrix)
            {
                if (LoadMatrix(replacement, own!) is { } difference)
                {
                    matrices.Add(matrix, difference);
                }
            }
            else if (LoadNorm(replacement, own!) is { } norm)
            {
                norms.Add(model.NamedNorms().First(pair => pair.Name == replacement.BaseName).Weights, norm);
            }
        }
    }

    // An output matrix that is a copy of the embeddings has no tensor of its own, but an adapter may replace it.
    private WeightMatrix? MatrixOf(string name)
        => name == LlamaTensors.Output.Name() ? model.Output : model.NamedMatrices().FirstOrDefault(pair => pair.Name == name).Matrix;

    // Norms are small, so they are kept whole: at full strength they are then exactly those of the adapter.
    private float[]? LoadNorm(Replacement replacement, BaseTensor own)
    {
        float[] norm = new float[own.RowLength];
        replacement.ReadRow(0, configuration.HeadLength, norm);
        return Differences(replacement, own).Any(row => row.Difference.AsSpan().ContainsAnyExcept(0)) ? norm : null;
    }

    private MatrixChange? LoadMatrix(Replacement replacement, BaseTensor own) => replacement.Rows is null ? LoadWhole(replacement, own) : LoadRows(replacement, own);

    private MatrixRows? LoadRows(Replacement replacement, BaseTensor own)
    {
        (long Row, float[] Difference)[] rows = [.. Differences(replacement, own).Where(row => row.Difference.AsSpan().ContainsAnyExcept(0)).Select(row => (row.Row, (float[])row.Difference.Clone()))];
        if (rows.Length == 0)
        {
            return null;
        }

        WeightMatrix matrix = WeightMatrixFactory.Create(GgmlType.F32, rows.Length, (int)own.RowLength, tier);
        int rowByteSize = (int)own.RowLength * sizeof(float);
        byte[] panel = new byte[WeightMatrix.PanelRowCount * rowByteSize];
        for (int i = 0; i < rows.Length; i++)
        {
            int rowInPanel = i % WeightMatrix.PanelRowCount;
            Buffer.BlockCopy(rows[i].Difference, 0, panel, rowInPanel * rowByteSize, rowByteSize);
            if ((rowInPanel == WeightMatrix.PanelRowCount - 1 || i == rows.Length - 1) && !matrix.TryFill(i / WeightMatrix.PanelRowCount, panel.AsSpan(0, (rowInPanel + 1) * rowByteSize)))
            {
                matrix.Dispose();
                throw replacement.Tensor.NotFinite();
            }
        }

        return new MatrixRows(matrix, Array.ConvertAll(rows, row => (int)row.Row));
    }

    private MatrixDifference? LoadWhole(Replacement replacement, BaseTensor own)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(GgmlType.F32, (int)own.RowCount, (int)own.RowLength, tier);
        try
        {
            int rowByteSize = (int)own.RowLength * sizeof(float);
            byte[] panel = new byte[WeightMatrix.PanelRowCount * rowByteSize];
            bool differs = false;
            foreach ((long row, float[] difference) in Differences(replacement, own))
            {
                int rowInPanel = (int)(row % WeightMatrix.PanelRowCount);
                differs |= difference.AsSpan().ContainsAnyExcept(0);
                Buffer.BlockCopy(difference, 0, panel, rowInPanel * rowByteSize, rowByteSize);
                if ((rowInPanel == WeightMatrix.PanelRowCount - 1 || row == own.RowCount - 1)
                    && !matrix.TryFill((int)(row / WeightMatrix.PanelRowCount), panel.AsSpan(0, (rowInPanel + 1) * rowByteSize)))
                {
                    throw replacement.Tensor.NotFinite();
                }
            }

            if (differs)
            {
                return new MatrixDifference(matrix);
            }

            matrix.Dispose();
            return null;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    private EmbeddingChange? LoadEmbedding(Replacement replacement, BaseTensor own)
    {
        if (replacement.Rows is not null)
        {
            var rows = new EmbeddingRows();
            foreach ((long token, float[] difference) in Differences(replacement, own))
            {
                rows.Add((int)token, difference);
            }

            return rows;
        }

        var embedding = new EmbeddingDifference(configuration.VocabularySize, configuration.EmbeddingLength);
        try
        {
            bool differs = false;
            foreach ((long token, float[] difference) in Differences(replacement, own))
            {
                differs |= difference.AsSpan().ContainsAnyExcept(0);
                difference.CopyTo(embedding[(int)token]);
            }

            if (differs)
            {
                return embedding;
            }

            embedding.Dispose();
            return null;
        }
        catch
        {
            embedding.Dispose();
            throw;
        }
    }

    // The differences of all rows that are replaced from the model's; the array is the same for all rows.
    private IEnumerable<(long Row, float[] Difference)> Differences(Replacement replacement, BaseTensor own)
    {
        float[] weights = new float[own.RowLength], difference = new float[own.RowLength];
        byte[] bytes = new byte[own.RowLength * sizeof(float)];
        foreach (long row in replacement.Rows?.Order().Select(row => (long)row) ?? Enumerable.Range(0, (int)own.RowCount).Select(row => (long)row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            replacement.ReadRow(row, configuration.HeadLength, difference);
            Buffer.BlockCopy(difference, 0, bytes, 0, bytes.Length);
            hash.AppendData(replacement.Rows is null ? [] : BitConverter.GetBytes(row));
            hash.AppendData(bytes);
            own.ReadRow(row, weights);
            replacement.Subtract(weights, own.Type, difference);
            yield return (row, difference);
        }
    }
}
