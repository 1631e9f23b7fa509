using System.Numerics.Tensors;
using Llama2.Conversion;
using Llama2.Formats.Gguf;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>Writes parameters as float32 tensors of a GGUF file.</summary>
internal static class GgufParameters
{
    /// <summary>Writes all parameters, and completes the file.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="factorOf">The factor by which a parameter is multiplied; null if none is.</param>
    /// <param name="progress">Receives the number of written bytes.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the file is not completed.</exception>
    public static void Write(
        GgufWriter writer, IReadOnlyList<Parameter> parameters, Func<Parameter, float>? factorOf = null, IProgress<ByteProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        foreach (Parameter parameter in parameters)
        {
            writer.AddTensor(parameter.Name, GgmlType.F32, DimensionsOf(parameter));
        }

        var written = new ExportProgress(progress, parameters.Sum(parameter => parameter.Values.Length * sizeof(float)));
        foreach (Parameter parameter in parameters)
        {
            float factor = factorOf?.Invoke(parameter) ?? 1;
            using var scaled = new Matrix(1, parameter.Values.ColumnCount);
            for (int row = 0; row < parameter.Values.RowCount; row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = parameter.Values.RowBytes(row);
                if (factor != 1)
                {
                    TensorPrimitives.Multiply(parameter.Values[row], factor, scaled[0]);
                    bytes = scaled.RowBytes(0);
                }

                writer.Write(bytes);
                written.Add(bytes.Length);
            }

            writer.EndTensor();
        }

        writer.Complete();
    }

    /// <summary>
    /// The dimensions of a parameter's tensor. A vector has one dimension; a factor of an adapter has two dimensions, even if it has only one row.
    /// </summary>
    public static long[] DimensionsOf(Parameter parameter)
        => parameter.Values.RowCount == 1 && !parameter.IsFactor
            ? [parameter.Values.ColumnCount]
            : [parameter.Values.ColumnCount, parameter.Values.RowCount];
}
