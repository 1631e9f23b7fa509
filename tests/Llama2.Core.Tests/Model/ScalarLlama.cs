using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Quantization;

namespace Llama2.Tests.Model;

/// <summary>
/// The scalar reference implementation of <see cref="LlamaTransformer"/>: one number at a time, in float64, with the dequantized weights of a file.
/// It does not support scaled rotary embeddings.
/// </summary>
internal sealed class ScalarLlama(GgufFile file)
{
    private readonly ModelConfiguration _configuration = ConfigurationReader.Read(file);

    /// <summary>[tokens][embedding]: the residual stream after the final norm.</summary>
    public double[][] HiddenStates(int[] tokens)
    {
        double[][] embeddings = Matrix(LlamaTensors.TokenEmbedding.Name());
        double[][] residual = [.. tokens.Select(token => embeddings[token].ToArray())];
        for (int layer = 0; layer < _configuration.LayerCount; layer++)
        {
            Add(residual, Multiply(Matrix(LlamaTensors.AttentionOutput.Name(layer)), Attend(Normalize(residual, LlamaTensors.AttentionNorm.Name(layer)), layer)));
            Add(residual, FeedForward(Normalize(residual, LlamaTensors.FeedForwardNorm.Name(layer)), layer));
        }

        return Normalize(residual, LlamaTensors.OutputNorm.Name());
    }

    private double[][] Attend(double[][] input, int layer)
    {
        double[][] queries = Rotate(Multiply(Matrix(LlamaTensors.Query.Name(layer)), input));
        double[][] keys = Rotate(Multiply(Matrix(LlamaTensors.Key.Name(layer)), input));
        double[][] values = Multiply(Matrix(LlamaTensors.Value.Name(layer)), input);
        int length = _configuration.HeadLength, queriesOfKey = _configuration.HeadCount / _configuration.KeyValueHeadCount;
        return
        [
            .. queries.Select((query, position) =>
            {
                double[] attended = new double[query.Length];
                for (int head = 0; head < _configuration.HeadCount; head++)
                {
                    int start = head * length, keyStart = head / queriesOfKey * length;
                    double[] weights =
                    [
                        .. Enumerable.Range(0, position + 1).Select(
                            past => Math.Exp(Enumerable.Range(0, length).Sum(i => query[start + i] * keys[past][keyStart + i]) / Math.Sqrt(length))),
                    ];
                    for (int i = 0; i < length; i++)
                    {
                        attended[start + i] = weights.Select((weight, past) => weight * values[past][keyStart + i]).Sum() / weights.Sum();
                    }
                }

                return attended;
            }),
        ];
    }

    private double[][] FeedForward(double[][] input, int layer)
    {
        double[][] up = Multiply(Matrix(LlamaTensors.Up.Name(layer)), input);
        double[][] hidden = [.. Multiply(Matrix(LlamaTensors.Gate.Name(layer)), input).Select((row, token) => row.Select((gate, i) => gate / (1 + Math.Exp(-gate)) * up[token][i]).ToArray())];
        return Multiply(Matrix(LlamaTensors.Down.Name(layer)), hidden);
    }

    private double[][] Rotate(double[][] rows) =>
    [
        .. rows.Select((row, position) => row.Select((_, i) =>
        {
            int pair = i % _configuration.HeadLength / 2, first = i / 2 * 2;
            double angle = position * Math.Pow(_configuration.RopeTheta, -2.0 * pair / _configuration.HeadLength);
            return i == first
                ? row[first] * Math.Cos(angle) - row[first + 1] * Math.Sin(angle)
                : row[first] * Math.Sin(angle) + row[first + 1] * Math.Cos(angle);
        }).ToArray()),
    ];

    private double[][] Normalize(double[][] rows, string name)
    {
        double[] weight = Matrix(name)[0];
        return
        [
            .. rows.Select(row =>
            {
                double scale = 1 / Math.Sqrt(row.Sum(x => x * x) / row.Length + _configuration.RmsNormEpsilon);
                return row.Select((x, i) => x * scale * weight[i]).ToArray();
            }),
        ];
    }

    private static double[][] Multiply(double[][] matrix, double[][] rows) =>
        [.. rows.Select(row => matrix.Select(weights => weights.Zip(row, (weight, x) => weight * x).Sum()).ToArray())];

    private static void Add(double[][] rows, double[][] others)
    {
        for (int token = 0; token < rows.Length; token++)
        {
            rows[token] = [.. rows[token].Zip(others[token], (x, y) => x + y)];
        }
    }

    private double[][] Matrix(string name)
    {
        file.TryGetTensor(name, out TensorDescription? tensor).Should().BeTrue();
        byte[] bytes = new byte[tensor!.ByteSize];
        file.Read(tensor, 0, bytes);
        float[] weights = new float[tensor.RowLength * tensor.RowCount];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        return [.. weights.Chunk((int)tensor.RowLength).Select(row => Array.ConvertAll(row, weight => (double)weight))];
    }
}
