using System.Diagnostics;
using System.Runtime.CompilerServices;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Tests.Threading;
using Llama2.Threading;
using Xunit.Abstractions;

namespace Llama2.Tests.Tensors;

/// <summary>
/// The portable tier is never slower than a simple loop over float32 weights, whatever the format: quantized weights cost no extra time even on
/// processors without a faster tier. Both use one thread.
/// </summary>
[Collection(nameof(Undisturbed))]
public class PortableSpeedTests(ITestOutputHelper output)
{
    private const int RowCount = 128;
    private const int ColumnCount = 1024;
    private const int TokenCount = 4;

    public static TheoryData<GgmlType> Types => RandomBlocks.Types;

    [OptimizedTheory]
    [MemberData(nameof(Types))]
    public void Multiply_PortableTier_IsAtLeastAsFastAsTheScalarTwin(GgmlType type)
    {
        byte[] rows = RandomBlocks.Make(type, RowCount, ColumnCount, new Random(1));
        float[] weights = new float[RowCount * ColumnCount], products = new float[TokenCount * RowCount];
        WeightFormats.Dequantize(type, rows, weights);
        using WeightMatrix matrix = Pack(type, rows);
        using var pool = new WorkerPool(1);
        using Activations input = RandomInput(), result = new(TokenCount, RowCount);
        foreach (int tokenCount in (int[])[1, TokenCount])
        {
            // The portable tier and the scalar loop are measured alternately, and the shortest time of each counts. Other programs may use the
            // machine, so the measurement is repeated until the claim holds or the time is up.
            TimeSpan portable = TimeSpan.MaxValue, scalar = TimeSpan.MaxValue;
            var total = Stopwatch.StartNew();
            for (int attempt = 0; attempt < 5 || (portable > scalar && total.Elapsed < TimeSpan.FromSeconds(1)); attempt++)
            {
                portable = Best(portable, () => MatrixProduct.Run(pool, input, tokenCount, new MatrixProduct(matrix, result)));
                scalar = Best(scalar, () => MultiplyScalar(weights, input, tokenCount, products));
            }

            output.WriteLine($"{type}, {tokenCount} tokens: {portable.TotalMicroseconds:N0} µs, {scalar.TotalMicroseconds:N0} µs in a plain loop, {scalar / portable:N2} times as fast");
            portable.Should().BeLessThanOrEqualTo(scalar, "{0} tokens of {1} are no slower than in a plain loop", tokenCount, type);
        }
    }

    private static TimeSpan Best(TimeSpan best, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyScalar(float[] weights, Activations input, int tokenCount, float[] products)
    {
        for (int token = 0; token < tokenCount; token++)
        {
            ReadOnlySpan<float> x = input[token];
            for (int row = 0; row < RowCount; row++)
            {
                ReadOnlySpan<float> w = weights.AsSpan(row * ColumnCount, x.Length);
                float sum = 0;
                for (int column = 0; column < x.Length; column++)
                {
                    sum += w[column] * x[column];
                }

                products[token * RowCount + row] = sum;
            }
        }
    }

    private static WeightMatrix Pack(GgmlType type, byte[] rows)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, RowCount, ColumnCount, KernelTier.Portable);
        int panelByteSize = rows.Length / matrix.PanelCount;
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            matrix.TryFill(panel, rows.AsSpan(panel * panelByteSize, panelByteSize)).Should().BeTrue();
        }

        return matrix;
    }

    private static Activations RandomInput()
    {
        var random = new Random(1);
        var input = new Activations(TokenCount, ColumnCount);
        for (int token = 0; token < TokenCount; token++)
        {
            foreach (ref float x in input[token])
            {
                x = 2 * random.NextSingle() - 1;
            }
        }

        return input;
    }
}
