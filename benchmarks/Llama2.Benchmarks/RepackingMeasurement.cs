using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Benchmarks;

/// <summary>Measures how fast one thread repacks rows into panels, in bytes of the file, from and to memory of the processor's cache.</summary>
internal static class RepackingMeasurement
{
    private const int ColumnCount = 4096, RowCount = 512;

    public static void Run(string[] formats)
    {
        GgmlType[] types = formats.Length == 0 ? [.. WeightFormats.Supported] : [.. formats.Select(Enum.Parse<GgmlType>)];
        foreach (GgmlType type in types)
        {
            byte[] rows = new byte[RowCount * GgmlTypes.RowByteSize(type, ColumnCount)];
            RandomWeights.Fill(type, 0.02f, isNorm: false, rows, new Random(1));
            int panelByteSize = rows.Length / RowCount * WeightMatrix.PanelRowCount;
            using WeightMatrix matrix = WeightMatrixFactory.Create(type, RowCount, ColumnCount, WeightMatrixFactory.BestTier);
            double seconds = Stopwatches.Best(() =>
            {
                for (int panel = 0; panel < matrix.PanelCount; panel++)
                    matrix.TryFill(panel, rows.AsSpan(panel * panelByteSize, panelByteSize));
            });
            Console.WriteLine(FormattableString.Invariant($"{type,-8} {rows.Length / seconds / 1e9,6:F2} GB/s"));
        }
    }
}
