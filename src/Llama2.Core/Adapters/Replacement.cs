using Llama2.Conversion;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// A tensor in an adapter's file that replaces a whole tensor of the model, or some of its rows. PEFT stores such tensors for <c>modules_to_save</c>, for
/// <c>trainable_token_indices</c>, and for embeddings and output matrices with rows of new tokens.
/// </summary>
/// <param name="BaseName">The model's tensor, as GGUF names it.</param>
/// <param name="Tensor">The weights.</param>
/// <param name="HasHuggingFaceHeads">Whether the rows belong to queries or keys and are in Hugging Face's order.</param>
internal sealed record Replacement(string BaseName, AdapterTensor Tensor, bool HasHuggingFaceHeads = false)
{
    private readonly Dictionary<int, int>? _places;

    /// <summary>
    /// The indexes of the rows that are replaced (PEFT's <c>trainable_token_indices</c>), each once, in the order of the tensor's rows; null if all rows are replaced.
    /// </summary>
    public IReadOnlyList<int>? Rows
    {
        get;
        init
        {
            field = value;
            _places = value?.Index().ToDictionary(row => row.Item, row => row.Index);
        }
    }

    /// <summary>Another replacement of rows of the same tensor, which comes before this one; null if there is none.</summary>
    public Replacement? Above { get; init; }

    /// <summary>The number of rows that the model's tensor must have at least.</summary>
    public long MinRowCount => Rows is null ? Tensor.RowCount : Rows.Max() + 1L;

    /// <summary>Checks the shape against the tensor that is replaced.</summary>
    /// <param name="model">That tensor; null if the model does not have it.</param>
    /// <exception cref="ModelFormatException">The shapes do not match, or the model does not have the tensor.</exception>
    public void CheckShape(BaseTensor? model)
    {
        if (model is null || Tensor.RowLength != model.RowLength || (Rows is null ? Tensor.RowCount != model.RowCount : MinRowCount > model.RowCount))
        {
            throw Tensor.Fault(
                $"the shape of '{Tensor.Name}'", Invariant($"{Tensor.RowLength:N0} × {MinRowCount:N0}"),
                model is null ? $"the model has no tensor '{BaseName}'" : Invariant($"the model's '{BaseName}' has {model.RowLength:N0} × {model.RowCount:N0}: the adapter was made for another model, or for one with another vocabulary"));
        }
    }

    /// <summary>Whether a row of the model's tensor is replaced.</summary>
    public bool Has(long row) => _places?.ContainsKey((int)row) != false && Above?.Has(row) != true;

    /// <summary>Reads a row of the weights.</summary>
    /// <param name="row">The index of the row in GGUF's order, of a row that is replaced.</param>
    /// <param name="headLength">The width of a head of the model.</param>
    /// <param name="weights">Receives the weights of the row.</param>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
    public void ReadRow(long row, int headLength, float[] weights)
    {
        Tensor.ReadRow(_places is not null ? _places[(int)row] : HasHuggingFaceHeads ? HeadRows.ToHuggingFace(row, headLength) : row, weights);
        if (Array.Exists(weights, weight => !float.IsFinite(weight)))
        {
            throw Tensor.NotFinite();
        }
    }

    /// <summary>Reads the difference between a row and the model's row; see <see cref="Subtract"/>.</summary>
    /// <param name="row">The index of the row in GGUF's order.</param>
    /// <param name="headLength">The width of a head of the model.</param>
    /// <param name="own">The model's own weights.</param>
    /// <param name="type">The type in which the model stores them.</param>
    /// <param name="difference">Receives the difference.</param>
    /// <returns>Whether the rows differ.</returns>
    /// <exception cref="ModelFormatException">A weight is not finite.</exception>
    public bool ReadDifference(long row, int headLength, ReadOnlySpan<float> own, GgmlType type, float[] difference)
    {
        if (!Has(row))
        {
            Array.Clear(difference);
            return false;
        }

        ReadRow(row, headLength, difference);
        return Subtract(own, type, difference);
    }

    /// <summary>
    /// Subtracts the model's row from a row of the weights. The difference is 0 if the two rows are equal, or become equal when one of them is rounded to
    /// the type of the other, because the row was then not trained but copied in another type.
    /// </summary>
    /// <returns>Whether the rows differ.</returns>
    public bool Subtract(ReadOnlySpan<float> own, GgmlType type, Span<float> weights)
    {
        bool differs = !BaseTensor.AreSameRows(own, type, weights, Tensor.ReadType);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = differs ? weights[i] - own[i] : 0;
        }

        return differs;
    }
}
