namespace Llama2.Training;

/// <summary>How the learning rate changes after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>The rate falls along half a cosine wave towards its final fraction, which it would reach one step after the last step.</summary>
    Cosine,

    /// <summary>The rate falls along a straight line towards its final fraction, which it would reach one step after the last step.</summary>
    Linear,

    /// <summary>The rate stays constant.</summary>
    Constant,
}
