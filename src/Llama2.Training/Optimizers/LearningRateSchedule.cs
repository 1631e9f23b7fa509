namespace Llama2.Training;

/// <summary>How the learning rate changes after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>Half a cosine wave, from the learning rate down to its final fraction at the last step.</summary>
    Cosine,

    /// <summary>A straight line to the final fraction at the last step.</summary>
    Linear,

    /// <summary>A constant rate.</summary>
    Constant,
}
