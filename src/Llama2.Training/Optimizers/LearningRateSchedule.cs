namespace Llama2.Training;

/// <summary>How the learning rate changes after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>Half a cosine wave, from the learning rate down towards its final fraction, which it would reach one step after the last.</summary>
    Cosine,

    /// <summary>A straight line towards the final fraction, which it would reach one step after the last.</summary>
    Linear,

    /// <summary>A constant rate.</summary>
    Constant,
}
