using Llama2.Quantization;

namespace Llama2.Model;

/// <summary>Facts of each <see cref="ModelQuantization"/>.</summary>
internal static class ModelQuantizations
{
    /// <summary>Whether weights are written as numbers, and not as blocks.</summary>
    public static bool IsUnquantized(this ModelQuantization quantization) => FloatFormats.All.Contains(quantization.BaseType());

    /// <summary>The format of the tensors that a mix says nothing of.</summary>
    public static GgmlType BaseType(this ModelQuantization quantization)
    {
        string name = quantization.ToString();
        return Enum.Parse<GgmlType>(name[^2] == '_' && name[^1] is 'S' or 'M' or 'L' ? name[..^2] : name);
    }

    /// <exception cref="ArgumentOutOfRangeException">It is no member of the enumeration.</exception>
    public static void Require(ModelQuantization quantization, string parameterName)
    {
        if (!Enum.IsDefined(quantization))
        {
            throw new ArgumentOutOfRangeException(parameterName, quantization, $"The quantization is not one of {string.Join(", ", Enum.GetNames<ModelQuantization>())}.");
        }
    }
}
