using Llama2.Quantization;

namespace Llama2.Model;

/// <summary>Properties of each <see cref="ModelQuantization"/>.</summary>
internal static class ModelQuantizations
{
    /// <summary>Whether weights are stored as floating-point numbers instead of quantized blocks.</summary>
    public static bool IsUnquantized(this ModelQuantization quantization) => FloatFormats.All.Contains(quantization.BaseType());

    /// <summary>The format of the tensors for which a mix has no special rule.</summary>
    public static GgmlType BaseType(this ModelQuantization quantization)
    {
        string name = quantization.ToString();
        return Enum.Parse<GgmlType>(name[^2] == '_' && name[^1] is 'S' or 'M' or 'L' ? name[..^2] : name);
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public static void Require(ModelQuantization quantization, string parameterName)
    {
        if (!Enum.IsDefined(quantization))
        {
            throw new ArgumentOutOfRangeException(parameterName, quantization, $"The quantization is not one of {string.Join(", ", Enum.GetNames<ModelQuantization>())}.");
        }
    }
}
