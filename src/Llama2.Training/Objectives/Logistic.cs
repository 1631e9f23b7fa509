namespace Llama2.Training.Objectives;

/// <summary>The logistic function, without overflow.</summary>
internal static class Logistic
{
    /// <summary>σ(x) = 1 / (1 + exp(−x)).</summary>
    public static double Sigmoid(double value) => value >= 0 ? 1 / (1 + Math.Exp(-value)) : Math.Exp(value) / (1 + Math.Exp(value));

    /// <summary>ln(1 + exp(x)) = −ln σ(−x).</summary>
    public static double Softplus(double value) => value > 0 ? value + Math.Log(1 + Math.Exp(-value)) : Math.Log(1 + Math.Exp(value));
}
