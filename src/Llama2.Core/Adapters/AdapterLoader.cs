using System.Security.Cryptography;
using System.Text;
using Llama2.Architectures;
using Llama2.Memory;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Threading;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>Reads an adapter's tensors into the layouts that the kernels use, and assigns each pair to the model's matrix that it changes.</summary>
internal sealed class AdapterLoader(AdapterFile file, ModelConfiguration configuration, LlamaWeights model, KernelTier tier, CancellationToken cancellationToken)
{
    // A magnitude, and three sums for the norm of its row.
    private const int MagnitudeByteSize = sizeof(float) + 3 * sizeof(double);

    // Rows of single tokens are in memory twice while they are loaded.
    private const int CopiesOfRows = 2;

    /// <exception cref="ModelFormatException">
    /// A tensor has a wrong shape or a number that is not finite, or the model does not have a tensor that the adapter changes.
    /// </exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the weights.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; all memory is freed.</exception>
    public AdapterWeights Load()
    {
        RefuseNewTokens();
        foreach (BaseCopy copy in file.Copies)
        {
            copy.RequireUnchanged(BaseTensor.Find(model, configuration, copy.BaseName), configuration.HeadLength, cancellationToken);
        }

        long byteSize = file.Pairs.Sum(pair => pair.A.Description.ByteSize + pair.B.Description.ByteSize + (pair.Magnitudes is null ? 0 : pair.B.RowCount * MagnitudeByteSize))
            + file.ReplacementsOf(model.IsOutputTied).Sum(replacement => replacement.Tensor.RowCount * replacement.Tensor.RowLength * sizeof(float) * (replacement.Rows is null ? 1 : CopiesOfRows));
        MemoryBudget.Require(byteSize, $"the weights of the adapter '{file.Path}'", "Dispose adapters that are no longer used");
        var matrices = new Dictionary<WeightMatrix, MatrixChange>(ReferenceEqualityComparer.Instance);
        var norms = new Dictionary<float[], float[]>(ReferenceEqualityComparer.Instance);
        EmbeddingChange? embedding = null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            LoadPairs(matrices, ref embedding, hash);
            new ReplacementLoader(configuration, model, tier, hash, cancellationToken).Load(file.ReplacementsOf(model.IsOutputTied), matrices, norms, ref embedding);
            return new AdapterWeights(model, Convert.ToHexStringLower(hash.GetHashAndReset()), matrices, norms, embedding);
        }
        catch
        {
            embedding?.Dispose();
            foreach (MatrixChange matrix in matrices.Values)
            {
                matrix.Dispose();
            }

            throw;
        }
    }

    private void RefuseNewTokens()
    {
        if (file.TokenCount > configuration.VocabularySize)
        {
            throw new ModelFormatException(
                file.Path, null, "the number of tokens", Invariant($"{file.TokenCount:N0}"),
                Invariant($"the model has {configuration.VocabularySize:N0}, and its vocabulary cannot grow while it is loaded: write a model with the new tokens by merging the adapter ({nameof(AdapterMerger)}, llama2 adapter merge)"));
        }
    }

    private void LoadPairs(Dictionary<WeightMatrix, MatrixChange> matrices, ref EmbeddingChange? embedding, IncrementalHash hash)
    {
        Dictionary<string, WeightMatrix> bases = model.NamedMatrices().ToDictionary(pair => pair.Name, pair => pair.Matrix);
        foreach (AdapterPair pair in file.Pairs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(Encoding.UTF8.GetBytes(Invariant($"{pair.BaseName} {pair.A.RowCount} {pair.A.RowLength} {pair.B.RowCount} {pair.Scale:R}\0")));
            if (pair.BaseName == LlamaTensors.TokenEmbedding.Name())
            {
                pair.CheckShape(configuration.VocabularySize, configuration.EmbeddingLength, isEmbedding: true);
                embedding = LoadEmbedding(pair, hash);
            }
            else if (bases.TryGetValue(pair.BaseName, out WeightMatrix? matrix))
            {
                pair.CheckShape(matrix.RowCount, matrix.ColumnCount, isEmbedding: false);
                matrices.Add(matrix, LoadMatrix(pair, matrix, hash));
            }
            else
            {
                throw pair.IsOfNoTensor();
            }
        }
    }

    private MatrixChange LoadMatrix(AdapterPair pair, WeightMatrix weights, IncrementalHash hash)
    {
        WeightMatrix a = Fill(pair.A, pair.A.ReadRows(), hash);
        WeightMatrix? b = null;
        try
        {
            b = Fill(pair.B, pair.OrderRows(pair.B.ReadRows(), configuration.HeadLength), hash);
            var change = new LowRankMatrix(a, b, pair.Scale);
            return pair.Magnitudes is { } magnitudes ? Decompose(pair, magnitudes, weights, change, hash) : change;
        }
        catch
        {
            a.Dispose();
            b?.Dispose();
            throw;
        }
    }

    // The norms are computed on the calling thread, because the model's threads may be computing for generations.
    private DecomposedMatrix Decompose(AdapterPair pair, AdapterTensor tensor, WeightMatrix weights, LowRankMatrix change, IncrementalHash hash)
    {
        float[] magnitudes = pair.OrderRows(tensor.ReadNumbers(), configuration.HeadLength);
        hash.AppendData(pair.OrderRows(tensor.ReadRows(), configuration.HeadLength));
        using var caller = new WorkerPool(1);
        return new DecomposedMatrix(change, pair.Scale, pair.ComputeNorms(weights, configuration.HeadLength, caller), magnitudes);
    }

    private WeightMatrix Fill(AdapterTensor tensor, byte[] rows, IncrementalHash hash)
    {
        hash.AppendData(rows);
        WeightMatrix matrix = WeightMatrixFactory.Create(tensor.ReadType, (int)tensor.RowCount, (int)tensor.RowLength, tier);
        int panelByteSize = rows.Length / matrix.RowCount * WeightMatrix.PanelRowCount;
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            int start = panel * panelByteSize;
            if (!matrix.TryFill(panel, rows.AsSpan(start, Math.Min(panelByteSize, rows.Length - start))))
            {
                matrix.Dispose();
                throw tensor.NotFinite();
            }
        }

        return matrix;
    }

    private LowRankEmbedding LoadEmbedding(AdapterPair pair, IncrementalHash hash)
    {
        hash.AppendData(pair.A.ReadRows());
        hash.AppendData(pair.B.ReadRows());
        float[] a = pair.A.ReadNumbers(), b = pair.B.ReadNumbers();
        int rank = pair.Rank, width = configuration.EmbeddingLength, vocabulary = configuration.VocabularySize;
        var embedding = new LowRankEmbedding(vocabulary, rank, width, pair.Scale);
        for (int token = 0; token < vocabulary; token++)
        {
            for (int i = 0; i < rank; i++)
            {
                embedding.A(token)[i] = pair.IsTransposed ? a[i * vocabulary + token] : a[token * rank + i];
            }
        }

        for (int i = 0; i < rank; i++)
        {
            for (int column = 0; column < width; column++)
            {
                embedding.B(i)[column] = b[column * rank + i];
            }
        }

        return embedding;
    }
}
