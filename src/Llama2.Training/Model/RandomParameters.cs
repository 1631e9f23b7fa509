using Llama2.Architectures;
using Llama2.Sampling;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// Random initial weights. They are normally distributed with the standard deviation √(2 / (5 · width)), so that the initial logits have the same
/// magnitude at any width (Nguyen and Salazar 2019, arXiv 1910.05895). Weights of layers that write to the residual stream are divided by √(2 ·
/// layers) (Radford et al. 2019, GPT-2). The weights of norms are 1.
/// </summary>
internal sealed class RandomParameters(ModelConfiguration shape, ulong seed, CancellationToken cancellationToken) : IParameterSource
{
    private readonly RandomSource _random = new(seed);

    public void Fill(Parameter parameter)
    {
        bool writesToResidual = shape.Family.Tensors.Find(NameSpace.Gguf, parameter.Name) is ({ WritesToResidual: true }, _);
        double deviation = Math.Sqrt(2.0 / (5 * shape.EmbeddingLength)) / (writesToResidual ? Math.Sqrt(2 * shape.LayerCount) : 1);
        for (int row = 0; row < parameter.Values.RowCount; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (ref float value in parameter.Values[row])
            {
                value = parameter.Values.RowCount == 1 ? 1 : (float)(deviation * NextNormal());
            }
        }
    }

    // Draws a normally distributed number by the Box–Muller transform (1958).
    private double NextNormal()
        => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
