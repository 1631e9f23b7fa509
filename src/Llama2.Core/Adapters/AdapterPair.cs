using Llama2.Conversion;
using Llama2.Tensors;
using Llama2.Threading;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>The two tensors that change one tensor of a model by scale · B · A.</summary>
internal sealed record AdapterPair
{
    /// <summary>The maximum rank.</summary>
    public const int MaxRank = 1024;

    /// <exception cref="ModelFormatException">The two tensors do not match, or have more than two dimensions.</exception>
    public AdapterPair(string baseName, AdapterTensor a, AdapterTensor b)
    {
        BaseName = baseName;
        A = a;
        B = b;
        foreach (AdapterTensor tensor in (AdapterTensor[])[a, b])
        {
            if (tensor.Description.Dimensions.Count > 2)
            {
                throw tensor.Fault($"the shape of '{tensor.Name}'", Invariant($"{tensor.Description.Dimensions.Count} dimensions"), "the tensors of an adapter must be matrices");
            }
        }

        if (b.RowLength is 0 or > MaxRank)
        {
            throw b.Fault($"the rank of '{b.Name}'", Invariant($"{b.RowLength:N0}"), Invariant($"it must be 1 to {MaxRank:N0}"));
        }
    }

    /// <summary>The name in GGUF of the model's tensor that the pair changes.</summary>
    public string BaseName { get; }

    /// <summary>
    /// The first factor. Its shape is [rank, columns], except in the pair of the token embedding: there it is [vocabulary, rank], or [rank, vocabulary] if <see
    /// cref="IsTransposed"/> is true.
    /// </summary>
    public AdapterTensor A { get; }

    /// <summary>The second factor. Its shape is [rows, rank], or [embedding, rank] in the pair of the token embedding.</summary>
    public AdapterTensor B { get; }

    /// <summary>The magnitudes of the rows of the changed tensor, [rows], in an adapter with weight decomposition (DoRA); null in an ordinary one.</summary>
    public AdapterTensor? Magnitudes { get; init; }

    /// <summary>The factor by which B · A is multiplied: alpha / rank, or alpha / √rank for rank-stabilized LoRA; 1 if the file states no alpha.</summary>
    public required float Scale { get; init; }

    /// <summary>Whether the rows of B belong to queries or keys and are in Hugging Face's order.</summary>
    public bool HasHuggingFaceHeads { get; init; }

    /// <summary>Whether the pair changes the token embedding and stores A as [rank, vocabulary].</summary>
    public bool IsTransposed { get; init; }

    /// <summary>The rank: the number of rows of A and of columns of B.</summary>
    public int Rank => (int)B.RowLength;

    /// <summary>Checks the pair against the tensor that it changes.</summary>
    /// <param name="rowCount">The number of rows of that tensor.</param>
    /// <param name="columnCount">The number of columns of that tensor.</param>
    /// <param name="isEmbedding">Whether that tensor is the token embedding, whose pair has a different layout.</param>
    /// <exception cref="ModelFormatException">The shapes do not match.</exception>
    public void CheckShape(long rowCount, long columnCount, bool isEmbedding)
    {
        (long columns, long rows) =
            !isEmbedding ? (columnCount, Rank)
            : IsTransposed ? (rowCount, Rank)
            : ((long)Rank, rowCount);
        Check(A, columns, rows);
        Check(B, Rank, isEmbedding ? columnCount : rowCount);
        if (Magnitudes is { } magnitudes)
        {
            Check(magnitudes, rowCount, rows: 1);
        }
    }

    /// <summary>Returns the rows of B, or the magnitudes, in GGUF's order. The caller must have checked their number with <see cref="CheckShape"/>.</summary>
    /// <param name="rows">All rows, in any representation.</param>
    /// <param name="headLength">The width of a head of the model.</param>
    public T[] OrderRows<T>(T[] rows, int headLength)
    {
        if (!HasHuggingFaceHeads)
        {
            return rows;
        }

        var ordered = new T[rows.Length];
        int length = rows.Length / (int)B.RowCount;
        for (int row = 0; row < B.RowCount; row++)
        {
            Array.Copy(rows, HeadRows.ToHuggingFace(row, headLength) * length, ordered, row * length, length);
        }

        return ordered;
    }

    /// <summary>Computes the norms by which the magnitudes are divided. The caller must have checked the shapes with <see cref="CheckShape"/>.</summary>
    /// <param name="weights">The matrix that the pair changes.</param>
    /// <param name="headLength">The width of a head of the model.</param>
    /// <param name="pool">The threads that compute.</param>
    /// <exception cref="ModelFormatException">A number of the pair is not finite.</exception>
    public AdaptedRowNorms ComputeNorms(WeightMatrix weights, int headLength, WorkerPool pool)
    {
        using Activations a = Load(A.ReadNumbers(), Rank), b = Load(OrderRows(B.ReadNumbers(), headLength), weights.RowCount);
        var norms = new AdaptedRowNorms(weights.RowCount);
        norms.Compute(pool, weights, a, b, Rank);
        return norms;
    }

    /// <summary>Creates the exception for a model that does not have the tensor that the pair changes.</summary>
    public ModelFormatException IsOfNoTensor() =>
        A.Fault($"the model tensor that '{A.Name}' changes", $"'{BaseName}'", "the model has no such tensor, or adapters cannot change it: the adapter was made for another model");

    private static Activations Load(float[] numbers, int rowCount)
    {
        int length = numbers.Length / rowCount;
        var rows = new Activations(rowCount, length);
        for (int row = 0; row < rowCount; row++)
        {
            numbers.AsSpan(row * length, length).CopyTo(rows[row]);
        }

        return rows;
    }

    private static void Check(AdapterTensor tensor, long columns, long rows)
    {
        if (tensor.RowLength != columns || tensor.RowCount != rows)
        {
            throw tensor.Fault(
                $"the shape of '{tensor.Name}'", Invariant($"{tensor.RowLength:N0} × {tensor.RowCount:N0}"),
                Invariant($"it must be {columns:N0} × {rows:N0} to match the model's tensor and the other factor of the pair: the adapter was made for another model, or the two factors differ in rank"));
        }
    }
}
