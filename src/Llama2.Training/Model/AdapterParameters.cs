using Llama2.Adapters;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The numbers of an existing adapter, from which training starts.</summary>
/// <param name="file">The adapter; it has been checked against the model.</param>
/// <param name="headLength">The length of the model's heads.</param>
internal sealed class AdapterParameters(AdapterFile file, int headLength) : IParameterSource
{
    private readonly Dictionary<string, AdapterPair> _pairs = file.Pairs.ToDictionary(pair => pair.BaseName, StringComparer.Ordinal);

    /// <summary>Whether the adapter has magnitudes for a tensor of the model.</summary>
    public bool HasMagnitudes(string baseName) => _pairs[baseName].Magnitudes is not null;

    /// <exception cref="ModelFormatException">A number is not finite.</exception>
    public void Fill(Parameter parameter)
    {
        int suffix = parameter.Name.LastIndexOf('.');
        AdapterPair pair = _pairs[parameter.Name[..suffix]];
        Copy(
            parameter.Name[suffix..] switch
            {
                LoraProjection.SuffixA => pair.A.ReadNumbers(),
                LoraProjection.SuffixB => pair.OrderRows(pair.B.ReadNumbers(), headLength),
                _ => pair.OrderRows(pair.Magnitudes!.ReadNumbers(), headLength),
            },
            parameter.Values);
    }

    /// <summary>Copies numbers to the rows of a matrix.</summary>
    public static void Copy(float[] numbers, Matrix matrix)
    {
        for (int row = 0; row < matrix.RowCount; row++)
        {
            numbers.AsSpan(row * matrix.ColumnCount, matrix.ColumnCount).CopyTo(matrix[row]);
        }
    }
}
