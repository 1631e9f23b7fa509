namespace Llama2.Training;

/// <summary>The options for the search for a learning rate. Immutable; values are checked when they are set.</summary>
public sealed record LearningRateSearchOptions
{
    /// <summary>The learning rate of the first step, above 0; 1e-6 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MinLearningRate { get; init => field = Checked(value, nameof(MinLearningRate)); } = 1e-6;

    /// <summary>The learning rate of the last step, above <see cref="MinLearningRate"/>; 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxLearningRate { get; init => field = Checked(value, nameof(MaxLearningRate)); } = 1;

    /// <summary>The number of steps, 10 to 10,000; 100 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int StepCount
    {
        get;
        init => field = value is >= 10 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(StepCount), value, "The number of steps must be 10 to 10,000.");
    } = 100;

    private static double Checked(double value, string name)
        => double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number above 0.");
}
